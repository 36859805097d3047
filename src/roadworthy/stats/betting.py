"""Evidence that may be looked at after every block: bets against a mean, kept as counts.

A suite of N cases has one mean: of the change of each case's chance, or of the chance itself.
What is drawn of a case lies within the question's `least` and 1: a pair of trials is -1 (worse),
0 or 1 (better); a single trial is 0 or 1. Two players start with 1. The low one bets that the
mean lies below `low_edge`, the high one that it lies above `high_edge`. A draw multiplies what
they hold by ``1 - stake * weight * (draw - low_edge)`` and ``1 + stake * weight * (draw -
high_edge)``. Where a player is wrong, what it holds has a mean of at most 1 after every block,
so it ever reaches 1 / alpha with chance alpha at most (Ville). Looking costs nothing.

What makes it hold for a fixed suite sampled unequally: a block splits the cases into strata and
deals each stratum its draws evenly, what is left over to cases chosen by lot. Weights make up
for unequal shares: ``weight = K G / (N n)`` for n of the block's K draws on a stratum of G cases.
By Maclaurin's inequality within strata and the inequality of weighted means between them, the
mean product is at most ``(mean factor) ** K <= 1``. This needs stakes and strata that are set
before the block, from nothing that the block will use: not from its own draws, and not from
baseline trials that its pairs hold.

Only counts matter: the order within a block does not, and blocks are looked at when they end.
In the middle of one, the product of its part so far proves nothing (the good half may have come
first); `curtailment.foregone` says whether the rest can still change the answer.

Sources: Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by betting,
JRSS B 86(1); Ramdas, Grünwald, Vovk and Shafer (2023), Game-theoretic statistics and safe
anytime-valid inference, Statistical Science 38(4); Ville (1939), Étude critique de la notion de
collectif. The strata are our own use of Maclaurin's inequality (Hardy, Littlewood and Pólya,
Inequalities, chapter 2).
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import inf, log, log1p
from typing import Final, NamedTuple

from roadworthy.base.errors import StatisticsError
from roadworthy.stats.intervals import check_level

MOST_STAKED: Final = 0.97  # of what a player could lose in one draw: it never goes broke


class Side(StrEnum):
    """Where the mean was shown to lie."""

    LOW = "low"  # below `low_edge`
    HIGH = "high"  # above `high_edge`
    OPEN = "open"  # neither was shown, yet


class Question(NamedTuple):
    """What is asked about the mean; made by `about_change` or `about_rate`."""

    least: float  # the smallest draw: -1 for a pair, 0 for a single trial
    low_edge: float  # LOW shows that the mean lies below this
    high_edge: float  # HIGH shows that the mean lies above this
    low_aim: float  # the mean at which LOW should come soonest, below `low_edge`
    high_aim: float  # the mean at which HIGH should come soonest, above `high_edge`


class Tally(NamedTuple):
    """Draws of one stratum by value: -1, 0 and 1."""

    down: int = 0
    level: int = 0
    up: int = 0

    @property
    def n(self) -> int:
        """Draws of any value."""
        return self.down + self.level + self.up


class Stratum(NamedTuple):
    """Cases that share a weight, with what was drawn of all of them together."""

    cases: int
    tally: Tally


class Stakes(NamedTuple):
    """How much each player bets on every draw of a block."""

    low: float
    high: float


class Block(NamedTuple):
    """Draws between two looks; stakes and strata were set before the first of them."""

    strata: tuple[Stratum, ...]
    stakes: Stakes

    @property
    def draws(self) -> int:
        """Draws that were measured, over all strata."""
        return sum(stratum.tally.n for stratum in self.strata)


class Logs(NamedTuple):
    """Natural logarithms of what the two players hold."""

    low: float
    high: float


class Settled(NamedTuple):
    """What the blocks show, and what it rests on."""

    side: Side
    after: int | None  # blocks until it was shown; None while it is open
    now: Logs  # at that time, or after the last block
    most: Logs  # the most each player held at the end of any block so far


def about_change(margin: float) -> Question:
    """Did the mean change fall below 0 (LOW), or is it above minus the margin (HIGH)?

    Raises:
        StatisticsError: the margin does not lie strictly between 0 and 1.
    """
    if not 0.0 < margin < 1.0:
        raise StatisticsError(
            f"a margin lies strictly between 0 and 1, got {margin}",
            hint="five percentage points are 0.05",
        )
    return Question(least=-1.0, low_edge=0.0, high_edge=-margin, low_aim=-margin, high_aim=0.0)


def about_rate(threshold: float, *, margin: float = 0.0) -> Question:
    """Is the mean rate below `threshold` (LOW), or above ``threshold - margin`` (HIGH)?

    Without a margin, a rate that lies at the threshold is never settled. Draws are singles: a
    pass is `up`, a failure `level`, `down` stays 0.

    Raises:
        StatisticsError: ``threshold - margin`` or `threshold` not strictly between 0 and 1.
    """
    if margin < 0.0 or not 0.0 < threshold - margin <= threshold < 1.0:
        raise StatisticsError(
            f"a threshold and what is left of it below the margin lie strictly between 0 and 1, "
            f"got {threshold} and a margin of {margin}"
        )
    apart = margin == 0.0
    return Question(
        least=0.0,
        low_edge=threshold,
        high_edge=threshold - margin,
        low_aim=threshold * threshold if apart else threshold - margin,
        high_aim=(1 + threshold) / 2 if apart else threshold,
    )


def log_e(block: Block, question: Question) -> Logs:
    """What one block multiplies the two players' holdings by, as logarithms.

    Pairs that could not be measured are left out and weights follow what is there, which is
    sound when they were lost without regard to what they would have shown. A stratum of which
    nothing is there counts as the worst that each player can meet.

    Raises:
        StatisticsError: a value that the question does not know, or stakes below 0.
    """
    _check(block, question)
    there = [stratum for stratum in block.strata if stratum.tally.n]
    cases = sum(stratum.cases for stratum in there)
    absent = sum(stratum.cases for stratum in block.strata) - cases
    if not cases:
        return Logs(0.0, 0.0)
    low_edge = (question.low_edge * (cases + absent) - absent) / cases
    high_edge = (question.high_edge * (cases + absent) - question.least * absent) / cases
    weights = [block.draws * one.cases / (cases * one.tally.n) for one in there]
    tallies = [one.tally for one in there]
    low = _Bet(side=-1.0, edge=low_edge, worst=1.0, stake=block.stakes.low)
    high = _Bet(side=1.0, edge=high_edge, worst=question.least, stake=block.stakes.high)
    return Logs(_gain(tallies, weights, low), _gain(tallies, weights, high))


def settle(
    blocks: Sequence[Block], question: Question, *, alpha: float, beta: float = 0.05
) -> Settled:
    """Read the blocks in order and stop at the end of the first that settles the question.

    Args:
        blocks: in the order in which they were drawn; blocks after the answer change nothing.
        question: what was asked when their stakes were set.
        alpha: chance at most, over all looks together, of LOW where it is not true.
        beta: the same of HIGH.

    Raises:
        StatisticsError: a level out of range, or blocks that the question does not fit.
    """
    bars = Logs(-log(check_level(alpha)), -log(check_level(beta)))
    now, most = Logs(0.0, 0.0), Logs(0.0, 0.0)
    for index, now in enumerate(_held(blocks, question), start=1):
        most = Logs(max(most.low, now.low), max(most.high, now.high))
        if now.low >= bars.low:
            return Settled(Side.LOW, index, now, most)
        if now.high >= bars.high:
            return Settled(Side.HIGH, index, now, most)
    return Settled(Side.OPEN, None, now, most)


def _held(blocks: Sequence[Block], question: Question) -> Iterator[Logs]:
    low = high = 0.0
    for block in blocks:
        gained = log_e(block, question)
        low, high = low + gained.low, high + gained.high
        yield Logs(low, high)


class _Bet(NamedTuple):
    side: float  # -1 bets on less than the edge, 1 on more
    edge: float
    worst: float  # the draw that loses most
    stake: float


def _gain(tallies: Sequence[Tally], weights: Sequence[float], bet: _Bet) -> float:
    """Log of the product of ``1 + side * stake * weight * (draw - edge)`` over all draws."""
    exposed = max(weights) * abs(bet.worst - bet.edge)
    staked = bet.side * min(bet.stake, MOST_STAKED / exposed if exposed else inf)
    return sum(
        count * log1p(staked * weight * (value - bet.edge))
        for tally, weight in zip(tallies, weights, strict=True)
        for value, count in zip((-1.0, 0.0, 1.0), tally, strict=True)
        if count
    )


def _check(block: Block, question: Question) -> None:
    if min(block.stakes) < 0:
        raise StatisticsError(f"stakes are 0 or more, got {block.stakes}")
    for cases, tally in block.strata:
        if cases < 1 or min(tally) < 0:
            raise StatisticsError(f"a stratum has cases and counts of 0 or more, got {tally}")
        if question.least >= 0 and tally.down:
            raise StatisticsError("a single trial is 0 or 1; -1 belongs to pairs")
