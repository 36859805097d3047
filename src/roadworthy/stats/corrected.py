"""A pass rate corrected for its instrument's errors: the method is chosen, and said.

Labels must be a random subset of the items that were answered. Where the instrument has been
shown to have skill, `tuned` combines labels and answers; elsewhere its answers are set aside and
the labels speak alone. Too few labels give no rate. Where the labels come from other items, ask
`prevalence.rogan_gladen`.

Samples of one cluster resemble each other. Then every cluster weighs the same, as in
`clustered.mean_rate`, and all counts shrink by the design effect before intervals are made.
"""

from collections.abc import Hashable, Sequence
from enum import StrEnum
from typing import NamedTuple

from roadworthy.base.errors import ShapeMismatch, TooFewSamples
from roadworthy.stats.intervals import Interval
from roadworthy.stats.mover import Part, exact_limits, interval_of_sum
from roadworthy.stats.prevalence import weighted_strata
from roadworthy.stats.subsample import Item, Subsample, clustered

LEAST_LABELS = 30
LEAST_CLUSTERS = 10


class Method(StrEnum):
    """How a corrected rate was made."""

    LABELS = "labels"  # labels alone: the answers add nothing that could be shown
    TUNED = "prediction_powered"  # labels and answers together


class CorrectedRate(NamedTuple):
    """A true pass rate with its interval, and what it rests on."""

    value: float
    low: float
    high: float
    method: Method
    labelled: int
    judged: int  # items answered, the labelled ones included
    clusters: int
    uncorrected: float  # the rate of the answers as they are
    from_labels: Interval  # what the labels alone would have said
    weight: float  # slope of truth on answer: 0 no use, 1 to be taken at its word


def corrected_rate(
    answers: Sequence[bool],
    truths: Sequence[bool | None],
    *,
    clusters: Sequence[Hashable] | None = None,
    level: float,
) -> CorrectedRate:
    """True pass rate of everything that was answered.

    Args:
        answers: the instrument's, shape ``(items,)``, true for a pass; items that it could not
            answer are left out beforehand, and counted by the caller.
        truths: what is known, same order and shape; None where there is no label. Which items
            have one was drawn at random (items or whole clusters), not chosen by the answer.
        clusters: what each item belongs to, same order and shape; None: items are independent.
        level: two-sided coverage, strictly between 0 and 1.

    Returns:
        A value in [0, 1] within its interval. Simulated over rates 0.5 to 0.98, six kinds of
        instrument, 30 to 500 labels and 200 to 5,000 items, the interval covers at its level or
        above; `benchmarks/judge_correction.py` has the figures.

    Raises:
        ShapeMismatch: the series differ in length.
        TooFewSamples: fewer than `LEAST_LABELS` labels, or fewer than `LEAST_CLUSTERS` clusters
            that hold one.
        StatisticsError: the level is out of range.
    """
    sample = _sample(answers, truths, clusters)
    return rate_of(sample, level)


def rate_of(sample: Subsample, level: float) -> CorrectedRate:
    """`corrected_rate` for items that were counted already."""
    _check_enough(sample)
    labels = sample.labels_share(level) * sample.labelled
    from_labels = exact_limits(sample.label_rate, labels, level)
    skilled = sample.labelled < sample.judged and _has_skill(sample, level)
    value, interval, method = sample.label_rate, from_labels, Method.LABELS
    if skilled:
        share = sample.tuned_share(level)
        value, interval = weighted_strata(
            passed_share=sample.passed_share,
            judged=sample.judged * share,
            passing=_scaled(sample.passing_rate, sample.passing * share),
            failing=_scaled(sample.failing_rate, sample.failing * share),
            level=level,
        )
        method = Method.TUNED
    return CorrectedRate(
        value=value,
        low=interval.low,
        high=interval.high,
        method=method,
        labelled=sample.labelled,
        judged=sample.judged,
        clusters=sample.clusters,
        uncorrected=sample.passed_share,
        from_labels=from_labels,
        weight=sample.slope,
    )


def _has_skill(sample: Subsample, level: float) -> bool:
    """Whether truths of items answered pass are shown to be better than of those answered fail."""
    if min(sample.passing, sample.failing) <= 0:
        return False
    share = sample.labels_share(level)
    upper = exact_limits(sample.passing_rate, sample.passing * share, level)
    lower = exact_limits(sample.failing_rate, sample.failing * share, level)
    parts = Part(1, sample.passing_rate, upper), Part(-1, sample.failing_rate, lower)
    return interval_of_sum(parts).low > 0


def _sample(
    answers: Sequence[bool],
    truths: Sequence[bool | None],
    clusters: Sequence[Hashable] | None,
) -> Subsample:
    groups = range(len(answers)) if clusters is None else clusters
    if not len(answers) == len(truths) == len(groups):
        raise ShapeMismatch(
            f"series of one length are needed, got {len(answers)} answers, {len(truths)} truths "
            f"and {len(groups)} clusters"
        )
    return clustered([Item(*item) for item in zip(answers, truths, groups, strict=True)])


def _check_enough(sample: Subsample) -> None:
    if sample.labelled < LEAST_LABELS:
        raise TooFewSamples(
            f"{sample.labelled} labels are too few for a corrected rate",
            hint=f"label at least {LEAST_LABELS} items, drawn at random",
        )
    if sample.labelled_clusters < LEAST_CLUSTERS:
        raise TooFewSamples(
            f"the labels lie in {sample.labelled_clusters} clusters, too few for a corrected rate",
            hint=f"label items of at least {LEAST_CLUSTERS} clusters, drawn at random",
        )


def _scaled(rate: float, n: float) -> tuple[float, float]:
    return rate * n, n
