"""May a block end early? Only if what is missing of it cannot change the answer."""

from collections.abc import Sequence

from roadworthy.stats.betting import Block, Question, Side, Stratum, settle


def foregone(
    ended: Sequence[Block],
    running: Block,
    missing: Sequence[int],
    question: Question,
    *,
    alpha: float,
    beta: float = 0.05,
) -> Side:
    """The answer that the running block will end with whatever its missing draws show.

    Args:
        ended: the blocks before it, in order.
        running: the block with what is there of it.
        missing: draws still to come of each of its strata, same order.
        question: what is asked.
        alpha: level of LOW.
        beta: level of HIGH.
    """

    def filled(*, up: bool) -> Block:
        pairs = zip(running.strata, missing, strict=True)
        strata = tuple(_filled(one, more, question, up=up) for one, more in pairs)
        return running._replace(strata=strata)

    worst = settle([*ended, filled(up=True)], question, alpha=alpha, beta=beta)
    best = settle([*ended, filled(up=False)], question, alpha=alpha, beta=beta)
    return worst.side if worst.side is best.side else Side.OPEN


def _filled(one: Stratum, more: int, question: Question, *, up: bool) -> Stratum:
    tally = one.tally
    if up:
        return one._replace(tally=tally._replace(up=tally.up + more))
    if question.least < 0:
        return one._replace(tally=tally._replace(down=tally.down + more))
    return one._replace(tally=tally._replace(level=tally.level + more))
