"""Probes: length and position bias, found where they were put and nowhere else."""

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import ShapeMismatch, StatisticsError, TooFewSamples
from roadworthy.stats.judge_bias import Leaning, leaning, swap_consistency

LEVEL = 0.95


def judged(rng: Random, *, pull: float, items: int = 200) -> Leaning:
    """A judge of skill 0.8 whose errors follow length with strength `pull`."""
    verdicts, labels, lengths = [], [], []
    for _ in range(items):
        label, length = rng.random() < 0.6, rng.random()
        says = rng.random() < (0.8 if label else 0.2)
        labels.append(label)
        lengths.append(length)
        verdicts.append(length > 0.5 if rng.random() < pull else says)
    return leaning(verdicts, labels, lengths, level=LEVEL, draws=200, rng=rng)


def test_a_judge_that_loves_length_is_caught() -> None:
    found = judged(Random(1), pull=0.6)

    assert found.value > 0.3
    assert found.interval.low > 0
    assert found.p_value < 0.01


def test_a_judge_that_does_not_look_at_length_is_seldom_accused() -> None:
    """One in twenty is allowed; 150 judges, so three errors are 0.053."""
    rng = Random(2)
    found = [judged(rng, pull=0, items=80) for _ in range(150)]

    assert sum(one.p_value <= 0.05 for one in found) / 150 <= 0.05 + 0.053
    assert sum(one.interval.low > 0 or one.interval.high < 0 for one in found) / 150 <= 0.12


def test_length_that_good_answers_have_anyway_is_no_bias() -> None:
    """Good answers are long; the judge errs at random. Over all items it looks biased."""
    rng = Random(3)
    labels = [rng.random() < 0.5 for _ in range(300)]
    lengths = [rng.gauss(2.0 if label else 0.0, 1.0) for label in labels]
    verdicts = [label if rng.random() < 0.85 else not label for label in labels]

    fair = leaning(verdicts, labels, lengths, level=LEVEL, draws=200, rng=rng)
    blind = leaning(verdicts, [0] * 300, lengths, level=LEVEL, draws=200, rng=rng)

    assert fair.interval.low < 0 < fair.interval.high
    assert blind.interval.low > 0.4


@given(
    items=st.lists(
        st.tuples(st.booleans(), st.integers(0, 2), st.integers(-5, 5)), min_size=2, max_size=25
    )
)
def test_leaning_counts_pairs_of_one_label_and_different_verdicts(
    items: list[tuple[bool, int, int]],
) -> None:
    pairs = [
        (one[2] > other[2]) - (one[2] < other[2])
        for one, other in product(items, items)
        if one[1] == other[1] and one[0] and not other[0]
    ]
    columns = [[item[place] for item in items] for place in range(3)]
    verdicts, labels, lengths = [bool(v) for v in columns[0]], columns[1], columns[2]
    if not pairs:
        with pytest.raises(TooFewSamples, match="passed as well as failed"):
            leaning(verdicts, labels, lengths, level=LEVEL, draws=100, rng=Random(1))
        return

    found = leaning(verdicts, labels, lengths, level=LEVEL, draws=100, rng=Random(1))
    turned = leaning(
        [not v for v in verdicts], labels, lengths, level=LEVEL, draws=100, rng=Random(1)
    )

    assert found.pairs == len(pairs)
    assert found.value == pytest.approx(sum(pairs) / len(pairs))
    assert turned.value == pytest.approx(-found.value)
    assert -1 <= found.interval.low <= found.value <= found.interval.high <= 1
    assert 1 / 101 <= found.p_value <= 1


def test_swaps_tell_a_steady_judge_from_one_that_takes_the_first_place() -> None:
    steady = swap_consistency("ABT" * 10, "BAT" * 10, first="A", second="B", level=LEVEL)
    first = swap_consistency("AAAB", "AAAA", first="A", second="B", level=LEVEL)
    torn = swap_consistency("AT", "TB", first="A", second="B", level=LEVEL)

    assert (steady.value, steady.p_value, steady.n) == (1, 1, 30)
    assert steady.interval.low > 0.8
    assert (first.value, first.first, first.second, first.other) == (0.25, 3, 0, 0)
    assert first.p_value == pytest.approx(0.25)
    assert (torn.value, torn.other) == (0, 2)


def test_taking_one_place_twelve_times_is_no_chance() -> None:
    found = swap_consistency([2] * 12, [2] * 12, first=1, second=2, level=LEVEL)

    assert found.second == 12
    assert found.p_value == pytest.approx(2 / 2**12)


def test_impossible_probes_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        leaning([True], [1, 2], [1.0], level=LEVEL, draws=100, rng=Random(1))
    with pytest.raises(StatisticsError, match="finite"):
        leaning([True, False], [1, 1], [1.0, float("nan")], level=LEVEL, draws=100, rng=Random(1))
    with pytest.raises(StatisticsError, match="different words"):
        swap_consistency(["A"], ["A"], first="A", second="A", level=LEVEL)
    with pytest.raises(ShapeMismatch):
        swap_consistency(["A"], [], first="A", second="B", level=LEVEL)
    with pytest.raises(TooFewSamples):
        swap_consistency([], [], first="A", second="B", level=LEVEL)
