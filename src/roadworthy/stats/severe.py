"""A break of one critical case that settles the matter alone, with its chance of a false alarm.

The rule: among C critical cases, one fails alone once its e-value that it fell reaches C / level.
Over all critical cases and all looks together, a false alarm has chance `level` at most, however
flaky the cases are. At a level of 0.01 one critical case needs 4 complete flips, five cases 6.
"""

from roadworthy.base.errors import StatisticsError
from roadworthy.stats.e_values import Pairs, fell
from roadworthy.stats.intervals import check_level


def broke_severely(pairs: Pairs, *, critical: int, level: float) -> bool:
    """Whether this case alone settles the matter, as one of `critical` cases.

    Raises:
        StatisticsError: counts or level out of range.
    """
    return fell(pairs) >= severe_bar(critical=critical, level=level)


def severe_bar(*, critical: int, level: float) -> float:
    """The e-value that a critical case must reach.

    Raises:
        StatisticsError: fewer than one critical case, or a level out of range.
    """
    if critical < 1:
        raise StatisticsError(f"there is at least one critical case, got {critical}")
    return critical / check_level(level)


def flips_needed(*, critical: int, level: float) -> int:
    """Pairs of a case that always passed and now always fails until it settles the matter."""
    pairs = 1
    while not broke_severely(Pairs(pairs, 0, pairs), critical=critical, level=level):
        pairs += 1
    return pairs


def false_alarm(rate: float, *, pairs: int, critical: int, level: float) -> float:
    """Exact chance that one unchanged critical case is ever called broken within `pairs` pairs.

    Args:
        rate: its success rate, before and after alike, in [0, 1].
        pairs: looked at after each.
        critical: how many critical cases there are.
        level: chance of any false alarm that the rule is made for.

    Raises:
        StatisticsError: an argument out of range.
    """
    if not 0.0 <= rate <= 1.0:
        raise StatisticsError(f"a rate lies within 0 and 1, got {rate}")
    bar = severe_bar(critical=critical, level=level)
    alive, lost = {(0, 0): 1.0}, 0.0
    for n in range(1, pairs + 1):
        following: dict[tuple[int, int], float] = {}
        for (before, after), chance in alive.items():
            for first in (0, 1):
                for second in (0, 1):
                    to = (before + first, after + second)
                    part = chance * _of(first, rate) * _of(second, rate)
                    following[to] = following.get(to, 0.0) + part
        called = {to for to in following if fell(Pairs(*to, n)) >= bar}
        lost += sum(following[to] for to in called)
        alive = {to: chance for to, chance in following.items() if to not in called}
    return lost


def _of(outcome: int, rate: float) -> float:
    return rate if outcome else 1 - rate
