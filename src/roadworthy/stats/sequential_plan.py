"""The next block: how much to draw, of which cases, at which stakes.

The plan is a function of the blocks before it and a seeded lot. Whoever runs it writes it down
before the first trial starts, so that the answer can be worked out again from what was stored.
The first block is short, because its stakes rest on no evidence; later ones are a few percent of
what was drawn so far, so that little is drawn past the point where it was enough.
"""

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from roadworthy.base.errors import ShapeMismatch, TooFewSamples
from roadworthy.stats.allotment import Chances, Seen, chances, dealt, handed_out, strata
from roadworthy.stats.betting import Block, Question, Stakes, Stratum, Tally
from roadworthy.stats.staking import lay_of, stakes

if TYPE_CHECKING:
    from roadworthy.stats.allotment import Floats, Ints

LEAST_DRAWS: Final = 5  # of a later block
OPENING: Final = 10  # of the first one: short, since its stakes rest on no evidence yet
GROWTH: Final = 0.03  # of what was drawn so far


class Plan(NamedTuple):
    """A block before it is drawn; cases are in the order in which they were given."""

    draws: tuple[int, ...]  # of each case, 0 or more
    stratum: tuple[int, ...]  # of each case; those of one number share their weight
    stakes: Stakes


def next_block(
    seen: Sequence[Tally],
    question: Question,
    *,
    rng: Random,
    left: Sequence[int] | None = None,
    budget: int | None = None,
    every_case: bool = False,
) -> Plan | None:
    """Plan the next block from what the blocks before it showed.

    Args:
        seen: what ended blocks drew of each case, at least one case; all empty at first. Nothing
            else may be in it: in particular no baseline trial that a later pair will hold.
        question: what is asked.
        rng: seeded by the caller, who stores the seed; used for the lots alone.
        left: draws that each case may still get; None: no limit.
        budget: draws that may still be bought in all; None: no limit.
        every_case: draw every case at least once if this is the first block, for those who want
            to see each case before any answer. Costs up to as many draws as there are cases.

    Returns:
        None where no block can speak for the whole suite any more: a case has no draw left, or
        the budget does not reach.

    Raises:
        TooFewSamples: no case.
        ShapeMismatch: `left` is not as long as `seen`.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    if not seen:
        raise TooFewSamples("nothing can be drawn without a single case")
    if left is not None and len(left) != len(seen):
        raise ShapeMismatch(f"{len(seen)} cases, but limits for {len(left)}")
    counts = Seen(*(np.asarray([column], float) for column in _columns(seen)))
    drawn = counts.n.sum(-1)
    wanted = block_size(drawn, len(seen), every_case=every_case)
    wanted = wanted if budget is None else np.minimum(wanted, budget)
    limits = np.full((1, len(seen)), np.inf) if left is None else np.asarray([left], float)
    found = chances(counts, paired=question.least < 0)
    levels = strata(found, paired=question.least < 0)
    dealing = dealt(levels, wanted, limits)
    if not _reaches(levels, dealing, budget):
        return None
    lots = np.asarray([[rng.random() for _ in seen]])
    own = handed_out(levels, dealing, lots)
    return Plan(
        tuple(own[0].tolist()),
        tuple(levels[0].tolist()),
        _stakes(found, levels, dealing, drawn, question),
    )


def block_of(plan: Plan, drawn: Sequence[Tally]) -> Block:
    """The block that a plan became: what was drawn of each case, folded into strata.

    Raises:
        ShapeMismatch: `drawn` is not as long as the plan.
    """
    if len(drawn) != len(plan.stratum):
        raise ShapeMismatch(f"the plan has {len(plan.stratum)} cases, drawn were {len(drawn)}")
    found = []
    for number in sorted(set(plan.stratum)):
        own = [tally for tally, one in zip(drawn, plan.stratum, strict=True) if one == number]
        found.append(Stratum(len(own), Tally(*map(sum, zip(*own, strict=True)))))
    return Block(tuple(found), plan.stakes)


def block_size(drawn: "Floats", cases: int, *, every_case: bool = False) -> "Floats":
    """Draws of the next block, shape ``(runs,)``, given those before it."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    opening = cases if every_case else min(cases, OPENING)
    wanted: Floats = np.where(drawn > 0, np.maximum(LEAST_DRAWS, GROWTH * drawn), opening)
    return wanted


def _columns(seen: Sequence[Tally]) -> tuple[list[int], list[int], list[int]]:
    return [one.down for one in seen], [one.up for one in seen], [one.n for one in seen]


def _reaches(levels: "Ints", dealing: "Ints", budget: int | None) -> bool:
    """Whether every stratum that has cases gets a draw, within the budget."""
    filled = all(dealing[0, number] > 0 for number in set(levels[0].tolist()))
    return filled and (budget is None or int(dealing.sum()) <= budget)


def _stakes(
    found: Chances, levels: "Ints", dealing: "Ints", drawn: "Floats", question: Question
) -> Stakes:
    low, high = stakes(found, lay_of(found, levels, dealing), drawn, question)
    return Stakes(float(low[0]), float(high[0]))
