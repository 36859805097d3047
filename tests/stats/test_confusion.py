"""Sensitivity, specificity, and whether an answer knows anything of the truth."""

from math import comb
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import ShapeMismatch, StatisticsError, TooFewSamples
from roadworthy.stats.confusion import Table, informedness, sensitivity, specificity, tabulate
from roadworthy.stats.intervals import wilson
from roadworthy.stats.mover import Part, exact_limits, interval_of_sum

LEVEL = 0.95
COUNTS = st.integers(0, 60)


def a_table(*, hits: int, misses: int, rejections: int, alarms: int) -> Table:
    return Table(true_pass=hits, false_fail=misses, true_fail=rejections, false_pass=alarms)


def test_each_side_of_the_truth_has_a_rate_of_its_own() -> None:
    table = tabulate([True, True, False, True, False], [True, True, True, False, False])

    assert table == a_table(hits=2, misses=1, rejections=1, alarms=1)
    assert sensitivity(table, LEVEL) == (2 / 3, wilson(2, 3, LEVEL), 3)
    assert specificity(table, LEVEL) == (1 / 2, wilson(1, 2, LEVEL), 2)
    assert informedness(table, LEVEL).value == pytest.approx(1 / 6)


def test_a_constant_answer_shows_no_skill_however_often_it_is_right() -> None:
    constant = informedness(a_table(hits=180, misses=0, rejections=0, alarms=20), LEVEL)

    assert constant.value == 0
    assert constant.interval.low < 0 < constant.interval.high
    assert constant.p_value == 1


def test_61_percent_agreement_by_passing_nearly_everything_shows_no_skill() -> None:
    table = a_table(hits=118, misses=2, rejections=4, alarms=76)

    assert (table.true_pass + table.true_fail) / table.items == 0.61
    assert informedness(table, LEVEL).interval.low < 0


def test_a_good_instrument_shows_skill_on_few_items() -> None:
    good = informedness(a_table(hits=18, misses=2, rejections=9, alarms=1), LEVEL)

    assert good.interval.low > 0
    assert good.p_value < 0.001


@given(hits=COUNTS, misses=COUNTS, rejections=COUNTS, alarms=COUNTS)
def test_informedness_lies_in_its_interval_and_turns_with_the_answers(
    hits: int, misses: int, rejections: int, alarms: int
) -> None:
    table = a_table(hits=hits, misses=misses, rejections=rejections, alarms=alarms)
    if not (table.passes and table.fails):
        with pytest.raises(TooFewSamples, match="nothing is known of that side"):
            informedness(table, LEVEL)
        return
    turned = a_table(hits=misses, misses=hits, rejections=alarms, alarms=rejections)

    found, back = informedness(table, LEVEL), informedness(turned, LEVEL)

    assert -1 <= found.interval.low <= found.value <= found.interval.high <= 1
    assert back.value == pytest.approx(-found.value)
    assert back.interval.low == pytest.approx(-found.interval.high)


@pytest.mark.parametrize(("rate", "fails"), [(0.5, 40), (0.9, 40), (0.97, 25)])
def test_an_instrument_without_skill_is_rarely_taken_for_skilled(rate: float, fails: int) -> None:
    """One chance in forty is allowed; 2,000 draws, so three errors are 0.0105."""
    rng = Random(f"{rate} {fails}")
    seen, draws = 0, 2000
    for _ in range(draws):
        hits = sum(rng.random() < rate for _ in range(100))
        alarms = sum(rng.random() < rate for _ in range(fails))
        table = a_table(hits=hits, misses=100 - hits, rejections=fails - alarms, alarms=alarms)
        seen += informedness(table, LEVEL).interval.low > 0
    assert seen / draws <= 0.025 + 0.0105


def test_impossible_tables_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        tabulate([True], [])
    with pytest.raises(StatisticsError, match="counts are 0 or more"):
        sensitivity(Table(-1, 0, 0, 2), LEVEL)


@given(n=st.integers(1, 40), data=st.data())
def test_limits_for_whole_counts_leave_tails_of_the_binomial(n: int, data: st.DataObject) -> None:
    won = data.draw(st.integers(0, n))

    low, high = exact_limits(won / n, n, LEVEL)

    def chance(k: int, p: float) -> float:
        return comb(n, k) * p**k * (1 - p) ** (n - k)

    if won > 0:
        assert sum(chance(k, low) for k in range(won, n + 1)) == pytest.approx(0.025, rel=1e-6)
    if won < n:
        assert sum(chance(k, high) for k in range(won + 1)) == pytest.approx(0.025, rel=1e-6)


def test_limits_widen_steadily_as_a_sample_shrinks_below_whole_counts() -> None:
    widths = [
        (limits := exact_limits(0.9, n, LEVEL)).high - limits.low
        for n in (20, 19.5, 12.3, 3.1, 0.4)
    ]

    assert widths == sorted(widths)
    for n, rate in ((0, 0.5), (3, 1.2)):
        with pytest.raises(StatisticsError):
            exact_limits(rate, n, LEVEL)


def test_a_sum_of_one_part_is_that_part_and_a_negative_weight_turns_it_round() -> None:
    part = Part(2.0, 0.3, exact_limits(0.3, 10, LEVEL))
    low, high = part.limits

    assert interval_of_sum([part]) == pytest.approx((2 * low, 2 * high))
    assert interval_of_sum([part._replace(weight=-2.0)]) == pytest.approx((-2 * high, -2 * low))
