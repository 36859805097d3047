"""What more would it take? For an open question: draws to go, and the drop that could be seen.

Both are forecasts by a normal approximation to how the players' holdings grow, as if all cases
were drawn evenly from now on. They say what to expect; no answer rests on them.
"""

from math import inf, log, log1p, sqrt
from typing import Final, NamedTuple

from roadworthy.base.errors import StatisticsError, TooFewSamples
from roadworthy.stats.betting import MOST_STAKED, Logs, Question
from roadworthy.stats.intervals import check_level

LEARNING: Final = 1.13  # times the draws: stakes are learned on the way, blocks end late
AHEAD: Final = 2.0  # margins: what stakes aim at on average while a large drop shows itself
_HALVINGS: Final = 40


class Outlook(NamedTuple):
    """What is expected if the mean lies where the estimate has it."""

    draws: int | None  # to go on average; None: no answer is to be expected there
    towards_low: bool  # which answer it would be


class Spread(NamedTuple):
    """Chances of -1 and 1 in one draw, averaged over cases."""

    down: float
    up: float


def outlook(
    now: Logs, spread: Spread, question: Question, *, alpha: float, beta: float = 0.05
) -> Outlook:
    """Draws that the open question still needs if the mean is what `spread` says.

    Args:
        now: what the players hold.
        spread: as seen so far, steadied by the caller where draws are few.
        question: what is asked.
        alpha: level of LOW.
        beta: level of HIGH.

    Returns:
        None halfway between the edges, where neither player gains: only another margin or more
        cases would settle it.

    Raises:
        StatisticsError: chances or levels out of range.
    """
    _check(spread)
    low = _growth(spread, question.low_edge, 1.0, _aimed(spread, question.low_aim, question))
    high = _growth(
        spread, question.high_edge, question.least, _aimed(spread, question.high_aim, question)
    )
    to_low = _draws(-log(check_level(alpha)) - now.low, low[0])
    to_high = _draws(-log(check_level(beta)) - now.high, high[0])
    soonest = min(to_low, to_high)
    return Outlook(None if soonest == inf else max(1, round(soonest + 0.5)), to_low < to_high)


def smallest_sequential_drop(
    spread: Spread, *, draws: int, margin: float, alpha: float, power: float = 0.8
) -> float:
    """Smallest fall of the mean that LOW shows within `draws` pairs with chance `power`.

    Args:
        spread: chances of -1 and 1 where nothing changed.
        draws: pairs that can be bought, evenly over the suite.
        margin: the question's, which sets the stakes.
        alpha: level of LOW.
        power: chance to see it, strictly between one half and 1.

    Returns:
        Rate points in (0, 1]. In simulations (20 to 200 cases, rates 0.8 to 0.95, 100 to 800
        pairs, a power of 0.8) a fall of this size was seen 73 to 90 times in 100.

    Raises:
        TooFewSamples: not even a fall by one would be seen.
        StatisticsError: an argument out of range.
    """
    from statistics import NormalDist  # noqa: PLC0415 - costs start-up time

    half = 0.5
    if check_level(power) <= half:
        raise StatisticsError(f"a power lies above one half, got {power}")
    _check(spread)
    quantile = NormalDist().inv_cdf(power)

    def is_seen(drop: float) -> bool:
        fallen = _fallen(spread, drop)
        stake = _stake(_shifted(fallen, max(0.0, drop - AHEAD * margin)), 0.0, 1.0)
        mean, variance = _growth(fallen, 0.0, 1.0, stake)
        reached = draws / LEARNING * mean - quantile * sqrt(draws * variance)
        return reached >= -log(check_level(alpha))

    if draws < 1 or not is_seen(1.0):
        raise TooFewSamples(f"{draws} pairs cannot show even a fall to 0", hint="allow more trials")
    seen, missed = 1.0, 0.0
    for _ in range(_HALVINGS):
        middle = (seen + missed) / 2
        seen, missed = (middle, missed) if is_seen(middle) else (seen, middle)
    return seen


def _fallen(spread: Spread, drop: float) -> Spread:
    """What the chances become if so many pairs more turn for the worse."""
    down = min(1.0, spread.down + drop)
    return Spread(down, min(spread.up, 1 - down))


def _draws(missing: float, growth: float) -> float:
    if missing <= 0:
        return 0.0
    return LEARNING * missing / growth if growth > 0 else inf


def _aimed(spread: Spread, aim: float, question: Question) -> float:
    """The stake that the plan would use: for its aim, with the spread as it is."""
    low = aim == question.low_aim
    edge, worst = (question.low_edge, 1.0) if low else (question.high_edge, question.least)
    at = _shifted(spread, aim - (spread.up - spread.down), single=question.least >= 0)
    return _stake(at, edge, worst)


def _shifted(spread: Spread, by: float, *, single: bool = False) -> Spread:
    """The same spread around another mean, as far as chances allow."""
    if single:
        return Spread(0.0, min(1.0, max(0.0, spread.up + by)))
    down = min(1.0, max(0.0, spread.down - by / 2))
    up = min(1.0, max(0.0, spread.up + by / 2))
    mean = max(-1.0, min(1.0, spread.up - spread.down + by))
    moved = min(1.0, max(down + up, abs(mean)))
    return Spread((moved - mean) / 2, (moved + mean) / 2)


def _stake(spread: Spread, edge: float, worst: float) -> float:
    """Where growth is fastest: halving on the sign of its slope."""
    side = -1.0 if worst > edge else 1.0
    low, high = 0.0, MOST_STAKED / abs(worst - edge)
    for _ in range(_HALVINGS):
        stake = (low + high) / 2
        slope = sum(
            chance * side * (value - edge) / (1 + stake * side * (value - edge))
            for value, chance in _outcomes(spread)
        )
        low, high = (stake, high) if slope > 0 else (low, stake)
    return low


def _growth(spread: Spread, edge: float, worst: float, stake: float) -> tuple[float, float]:
    """Mean and variance of the logarithm of one factor."""
    side = -1.0 if worst > edge else 1.0
    steps = [(chance, log1p(side * stake * (value - edge))) for value, chance in _outcomes(spread)]
    mean = sum(chance * step for chance, step in steps)
    return mean, sum(chance * (step - mean) ** 2 for chance, step in steps)


def _outcomes(spread: Spread) -> tuple[tuple[float, float], ...]:
    down, up = spread
    return (-1.0, down), (0.0, 1 - down - up), (1.0, up)


def _check(spread: Spread) -> None:
    if min(spread) < 0 or sum(spread) > 1:
        raise StatisticsError(f"chances are 0 or more and sum to 1 at most, got {spread}")
