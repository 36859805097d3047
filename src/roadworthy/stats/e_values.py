"""Which cases changed? Evidence by case that may be looked at any time, and many cases at once.

An e-value is what a bet against "no change" has grown to: its mean is at most 1 if nothing
changed, so it reaches 1 / q with chance q at most, at whatever time one looks. It may be
multiplied with later evidence of the same case, and nothing is lost by having looked.
"""

from collections.abc import Sequence
from math import exp, inf, log
from typing import Final, NamedTuple

from roadworthy.base.errors import StatisticsError
from roadworthy.stats.intervals import check_level

_BETS: Final = (
    (0.5, 0.98, 0.02),  # a case that passed always and now never does
    (0.2, 0.95, 0.5),
    (0.15, 0.75, 0.25),
    (0.15, 0.5, 0.05),
)
"""Share of the stake, and the rates before and after that it is for."""


class Pairs(NamedTuple):
    """Successes on both sides of equally many trials of one case."""

    before: int
    after: int
    n: int  # trials on each side


def fell(pairs: Pairs) -> float:
    """E-value that a case's rate fell, against that it stayed or rose.

    Each pair of trials multiplies a bet for (high, low) by the likelihood of both outcomes under
    these rates over that under their mean. Whatever the case's rates are, as long as the second
    is no lower than the first, the mean of the product is at most 1: it is a product of one
    factor for each side, whose means sum to 2 where the rates are equal, and the second one's
    falls as its rate rises. The e-value is a mixture of four such bets; only counts matter.

    Args:
        pairs: so far. When to take more may depend on everything seen before.

    Returns:
        Above 0; 3 complete flips give 35, 4 give 124, 5 give 454.

    Raises:
        StatisticsError: successes outside 0 to n.

    Source: Turner, Ly and Grünwald (2024), Generic E-variables for exact sequential k-sample
    tests that allow for optional stopping, Journal of Statistical Planning and Inference 230.
    """
    if not (0 <= pairs.before <= pairs.n and 0 <= pairs.after <= pairs.n):
        raise StatisticsError(f"successes lie within 0 and {pairs.n}, got {pairs}")
    return sum(share * exp(_log_bet(pairs, high, low)) for share, high, low in _BETS)


def rose(pairs: Pairs) -> float:
    """E-value that a case's rate rose, against that it stayed or fell."""
    return fell(Pairs(pairs.after, pairs.before, pairs.n))


def e_benjamini_hochberg(e_values: Sequence[float], level: float) -> tuple[bool, ...]:
    """Which of many tests are findings, with a false share of `level` at most among them.

    Args:
        e_values: in any order, each 0 or more; may be empty, may depend on each other in any
            way, and may have been looked at any time before.
        level: false findings among the findings, on average, strictly between 0 and 1.

    Returns:
        One answer for each, same order. The k largest are findings for the greatest k at which
        the k-th is at least ``tests / (level * k)``.

    Raises:
        StatisticsError: a negative value or one that is no number, or a level out of range.

    Source: Wang and Ramdas (2022), False discovery rate control with e-values, JRSS B 84(3).
    """
    check_level(level)
    if not all(value >= 0 for value in e_values):
        raise StatisticsError("every e-value is a number of 0 or more")
    count = len(e_values)
    bar = inf
    for rank, value in enumerate(sorted(e_values, reverse=True), start=1):
        if value * rank * level >= count:
            bar = value
    return tuple(value >= bar for value in e_values)


def _log_bet(pairs: Pairs, high: float, low: float) -> float:
    middle = (high + low) / 2
    passes = pairs.before * log(high / middle) + pairs.after * log(low / middle)
    failures = (pairs.n - pairs.before) * log((1 - high) / (1 - middle))
    return passes + failures + (pairs.n - pairs.after) * log((1 - low) / (1 - middle))
