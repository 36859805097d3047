"""True rates behind erring answers: known numbers, limits of knowledge, agreement of forms."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import StatisticsError, TooFewSamples
from roadworthy.stats.confusion import Table
from roadworthy.stats.intervals import clopper_pearson
from roadworthy.stats.prevalence import Answers, rectified, rogan_gladen, tuned

LEVEL = 0.95
COUNTS = st.integers(0, 80)
SURE = Table(true_pass=10**7, false_pass=0, true_fail=10**7, false_fail=0)


def errors(*, sensitivity: float, specificity: float, n: int) -> Table:
    hits, rejections = round(sensitivity * n), round(specificity * n)
    return Table(
        true_pass=hits, false_fail=n - hits, true_fail=rejections, false_pass=n - rejections
    )


@pytest.mark.parametrize(
    ("rate", "sensitivity", "specificity", "true"),
    [(0.26, 0.8, 0.9, 0.16 / 0.7), (0.5, 0.9, 0.7, 1 / 3), (0.1, 0.9, 0.9, 0.0)],
)
def test_the_corrected_rate_solves_the_mixture(
    rate: float, sensitivity: float, specificity: float, true: float
) -> None:
    """(rate + specificity - 1) / (sensitivity + specificity - 1)."""
    table = errors(sensitivity=sensitivity, specificity=specificity, n=1000)

    found = rogan_gladen(Answers(round(rate * 1000), round((1 - rate) * 1000)), table, LEVEL)

    assert found.value == pytest.approx(true, abs=1e-9)
    assert found.interval.low <= found.value <= found.interval.high


def test_an_instrument_that_never_errs_leaves_the_plain_interval() -> None:
    found = rogan_gladen(Answers(70, 30), SURE, LEVEL)

    assert found.value == pytest.approx(0.7)
    assert found.interval == pytest.approx(clopper_pearson(70, 100, LEVEL), abs=1e-5)


def test_no_number_of_answers_mends_error_rates_that_are_hardly_known() -> None:
    table = errors(sensitivity=0.9, specificity=0.8, n=20)

    few, many = (rogan_gladen(Answers(7 * k, 3 * k), table, LEVEL) for k in (10, 100_000))

    assert many.interval.high - many.interval.low > 0.25
    assert few.interval.high - few.interval.low > many.interval.high - many.interval.low


@pytest.mark.parametrize(
    "table",
    [
        errors(sensitivity=0.6, specificity=0.4, n=1000),
        errors(sensitivity=0.3, specificity=0.3, n=1000),
        errors(sensitivity=1, specificity=1, n=2),
        Table(true_pass=50, false_pass=0, true_fail=0, false_fail=0),
    ],
)
def test_an_instrument_not_shown_to_be_better_than_chance_gives_no_rate(table: Table) -> None:
    with pytest.raises(TooFewSamples):
        rogan_gladen(Answers(50, 50), table, LEVEL)


def test_error_rates_that_the_answers_contradict_give_no_rate() -> None:
    """The instrument passes at least 90 % of everything it ever saw, and here 20 %."""
    table = Table(true_pass=990, false_fail=10, true_fail=100, false_pass=900)

    with pytest.raises(StatisticsError, match=r"a rate of 0\.200 cannot come from"):
        rogan_gladen(Answers(200, 800), table, LEVEL)


@given(
    sensitivity=st.floats(0.5, 1),
    specificity=st.floats(0.5, 1),
    n=st.integers(5, 300),
    passed=COUNTS,
    failed=COUNTS,
)
def test_the_ends_are_where_the_mixture_can_just_not_be_rejected(
    sensitivity: float, specificity: float, n: int, passed: int, failed: int
) -> None:
    table = errors(sensitivity=sensitivity, specificity=specificity, n=n)
    try:
        found = rogan_gladen(Answers(passed, failed), table, LEVEL)
    except StatisticsError:
        return
    rate = passed / (passed + failed)
    rate_low, rate_high = clopper_pearson(passed, passed + failed, LEVEL)
    hit_low, hit_high = clopper_pearson(table.true_pass, n, LEVEL)
    alarm_low, alarm_high = clopper_pearson(table.false_pass, n, LEVEL)
    hit, alarm = table.true_pass / n, table.false_pass / n

    def is_rejected(p: float) -> bool:
        gap = rate - p * hit - (1 - p) * alarm
        if gap > 0:
            wide = (rate - rate_low, p * (hit_high - hit), (1 - p) * (alarm_high - alarm))
        else:
            wide = (rate_high - rate, p * (hit - hit_low), (1 - p) * (alarm - alarm_low))
        return abs(gap) > math.hypot(*wide) + 1e-9

    low, high = found.interval
    assert 0 <= low <= found.value <= high <= 1
    assert not any(is_rejected(low + (high - low) * step / 20) for step in range(21))
    assert all(is_rejected(p) for p in (low - 0.01, high + 0.01) if 0 <= p <= 1)


@given(passed=COUNTS, failed=COUNTS, counts=st.tuples(COUNTS, COUNTS, COUNTS, COUNTS))
def test_the_tuned_form_is_the_regression_of_labels_on_answers(
    passed: int, failed: int, counts: tuple[int, int, int, int]
) -> None:
    """Mean label, plus the slope of label on answer times how far the answers' means differ."""
    table, answers = Table(*counts), Answers(passed, failed)
    pairs = [
        *([(1, 1)] * table.true_pass + [(1, 0)] * table.false_pass),
        *([(0, 0)] * table.true_fail + [(0, 1)] * table.false_fail),
    ]
    n = len(pairs)
    seen = sum(answer for answer, _ in pairs)
    if seen in {0, n}:
        with pytest.raises(TooFewSamples, match="of both answers"):
            raise_with_hint(answers, table)
        return
    mean, truth = seen / n, sum(label for _, label in pairs) / n
    slope = sum((answer - mean) * (label - truth) for answer, label in pairs) / sum(
        (answer - mean) ** 2 for answer, _ in pairs
    )
    everywhere = (seen + passed) / (n + passed + failed)

    found = tuned(answers, table, LEVEL)

    assert found.value == pytest.approx(truth + slope * (everywhere - mean), abs=1e-9)
    assert 0 <= found.interval.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.interval.high <= 1


def raise_with_hint(answers: Answers, table: Table) -> None:
    try:
        tuned(answers, table, LEVEL)
    except TooFewSamples as error:
        raise TooFewSamples(error.hint or "") from error


@given(passed=COUNTS, failed=COUNTS, counts=st.tuples(COUNTS, COUNTS, COUNTS, COUNTS))
def test_the_plain_form_adds_what_labels_say_the_answers_are_off_by(
    passed: int, failed: int, counts: tuple[int, int, int, int]
) -> None:
    table, answers = Table(*counts), Answers(passed, failed)
    if not (table.items and answers.items):
        with pytest.raises(TooFewSamples):
            rectified(answers, table, LEVEL)
        return
    off = (table.false_fail - table.false_pass) / table.items

    found = rectified(answers, table, LEVEL)

    assert found.value == pytest.approx(min(1, max(0, passed / answers.items + off)))
    assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1


def test_labels_that_contradicted_nothing_yet_leave_a_width() -> None:
    table = Table(true_pass=27, false_pass=0, true_fail=3, false_fail=0)

    for found in (
        rectified(Answers(4500, 500), table, LEVEL),
        tuned(Answers(4500, 500), table, LEVEL),
    ):
        assert found.value == pytest.approx(0.9, abs=1e-3)
        assert found.interval.high - found.interval.low > 0.1


def test_negative_counts_are_refused() -> None:
    with pytest.raises(StatisticsError):
        rogan_gladen(Answers(-1, 5), errors(sensitivity=0.9, specificity=0.9, n=100), LEVEL)
    with pytest.raises(StatisticsError):
        tuned(Answers(1, 5), Table(-1, 1, 1, 1), LEVEL)
