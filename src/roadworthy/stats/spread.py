"""How far the success rates of several conditions of one thing lie apart.

The conditions are fixed (these wordings, not a draw of wordings); chance is in the trials of
each, which are independent.
"""

from collections.abc import Sequence
from typing import NamedTuple

from roadworthy.base.errors import ShapeMismatch, TooFewSamples
from roadworthy.stats.intervals import Interval, check_level, clopper_pearson, wilson
from roadworthy.stats.mover import Part, interval_of_sum

_LEAST = 2  # conditions that can differ


class Spread(NamedTuple):
    """Range and standard deviation of the rates seen; `interval` is for the true range."""

    value: float
    interval: Interval
    deviation: float


def spread_of_rates(successes: Sequence[int], sizes: Sequence[int], level: float) -> Spread:
    """Highest rate less lowest.

    Rates seen differ by chance alone, so `value` is too high for few trials. The interval does
    not suffer from that: it holds the true range with at least `level`, whatever the rates are,
    because all of the exact intervals that it is made of hold at once with at least that.

    Args:
        successes: of each condition, shape ``(conditions,)``.
        sizes: trials of each, same order and shape, each above 0.
        level: two-sided coverage, strictly between 0 and 1.

    Returns:
        Rates in [0, 1]; `deviation` is the population standard deviation of the rates seen.

    Raises:
        ShapeMismatch: the two series differ in length.
        TooFewSamples: fewer than two conditions, or one without a trial.

    Source: Clopper and Pearson (1934) for each condition, with the correction of Bonferroni.
    """
    _check(successes, sizes)
    each = 1 - (1 - check_level(level)) / len(sizes)
    ends = [clopper_pearson(won, n, each) for won, n in zip(successes, sizes, strict=True)]
    rates = [won / n for won, n in zip(successes, sizes, strict=True)]
    mean = sum(rates) / len(rates)
    return Spread(
        value=max(rates) - min(rates),
        interval=Interval(
            max(0.0, max(end.low for end in ends) - min(end.high for end in ends)),
            max(end.high for end in ends) - min(end.low for end in ends),
        ),
        deviation=(sum((rate - mean) ** 2 for rate in rates) / len(rates)) ** 0.5,
    )


def drop_from_first(
    successes: Sequence[int], sizes: Sequence[int], level: float
) -> tuple[float, Interval]:
    """Rate of the first condition less the mean rate of the others; above 0 the others are worse.

    Args:
        successes: of each condition, shape ``(conditions,)``, the one compared with first.
        sizes: trials of each, same order and shape, each above 0.
        level: two-sided coverage, strictly between 0 and 1.

    Returns:
        The difference and its interval, within [-1, 1].

    Raises: as `spread_of_rates`.

    Source: Zou and Donner (2008), Construction of confidence limits about effect measures: a
    general approach; with Wilson's limits for each rate it is, for two conditions, method 10 of
    Newcombe (1998), Interval estimation for the difference between independent proportions.
    """
    _check(successes, sizes)
    others = len(sizes) - 1
    weights = [1.0, *[-1 / others] * others]
    parts = [
        Part(weight, won / n, wilson(won, n, level))
        for weight, won, n in zip(weights, successes, sizes, strict=True)
    ]
    low, high = interval_of_sum(parts)
    value = sum(part.weight * part.value for part in parts)
    return value, Interval(max(-1.0, low), min(1.0, high))


def _check(successes: Sequence[int], sizes: Sequence[int]) -> None:
    if len(successes) != len(sizes):
        raise ShapeMismatch(f"got {len(successes)} successes for {len(sizes)} conditions")
    if len(sizes) < _LEAST:
        raise TooFewSamples("one condition alone cannot differ from any other")
    if min(sizes) < 1:
        raise TooFewSamples("a condition without a trial has no rate; leave it out")
