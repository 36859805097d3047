"""Kappa and its kin, against published numbers and a formula written out by hand."""

from collections.abc import Sequence
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import ShapeMismatch, StatisticsError, TooFewSamples
from roadworthy.stats.agreement import (
    Weights,
    bootstrap_kappa,
    cohens_kappa,
    gwets_ac1,
    percent_agreement,
)

LEVEL = 0.95
RATINGS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40)
ORDER = (0, 1, 2, 3)
WEIGHTS: tuple[Weights, ...] = ("none", "linear", "quadratic")


def columns(table: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """Ratings that give this table of first by second category."""
    pairs = [
        (row, column)
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
        for _ in range(count)
    ]
    return [one for one, _ in pairs], [other for _, other in pairs]


def by_hand(first: Sequence[int], second: Sequence[int], weights: Weights) -> float:
    """1 less observed over expected disagreement, each summed over pairs of items."""
    power = {"none": 0, "linear": 1, "quadratic": 2}[weights]

    def apart(one: int, other: int) -> float:
        return 0.0 if one == other else float(abs(one - other) ** power)

    seen = sum(map(apart, first, second)) / len(first)
    chance = sum(apart(one, other) for one, other in product(first, second)) / len(first) ** 2
    return 1 - seen / chance


FLEISS = ((106, 10, 4), (22, 28, 10), (2, 12, 6))
"""200 cases by two raters: the example of Fleiss, Cohen and Everitt (1969)."""


def test_the_example_of_fleiss_cohen_and_everitt_gives_their_numbers() -> None:
    kappa = cohens_kappa(*columns(FLEISS), level=LEVEL)

    assert kappa.value == pytest.approx(0.429, abs=5e-4)
    assert kappa.se is not None
    assert kappa.se**2 == pytest.approx(0.002885, abs=5e-7)


def test_the_textbook_diagnoses_give_the_textbook_kappa() -> None:
    """Fleiss (1981): psychotic, neurotic, organic."""
    first, second = columns(((75, 1, 4), (5, 4, 1), (0, 0, 10)))

    assert cohens_kappa(first, second, level=LEVEL).value == pytest.approx(0.676, abs=5e-4)


def test_two_categories_give_the_textbook_kappa() -> None:
    """50 applications: 20 both yes, 15 both no, 5 and 10 split: 0.7 seen, 0.5 by chance."""
    first, second = columns(((20, 5), (10, 15)))

    kappa = cohens_kappa(first, second, level=LEVEL)

    assert kappa.value == pytest.approx(0.4)
    assert percent_agreement(first, second, level=LEVEL).value == pytest.approx(0.7)


def test_the_standard_error_is_the_slope_of_kappa_over_the_table() -> None:
    """The delta method with numeric derivatives, independent of the published algebra."""
    first, second = columns(FLEISS)
    kappa = cohens_kappa(first, second, level=LEVEL)
    n, step = 200, 1e-6

    def value(shares: list[list[float]]) -> float:
        total = sum(map(sum, shares))
        seen = sum(shares[k][k] for k in range(3)) / total
        chance = sum(sum(shares[k]) * sum(row[k] for row in shares) for k in range(3)) / total**2
        return (seen - chance) / (1 - chance)

    shares = [[count / n for count in row] for row in FLEISS]
    slopes = []
    for row, column in product(range(3), range(3)):
        moved = [list(line) for line in shares]
        moved[row][column] += step
        slopes.append(((value(moved) - value(shares)) / step, shares[row][column]))
    mean = sum(slope * share for slope, share in slopes)
    variance = sum(share * (slope - mean) ** 2 for slope, share in slopes) / n

    assert kappa.se == pytest.approx(variance**0.5, rel=1e-4)


@pytest.mark.parametrize("weights", WEIGHTS)
@given(ratings=RATINGS)
def test_kappa_is_one_less_the_disagreement_over_that_of_chance(
    weights: Weights, ratings: list[tuple[int, int]]
) -> None:
    first, second = [one for one, _ in ratings], [other for _, other in ratings]
    if len({*first, *second}) == 1:
        with pytest.raises(TooFewSamples, match="one category throughout"):
            cohens_kappa(first, second, level=LEVEL, weights=weights, order=ORDER)
        return

    kappa = cohens_kappa(first, second, level=LEVEL, weights=weights, order=ORDER)

    assert kappa.value == pytest.approx(by_hand(first, second, weights), abs=1e-9)
    assert -1 <= kappa.interval.low <= kappa.value <= kappa.interval.high <= 1
    assert kappa.interval.low < kappa.interval.high


@given(ratings=RATINGS, seed=st.integers(0, 9))
def test_names_of_categories_order_of_items_and_sides_do_not_matter(
    ratings: list[tuple[int, int]], seed: int
) -> None:
    first, second = [one for one, _ in ratings], [other for _, other in ratings]
    if len({*first, *second}) == 1:
        return
    shuffled = Random(seed).sample(ratings, len(ratings))
    names = {0: "tie", 1: None, 2: ("x", 1), 3: 0}

    kappa = cohens_kappa(first, second, level=LEVEL)
    other = cohens_kappa(
        [names[one] for _, one in shuffled], [names[one] for one, _ in shuffled], level=LEVEL
    )

    assert other.value == pytest.approx(kappa.value)
    assert other.interval == pytest.approx(kappa.interval)


def test_full_agreement_on_a_few_items_is_no_proof() -> None:
    few = cohens_kappa([0, 1] * 5, [0, 1] * 5, level=LEVEL)
    many = cohens_kappa([0, 1] * 200, [0, 1] * 200, level=LEVEL)

    assert few.value == many.value == few.interval.high == 1.0
    assert 0.3 < few.interval.low < 0.8
    assert many.interval.low > 0.97


def test_distant_confusions_cost_more_where_weights_say_so() -> None:
    near, far = (
        columns(((20, 5, 0), (0, 20, 5), (0, 0, 20))),
        columns(((20, 0, 5), (0, 20, 0), (5, 0, 20))),
    )
    order = (0, 1, 2)

    plain = [cohens_kappa(*pair, level=LEVEL).value for pair in (near, far)]
    squared = [
        cohens_kappa(*pair, level=LEVEL, weights="quadratic", order=order).value
        for pair in (near, far)
    ]

    assert plain[0] == pytest.approx(plain[1], abs=0.01)
    assert squared[0] > squared[1] + 0.2


def test_the_bootstrap_agrees_with_the_asymptotic_interval_on_many_items() -> None:
    first, second = columns(FLEISS)

    drawn = bootstrap_kappa(first, second, level=LEVEL, draws=2000, rng=Random(1))
    worked_out = cohens_kappa(first, second, level=LEVEL)

    assert drawn.value == worked_out.value
    assert drawn.interval == pytest.approx(worked_out.interval, abs=0.03)
    assert drawn == bootstrap_kappa(first, second, level=LEVEL, draws=2000, rng=Random(1))


def test_a_bootstrap_of_nearly_constant_ratings_is_refused() -> None:
    with pytest.raises(TooFewSamples, match="nearly constant"):
        bootstrap_kappa([1] * 20, [1] * 19 + [0], level=LEVEL, draws=500, rng=Random(1))


def test_kappa_sinks_and_ac1_stays_where_one_category_is_rare() -> None:
    """The paradox of high agreement and low kappa: 118 of 125 agree, 5 and 2 are split."""
    first, second = columns(((118, 5), (2, 0)))

    assert cohens_kappa(first, second, level=LEVEL).value == pytest.approx(-0.0234, abs=1e-4)
    assert gwets_ac1(first, second) == pytest.approx(0.9408, abs=1e-4)
    assert gwets_ac1([1, 1], [1, 1]) == 1.0


def test_impossible_ratings_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        cohens_kappa([1], [1, 2], level=LEVEL)
    with pytest.raises(TooFewSamples, match="at least 2 items, got 1"):
        cohens_kappa([1], [2], level=LEVEL)
    with pytest.raises(TooFewSamples):
        percent_agreement([], [], level=LEVEL)
    with pytest.raises(StatisticsError, match="order of the categories"):
        cohens_kappa([1, 2], [1, 2], level=LEVEL, weights="linear")
    with pytest.raises(StatisticsError, match="2 is not among"):
        cohens_kappa([1, 2], [1, 2], level=LEVEL, weights="linear", order=(0, 1))
    with pytest.raises(StatisticsError, match="at least 100 draws"):
        bootstrap_kappa([1, 2], [1, 2], level=LEVEL, draws=3, rng=Random(1))


@pytest.mark.parametrize(("kappa", "rare"), [(0.4, 0.5), (0.8, 0.5), (0.7, 0.2), (0.95, 0.3)])
@pytest.mark.parametrize("items", [50, 200])
def test_the_interval_of_kappa_covers_95_percent_of_the_time(
    kappa: float, rare: float, items: int
) -> None:
    """Raters agree by knowing, else they guess; 600 draws, so three errors are 0.027."""
    rng, covered, draws = Random(f"{kappa} {rare} {items}"), 0, 600
    for _ in range(draws):
        first = [rng.random() < rare for _ in range(items)]
        second = [one if rng.random() < kappa else rng.random() < rare for one in first]
        low, high = cohens_kappa(first, second, level=LEVEL).interval
        covered += low <= kappa <= high
    assert covered / draws >= LEVEL - 0.03
