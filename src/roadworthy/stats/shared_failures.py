"""Do two series fail together more than their difficulty, and that of the moments, explains?

Two hard items fail together often, and a bad moment fails many items at once; neither makes one
item a copy of the other. Both are taken out: the chance told is that of an unrelated item which
fails exactly as often, at moments which are as hard as they are.
"""

from collections.abc import Collection, Sequence
from math import prod
from typing import Final

from roadworthy.base.errors import StatisticsError

MOST_MOMENTS: Final = 64
"""Beyond, chances of single patterns leave what a float can hold."""


def chance_of_sharing(rates: Sequence[float], failures: Collection[int], *, size: int) -> float:
    """Chance that an unrelated item with `size` failures failed at all of `failures`.

    The item is taken to fail independently at each moment with odds that are its own difficulty
    times the moment's. Given how often it failed, its difficulty drops out: each set of `size`
    moments has a chance in proportion to the product of their odds.

    Args:
        rates: failure rate of each moment, each strictly between 0 and 1, at most
            `MOST_MOMENTS` of them; only their odds to one another count.
        failures: moments, by place, at which the other item failed.
        size: how many moments this item failed at, from the number of `failures` up.

    Returns:
        A chance in (0, 1]; 1.0 when `failures` is empty or `size` is every moment.

    Raises:
        StatisticsError: an argument out of range.

    Source: Rasch (1960), Probabilistic models for some intelligence and attainment tests;
    Andersen (1972), The numerical solution of a set of conditional estimation equations.
    """
    wanted = set(failures)
    _check(rates, wanted, size)
    rest = [rate for place, rate in enumerate(rates) if place not in wanted]
    of_all = _chance_of_count(rates, size)
    of_rest = _chance_of_count(rest, size - len(wanted))
    return min(1.0, prod(rates[place] for place in wanted) * of_rest / of_all)


def _chance_of_count(rates: Sequence[float], count: int) -> float:
    """Chance of exactly `count` successes in independent draws with these rates."""
    chances = [1.0] + [0.0] * count
    for rate in rates:
        for made in range(count, 0, -1):
            chances[made] = chances[made] * (1 - rate) + chances[made - 1] * rate
        chances[0] *= 1 - rate
    return chances[count]


def _check(rates: Sequence[float], wanted: set[int], size: int) -> None:
    if not rates or len(rates) > MOST_MOMENTS:
        raise StatisticsError(f"from 1 to {MOST_MOMENTS} moments, got {len(rates)}")
    if not all(0.0 < rate < 1.0 for rate in rates):
        raise StatisticsError("every rate lies strictly between 0 and 1")
    if wanted - set(range(len(rates))) or not len(wanted) <= size <= len(rates):
        raise StatisticsError("failures are moments, and no more than the item's own number")
