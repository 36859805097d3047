"""How often an instrument with two answers agrees with the truth, on each side of it.

Agreement alone flatters an instrument that always gives the commoner answer. These numbers
look at what truly passes and what truly fails apart, so such an instrument has nothing to show.
"""

from collections.abc import Sequence
from typing import NamedTuple

from roadworthy.base.errors import ShapeMismatch, StatisticsError, TooFewSamples
from roadworthy.stats.fisher import fisher_exact
from roadworthy.stats.intervals import Interval, clopper_pearson, wilson
from roadworthy.stats.mover import Part, interval_of_sum


class Proportion(NamedTuple):
    """A share with its interval; `n` is what it rests on."""

    value: float
    interval: Interval
    n: int


class Informedness(NamedTuple):
    """Sensitivity plus specificity less 1: 0 for any constant answer, 1 for a perfect one.

    `p_value` is Fisher's exact one that the answers know nothing of the truth, against knowing
    something. Balanced accuracy is ``(value + 1) / 2``.
    """

    value: float
    interval: Interval
    p_value: float


class Table(NamedTuple):
    """Counts of answer by truth, on items where both are known."""

    true_pass: int
    false_pass: int  # answered pass, truly a fail
    true_fail: int
    false_fail: int  # answered fail, truly a pass

    @property
    def items(self) -> int:
        """Items counted."""
        return sum(self)

    @property
    def passes(self) -> int:
        """Items that truly pass."""
        return self.true_pass + self.false_fail

    @property
    def fails(self) -> int:
        """Items that truly fail."""
        return self.true_fail + self.false_pass


def tabulate(answers: Sequence[bool], truths: Sequence[bool]) -> Table:
    """Count answers by truth; both of shape ``(items,)`` in the same order, true for a pass.

    Raises:
        ShapeMismatch: the two series differ in length.
    """
    if len(answers) != len(truths):
        raise ShapeMismatch(f"got {len(answers)} answers for {len(truths)} truths")
    seen = [(bool(answer), bool(truth)) for answer, truth in zip(answers, truths, strict=True)]
    return Table(
        true_pass=seen.count((True, True)),
        false_pass=seen.count((True, False)),
        true_fail=seen.count((False, False)),
        false_fail=seen.count((False, True)),
    )


def sensitivity(table: Table, level: float) -> Proportion:
    """Share of what truly passes that is answered so, with a Wilson interval.

    Raises:
        TooFewSamples: nothing truly passes.
        StatisticsError: a negative count, or a level out of range.
    """
    return _share(table, table.true_pass, table.passes, level, "passes")


def specificity(table: Table, level: float) -> Proportion:
    """Share of what truly fails that is answered so; otherwise as `sensitivity`."""
    return _share(table, table.true_fail, table.fails, level, "fails")


def informedness(table: Table, level: float) -> Informedness:
    """Whether the answers tell truth from luck, and how well.

    Returns:
        The value in [-1, 1] with an interval from exact limits of both rates: a lower end above
        0 shows skill, an interval that holds 0 cannot be told from a constant answer.

    Raises:
        TooFewSamples: everything truly passes, or everything truly fails.
        StatisticsError: a negative count, or a level out of range.

    Source: Youden (1950), Index for rating diagnostic tests; Powers (2011), Evaluation: from
    precision, recall and F-measure to ROC, informedness, markedness and correlation.
    """
    hits, rejections = sensitivity(table, level), specificity(table, level)
    low, high = interval_of_sum(
        (
            Part(1, hits.value, clopper_pearson(table.true_pass, table.passes, level)),
            Part(1, rejections.value, clopper_pearson(table.true_fail, table.fails, level)),
        )
    )
    return Informedness(
        value=hits.value + rejections.value - 1,
        interval=Interval(max(-1.0, low - 1), min(1.0, high - 1)),
        p_value=fisher_exact(
            (table.true_pass, table.false_fail),
            (table.false_pass, table.true_fail),
            alternative="greater",
        ),
    )


def check_table(table: Table) -> None:
    """Raises `StatisticsError` for a negative count."""
    if min(table) < 0:
        raise StatisticsError(f"counts are 0 or more, got {tuple(table)}")


def _share(table: Table, right: int, of: int, level: float, side: str) -> Proportion:
    check_table(table)
    if of == 0:
        raise TooFewSamples(
            f"no item truly {side}, so nothing is known of that side",
            hint=f"label items until some of them are {side}",
        )
    return Proportion(right / of, wilson(right, of, level), of)
