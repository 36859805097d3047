"""Intervals for sums of rates that were each estimated on their own.

Each part brings its value, its own limits and the weight it has in the sum. The limits of the
sum lie as far from its value as the parts' limits do together, added as squares: no part is
taken to be normal, so a part seen 30 times of 30 still brings the width that it has.
"""

from collections.abc import Iterable
from typing import NamedTuple

from roadworthy.base.errors import StatisticsError, TooFewSamples
from roadworthy.stats.intervals import Interval, check_level


class Part(NamedTuple):
    """One term of a sum: `weight` times a value that lies within `limits`."""

    weight: float
    value: float
    limits: Interval


def exact_limits(rate: float, n: float, level: float) -> Interval:
    """`clopper_pearson` for a rate in [0, 1] and a sample size above 0 that need not be whole.

    Raises:
        TooFewSamples: `n` is 0 or less.
        StatisticsError: `rate` or `level` lies outside its range.

    Source: Korn and Graubard (1998), Confidence intervals for proportions with small expected
    number of positive counts estimated from survey data.
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - costs start-up time

    tail = (1 - check_level(level)) / 2
    if n <= 0:
        raise TooFewSamples("no interval without a single sample")
    if not 0.0 <= rate <= 1.0:
        raise StatisticsError(f"a rate lies within 0 and 1, got {rate}")
    won, lost = rate * n, (1 - rate) * n
    low = 0.0 if rate == 0 else float(betaincinv(won, lost + 1, tail))
    high = 1.0 if rate == 1 else float(betaincinv(won + 1, lost, 1 - tail))
    return Interval(min(rate, low), max(rate, high))


def interval_of_sum(parts: Iterable[Part]) -> Interval:
    """Interval for the sum of ``weight * value`` over independent parts.

    A part with a negative weight brings its upper limit to the lower end. Holds the sum; is not
    cut to any range.

    Source: Zou and Donner (2008), Construction of confidence limits about effect measures: a
    general approach (method of variance estimates recovery).
    """
    total = below = above = 0.0
    for weight, value, (low, high) in parts:
        down, up = weight * (value - low), weight * (high - value)
        total += weight * value
        below += (down if weight >= 0 else up) ** 2
        above += (up if weight >= 0 else down) ** 2
    return Interval(total - below**0.5, total + above**0.5)
