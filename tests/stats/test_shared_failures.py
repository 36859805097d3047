"""The chance of failing together is that of an unrelated item with the same difficulty."""

from itertools import combinations
from math import comb, prod
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import StatisticsError
from roadworthy.stats.shared_failures import MOST_MOMENTS, chance_of_sharing

RATES = st.lists(st.floats(0.02, 0.98), min_size=1, max_size=8)


def _by_counting(rates: list[float], failures: set[int], size: int) -> float:
    """Every set of `size` moments, weighted by the product of its odds."""
    weights = {
        places: prod(rates[place] / (1 - rates[place]) for place in places)
        for places in combinations(range(len(rates)), size)
    }
    held = sum(weight for places, weight in weights.items() if failures <= set(places))
    return held / sum(weights.values())


@given(rates=RATES, seed=st.integers(0, 999))
def test_the_chance_is_the_share_of_all_patterns_with_as_many_failures(
    rates: list[float], seed: int
) -> None:
    rng = Random(seed)
    size = rng.randint(0, len(rates))
    failures = set(rng.sample(range(len(rates)), rng.randint(0, size)))

    chance = chance_of_sharing(rates, failures, size=size)

    assert chance == pytest.approx(_by_counting(rates, failures, size), rel=1e-9)


def test_at_moments_alike_it_is_one_over_the_number_of_patterns() -> None:
    chance = chance_of_sharing([0.3] * 10, {1, 4, 7}, size=3)

    assert chance == pytest.approx(1 / comb(10, 3))


def test_failing_where_everything_fails_is_no_surprise() -> None:
    rates = [0.05] * 9 + [0.95]

    assert chance_of_sharing(rates, {9}, size=1) > 0.9
    assert chance_of_sharing(rates, {0}, size=1) < 0.01


@given(scale=st.floats(0.1, 10), rates=RATES.filter(lambda rates: len(rates) > 1))
def test_only_the_odds_of_moments_to_one_another_count(scale: float, rates: list[float]) -> None:
    odds = [scale * rate / (1 - rate) for rate in rates]
    scaled = [one / (1 + one) for one in odds]

    assert chance_of_sharing(scaled, {0}, size=1) == pytest.approx(
        chance_of_sharing(rates, {0}, size=1), rel=1e-6
    )


def test_the_most_moments_leave_a_number_above_nothing() -> None:
    rates = [0.01] * MOST_MOMENTS

    chance = chance_of_sharing(rates, range(32), size=32)

    assert 0 < chance < 1e-15


@pytest.mark.parametrize(
    ("rates", "failures", "size"),
    [
        ([], set(), 0),
        ([0.0, 0.5], {0}, 1),
        ([0.5, 1.0], {0}, 1),
        ([0.5], {1}, 1),
        ([0.5, 0.5], {0, 1}, 1),
        ([0.5], set(), 2),
        ([0.5] * (MOST_MOMENTS + 1), set(), 1),
    ],
)
def test_what_makes_no_sense_is_refused(rates: list[float], failures: set[int], size: int) -> None:
    with pytest.raises(StatisticsError):
        chance_of_sharing(rates, failures, size=size)
