"""Spread and drop over conditions: known values, bounds, and coverage by simulation."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import ShapeMismatch, TooFewSamples
from roadworthy.stats.intervals import clopper_pearson
from roadworthy.stats.spread import drop_from_first, spread_of_rates

COUNTS = st.lists(
    st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=8,
)
WORLDS = [
    (0.95, 0.9, 0.8),
    (0.9, 0.9, 0.9, 0.9),
    (0.99, 0.95, 0.95, 0.95, 0.95, 0.95),
    (0.8, 0.5, 0.7, 0.2, 0.6),
    (1.0, 0.7, 1.0, 1.0),
    (0.5, 0.5),
]
"""True rates of a parent and its variants."""


def test_spread_and_deviation_of_three_rates() -> None:
    spread = spread_of_rates([10, 5, 0], [10, 10, 10], 0.95)

    assert spread.value == 1.0
    assert spread.deviation == pytest.approx((2 * 0.25 / 3) ** 0.5)
    each = clopper_pearson(10, 10, 1 - 0.05 / 3)
    assert spread.interval.low == pytest.approx(each.low - (1 - each.low))
    assert spread.interval.high == 1.0


def test_the_drop_is_the_first_rate_less_the_mean_of_the_others() -> None:
    value, interval = drop_from_first([9, 6, 3], [10, 10, 10], 0.95)

    assert value == pytest.approx(0.9 - 0.45)
    assert 0 < interval.low < value < interval.high


@given(counts=COUNTS)
def test_intervals_hold_what_was_seen_and_stay_on_the_scale(counts: list[tuple[int, int]]) -> None:
    won, sizes = [one[0] for one in counts], [one[1] for one in counts]
    spread = spread_of_rates(won, sizes, 0.95)
    value, drop = drop_from_first(won, sizes, 0.95)

    assert 0 <= spread.interval.low <= spread.value + 1e-9
    assert spread.value <= spread.interval.high + 1e-9 <= 1 + 1e-8
    assert spread.deviation <= spread.value / 2 + 1e-9
    assert -1 <= drop.low <= value + 1e-9
    assert value <= drop.high + 1e-9 <= 1 + 1e-8


@pytest.mark.parametrize("rates", WORLDS, ids=str)
@pytest.mark.parametrize("trials", [5, 30])
def test_both_intervals_cover_what_is_true(rates: tuple[float, ...], trials: int) -> None:
    """2,000 runs: 0.95 within three standard errors for the drop, above it for the spread."""
    rng, runs = Random(7), 2000
    drop = rates[0] - sum(rates[1:]) / (len(rates) - 1)
    spread = max(rates) - min(rates)
    sizes = [trials] * len(rates)
    dropped = spreading = 0
    for _ in range(runs):
        won = [sum(rng.random() < rate for _ in range(trials)) for rate in rates]
        low, high = drop_from_first(won, sizes, 0.95)[1]
        dropped += low - 1e-9 <= drop <= high + 1e-9
        low, high = spread_of_rates(won, sizes, 0.95).interval
        spreading += low - 1e-9 <= spread <= high + 1e-9

    assert dropped / runs >= 0.95 - 3 * (0.05 * 0.95 / runs) ** 0.5
    assert spreading / runs >= 0.95


def test_one_condition_alone_has_no_spread() -> None:
    with pytest.raises(TooFewSamples):
        spread_of_rates([1], [1], 0.95)
    with pytest.raises(TooFewSamples):
        drop_from_first([1], [1], 0.95)


def test_a_condition_without_a_trial_is_refused() -> None:
    with pytest.raises(TooFewSamples):
        spread_of_rates([1, 0], [1, 0], 0.95)


def test_series_of_two_lengths_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        drop_from_first([1, 1], [1], 0.95)
