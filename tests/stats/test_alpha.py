"""Krippendorff's alpha against the worked example of its author, and against plain pairs."""

from collections.abc import Sequence
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import StatisticsError, TooFewSamples
from roadworthy.stats.alpha import Scale, bootstrap_alpha, krippendorffs_alpha

N = None
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3),
    (N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N),
)
"""Four observers, twelve units, five values, gaps: section C of Krippendorff (2011)."""
EXAMPLE = list(zip(*OBSERVERS, strict=True))
SCALES: tuple[Scale, ...] = ("nominal", "ordinal", "interval")
TABLES = st.lists(
    st.lists(st.none() | st.integers(1, 4), min_size=1, max_size=4), min_size=1, max_size=12
)


def by_pairs(ratings: Sequence[Sequence[int | None]], scale: Scale) -> float | None:
    """Mean distance of two ratings of one item against that of any two ratings."""
    items = [[value for value in item if value is not None] for item in ratings]
    items = [item for item in items if len(item) > 1]
    everything = [value for item in items for value in item]

    def apart(one: int, other: int) -> float:
        if scale == "nominal":
            return float(one != other)
        if scale == "interval":
            return float((one - other) ** 2)
        low, high = min(one, other), max(one, other)
        between = sum(low <= value <= high for value in everything)
        return (between - (everything.count(low) + everything.count(high)) / 2) ** 2

    if len(set(everything)) < 2:
        return None
    n = len(everything)
    seen = sum(
        sum(apart(*pair) for pair in permutations(item, 2)) / (len(item) - 1) for item in items
    )
    chance = sum(apart(*pair) for pair in permutations(everything, 2)) / (n - 1)
    return 1 - seen / chance


@pytest.mark.parametrize(
    ("scale", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_the_example_of_krippendorff_gives_his_numbers(scale: Scale, published: float) -> None:
    assert krippendorffs_alpha(EXAMPLE, scale=scale) == pytest.approx(published, abs=0.0005)


def test_two_observers_and_binary_values_give_his_first_example() -> None:
    """Ten units, section A: alpha 0.095, however close to agreement by count."""
    meg = (0, 1, 0, 0, 0, 0, 0, 0, 1, 0)
    owen = (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)

    assert krippendorffs_alpha(list(zip(meg, owen, strict=True))) == pytest.approx(0.095, abs=5e-4)


@pytest.mark.parametrize("scale", SCALES)
@given(ratings=TABLES)
def test_alpha_is_one_less_the_mean_distance_within_over_that_of_all(
    scale: Scale, ratings: list[list[int | None]]
) -> None:
    expected = by_pairs(ratings, scale)

    if expected is None:
        with pytest.raises(TooFewSamples):
            krippendorffs_alpha(ratings, scale=scale)
    else:
        assert krippendorffs_alpha(ratings, scale=scale) == pytest.approx(expected, abs=1e-9)


@given(ratings=TABLES, seed=st.integers(0, 9))
def test_order_of_items_and_raters_and_names_of_categories_do_not_matter(
    ratings: list[list[int | None]], seed: int
) -> None:
    rng = Random(seed)
    if by_pairs(ratings, "nominal") is None:
        return
    names = {None: None, 1: "one", 2: False, 3: ("three",), 4: 0.5}
    mixed = [[names[value] for value in rng.sample(item, len(item))] for item in ratings]
    rng.shuffle(mixed)

    assert krippendorffs_alpha(mixed) == pytest.approx(krippendorffs_alpha(ratings))


@given(values=st.lists(st.integers(1, 5), min_size=2, max_size=20), raters=st.integers(2, 4))
def test_raters_who_always_agree_have_an_alpha_of_1(values: list[int], raters: int) -> None:
    if len(set(values)) == 1:
        return
    for scale in SCALES:
        assert krippendorffs_alpha([[v] * raters for v in values], scale=scale) == pytest.approx(1)


def test_the_interval_holds_the_value_and_narrows_with_items() -> None:
    few = bootstrap_alpha(EXAMPLE, level=0.95, draws=1000, rng=Random(2))
    many = bootstrap_alpha(EXAMPLE * 10, level=0.95, draws=1000, rng=Random(2))

    assert few.interval.low < few.value < few.interval.high
    assert many.interval.high - many.interval.low < 0.5 * (few.interval.high - few.interval.low)
    assert (few.items, few.ratings) == (11, 40)
    assert few == bootstrap_alpha(EXAMPLE, level=0.95, draws=1000, rng=Random(2))


@pytest.mark.parametrize("scale", SCALES)
def test_the_bootstrap_of_alpha_covers_its_value_in_a_large_population(scale: Scale) -> None:
    """Samples of 80 items out of 2,000; 200 draws, so three errors are 0.05."""
    rng = Random(7)

    def item() -> list[int]:
        truth = rng.randint(1, 4)
        return [truth if rng.random() < 0.7 else rng.randint(1, 4) for _ in range(3)]

    people = [item() for _ in range(2000)]
    true = krippendorffs_alpha(people, scale=scale)
    covered = 0
    for _ in range(200):
        found = bootstrap_alpha(rng.sample(people, 80), scale=scale, level=0.95, draws=300, rng=rng)
        covered += found.interval.low <= true <= found.interval.high
    assert covered / 200 >= 0.95 - 0.05


def test_ratings_that_cannot_show_disagreement_have_no_alpha() -> None:
    with pytest.raises(TooFewSamples, match="every rating is the same"):
        krippendorffs_alpha([[1, 1], [1, 1]])
    with pytest.raises(TooFewSamples, match="two raters"):
        krippendorffs_alpha([[1, None], [2]])
    with pytest.raises(TooFewSamples, match="at least two of them"):
        bootstrap_alpha([[1, 2]], level=0.9, draws=100, rng=Random(1))
    with pytest.raises(TooFewSamples, match="nearly constant"):
        bootstrap_alpha([[1, 1]] * 20 + [[1, 2]], level=0.9, draws=200, rng=Random(1))


@pytest.mark.parametrize("value", ["high", float("nan"), float("inf")])
def test_scales_with_distances_need_finite_numbers(value: object) -> None:
    with pytest.raises(StatisticsError, match="finite numbers"):
        krippendorffs_alpha([[1, value], [1, 2]], scale="interval")
