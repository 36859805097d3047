"""The true rate behind the answers of an instrument that errs, from a few known truths.

An instrument (a judge, a test) answers pass or fail for many items; for some of them the truth
is known. Its plain rate is biased by its errors, and no number of answers mends that. Three
corrections, each with an interval that carries the error of everything it was made from:

- `rogan_gladen`: error rates measured on other items than those whose rate is asked for.
- `rectified`: prediction-powered inference; truths on a random subset of what was answered.
- `tuned`: its power-tuned form. For two answers the best weight makes it the same number as
  post-stratification (truths counted within each answer, weighed by how often it was given).

All rest on exact limits of the rates they are made of. `corrected` chooses among them.
"""

from math import inf, sqrt
from typing import NamedTuple

from roadworthy.base.errors import StatisticsError, TooFewSamples
from roadworthy.stats.confusion import Table, check_table
from roadworthy.stats.intervals import Interval, normal_quantile
from roadworthy.stats.mover import Part, exact_limits, interval_of_sum


class Prevalence(NamedTuple):
    """A true rate with its interval, both in [0, 1]."""

    value: float
    interval: Interval


class Answers(NamedTuple):
    """How items without a known truth were answered."""

    passed: int
    failed: int

    @property
    def items(self) -> int:
        """Items counted."""
        return self.passed + self.failed


def rogan_gladen(answers: Answers, table: Table, level: float) -> Prevalence:
    """True pass rate of `answers`, given error rates measured in `table` on other items.

    Assumes that sensitivity and specificity are the same in both places; the share of passes
    may differ, and truths may have been sought among passes and fails apart.

    Args:
        answers: of the items whose rate is asked for.
        table: answers by truth on labelled items, none of them among `answers`.
        level: two-sided coverage, strictly between 0 and 1.

    Returns:
        ``(rate + specificity - 1) / (sensitivity + specificity - 1)``, cut to [0, 1], and every
        rate that the three estimates cannot contradict at this level.

    Raises:
        TooFewSamples: no answers; no item truly passes, or none truly fails; or the instrument
            has not been shown to be better than chance (informedness may be 0), where nothing
            bounds the true rate.
        StatisticsError: no rate in [0, 1] could give such answers with these errors: the error
            rates do not carry over. Also a negative count or a level out of range.

    Source: Rogan and Gladen (1978), Estimating prevalence from the results of a screening test;
    the interval inverts a test of ``rate = p sensitivity + (1 - p)(1 - specificity)``, after
    Fieller (1954), with limits added as in `interval_of_sum`.
    """
    check_table(table)
    if min(table.passes, table.fails, answers.items) < 1:
        raise TooFewSamples("answers are needed, and labelled passes as well as fails")
    rate = _part(answers.passed, answers.items, level)
    hit = _part(table.true_pass, table.passes, level)
    alarm = _part(table.false_pass, table.fails, level)
    skill = hit.value - alarm.value
    if interval_of_sum((hit, alarm._replace(weight=-1))).low <= 0:
        raise TooFewSamples(
            "the instrument has not been shown to be better than chance, so its answers "
            "say nothing of the true rate",
            hint="label more items, or mend the instrument",
        )
    low, high = _roots(rate, hit, alarm)
    if low > 1 or high < 0:
        raise StatisticsError(
            f"a rate of {rate.value:.3f} cannot come from these error rates; "
            "they were measured on items of another kind",
            hint="label some of the items whose rate is asked for",
        )
    value = min(1.0, max(0.0, (rate.value - alarm.value) / skill))
    return Prevalence(value, Interval(max(0.0, low), min(1.0, high)))


def rectified(answers: Answers, table: Table, level: float) -> Prevalence:
    """True pass rate of all items by prediction-powered inference, answers at their word.

    The rate of the answers, plus what labels say it is off by. Assumes that labelled items are
    a random subset of all.

    Args:
        answers: of the items without a label.
        table: answers by truth on the labelled ones.
        level: two-sided coverage, strictly between 0 and 1.

    Raises:
        TooFewSamples: no item of either sort.
        StatisticsError: a negative count, or a level out of range.

    Source: Angelopoulos, Bates, Fannjiang, Jordan and Zrnic (2023), Prediction-powered
    inference; the correction's interval is that of Bonett and Price (2012), so that it does not
    vanish when no label has contradicted an answer yet.
    """
    check_table(table)
    if min(table.items, answers.items) < 1:
        raise TooFewSamples("items with a label and items without one are needed")
    rate = _part(answers.passed, answers.items, level)
    value = (table.false_fail - table.false_pass) / table.items
    correction = Part(1, value, _paired_limits(table, value, level))
    low, high = interval_of_sum((rate, correction))
    return Prevalence(
        min(1.0, max(0.0, rate.value + value)),
        Interval(min(1.0, max(0.0, low)), max(0.0, min(1.0, high))),
    )


def tuned(answers: Answers, table: Table, level: float) -> Prevalence:
    """True pass rate of all items by prediction-powered inference with the best weight.

    Assumes that labelled items are a random subset of all. Takes what `rectified` takes. The
    weight of PPI++ is the slope of truth on answer, which is how much more often an item
    answered pass truly passes; then the estimate is the most likely one. An instrument without
    skill gets next to no weight, but with few labels and a rate near 1 its interval covers a
    little less than `level` (93 % for 95 % with 30 labels at 0.98): `stats.corrected` asks for
    skill first.

    Raises:
        TooFewSamples: an answer was given of which no item is labelled.
        StatisticsError: a negative count, or a level out of range.

    Source: Angelopoulos, Duchi and Zrnic (2023), PPI++; Tenenbein (1970), A double sampling
    scheme for estimating from binomial data with misclassifications.
    """
    check_table(table)
    return weighted_strata(
        passed_share=(answers.passed + table.true_pass + table.false_pass)
        / max(1, answers.items + table.items),
        judged=answers.items + table.items,
        passing=(table.true_pass, table.true_pass + table.false_pass),
        failing=(table.false_fail, table.false_fail + table.true_fail),
        level=level,
    )


def weighted_strata(
    *,
    passed_share: float,
    judged: float,
    passing: tuple[float, float],
    failing: tuple[float, float],
    level: float,
) -> Prevalence:
    """`tuned` for sample sizes that need not be whole.

    Args:
        passed_share: share of all items that were answered pass, in [0, 1].
        judged: items that this share rests on.
        passing: of the labelled items answered pass: how many truly pass, and how many there are.
        failing: the same of those answered fail.
        level: two-sided coverage, strictly between 0 and 1.

    Raises: as `tuned`.
    """
    if min(passing[1], failing[1]) <= 0:
        raise TooFewSamples(
            "no labelled item among those answered pass, or among those answered fail",
            hint="label items of both answers, drawn at random",
        )
    upper, lower = passing[0] / passing[1], failing[0] / failing[1]
    parts = (
        Part(passed_share, upper, exact_limits(upper, passing[1], level)),
        Part(1 - passed_share, lower, exact_limits(lower, failing[1], level)),
        Part(upper - lower, passed_share, exact_limits(passed_share, judged, level)),
    )
    value = passed_share * upper + (1 - passed_share) * lower
    low, high = interval_of_sum(parts)
    shift = (upper - lower) * passed_share  # the third part brings width, and no value
    return Prevalence(value, Interval(max(0.0, low - shift), min(1.0, high - shift)))


def _part(count: int, n: int, level: float) -> Part:
    if not 0 <= count <= n:
        raise StatisticsError(f"a count lies within 0 and {n}, got {count}")
    return Part(1, count / n, exact_limits(count / n, n, level))


def _paired_limits(table: Table, value: float, level: float) -> Interval:
    """Limits of the share of false fails less that of false passes, which lies at `value`."""
    n = table.items + 2
    fails, passes = (table.false_fail + 1) / n, (table.false_pass + 1) / n
    centre = fails - passes
    half = normal_quantile(level) * ((fails + passes - centre**2) / n) ** 0.5
    return Interval(
        min(value, max(-1.0, centre - half)),
        max(value, min(1.0, centre + half)),
    )


def _roots(rate: Part, hit: Part, alarm: Part) -> Interval:
    """The rates `p` between which ``rate = p hit + (1 - p) alarm`` cannot be rejected.

    With ``hit`` above ``alarm`` within their limits, both bounds fall steadily in `p`, so each
    has one root; squaring gives a quadratic, of which the lower root is the lower end's.
    """
    down = _solve(rate, hit, alarm, toward=-1)
    up = _solve(rate, hit, alarm, toward=1)
    return Interval(down, up)


def _solve(rate: Part, hit: Part, alarm: Part, *, toward: int) -> float:
    below = toward < 0
    gap = rate.value - alarm.value
    skill = hit.value - alarm.value
    error = _gap(rate, below=below)
    of_hit = _gap(hit, below=not below)
    of_alarm = _gap(alarm, below=not below)
    lead = skill**2 - of_hit - of_alarm
    if lead <= 0:  # skill is too uncertain on this side to reject any rate
        return toward * inf
    middle = gap * skill - of_alarm
    rest = gap**2 - error - of_alarm
    return (middle + toward * sqrt(max(0.0, middle**2 - lead * rest))) / lead


def _gap(part: Part, *, below: bool) -> float:
    """Squared distance from a value to one of its limits."""
    limit = part.limits.low if below else part.limits.high
    return (part.value - limit) ** 2
