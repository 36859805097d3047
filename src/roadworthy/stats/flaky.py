"""Does a case pass and fail within one version?"""

from typing import NamedTuple

from roadworthy.stats.intervals import Interval, check_level, clopper_pearson

_HALF = 0.5


class Flakiness(NamedTuple):
    """How often the rarer outcome of one case comes, and what that is known to be."""

    rarer: float  # share of the rarer outcome among the trials, 0 to 0.5
    interval: Interval  # for its chance, within [0, 0.5]
    n: int

    def is_flaky(self, tolerance: float) -> bool:
        """Whether the rarer outcome is shown to come more often than `tolerance`."""
        return self.interval.low > tolerance

    def is_steady(self, tolerance: float) -> bool:
        """Whether it is shown to come no more often than that; few trials show neither."""
        return self.interval.high <= tolerance


def flakiness(successes: int, n: int, level: float) -> Flakiness:
    """How flaky one case is within one version, from trials whose number was set in advance.

    One success and one failure prove that both can happen, so the lower end is then above 0;
    that both happen often takes more. 14 trials that agree show a steady case at a tolerance of
    0.2 and a level of 0.9.

    Args:
        successes: 0 to `n`.
        n: trials of one version, above 0.
        level: two-sided coverage, strictly between 0 and 1.

    Raises:
        TooFewSamples: `n` is 0.
        StatisticsError: `successes` or `level` out of range.

    Source: the exact interval of Clopper and Pearson (1934), folded at one half: the values of
    ``min(p, 1 - p)`` over the p that it holds.
    """
    low, high = clopper_pearson(successes, n, check_level(level))
    ends = (min(low, 1 - low), min(high, 1 - high))
    most = max(ends) if high < _HALF or low > _HALF else _HALF
    return Flakiness(min(successes, n - successes) / n, Interval(min(ends), most), n)
