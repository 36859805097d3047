"""Asking judges about one item: every pass of every judge, side by side.

For trials (`rubric_grader`) and for labelled items that are no trials (calibration) alike, so
that what is calibrated is what grades.
"""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from roadworthy.base.errors import BadRequest
from roadworthy.grade.judge.answer_form import Position
from roadworthy.grade.judge.judge import Judge
from roadworthy.grade.judge.material import Material, lacking
from roadworthy.records.judgement import CriterionScore, Judgement
from roadworthy.records.rubric import Rubric
from roadworthy.records.usage import total_usage

_TIE = 0.5


async def judge_item(
    judges: Sequence[Judge], rubric: Rubric, material: Material, passes: int
) -> tuple[Judgement, ...]:
    """`passes` judgements of each judge, in order. `verdict_of` makes a reading of them.

    Raises:
        BadRequest: the material lacks something that the rubric must show.
    """
    _refuse_lacking(rubric, material)
    asked = [judge.judge(rubric, material, number) for judge in judges for number in range(passes)]
    return tuple(await asyncio.gather(*asked))


async def compare_item(
    judges: Sequence[Judge], rubric: Rubric, material: Material, passes: int
) -> tuple[Judgement, ...]:
    """The same where `material.other` is to be compared with: each pass asks in both orders.

    A criterion on which the judge changes its mind with the order is a tie: 0.5, where 1.0 is
    the agent's answer and 0.0 the other.

    Raises:
        BadRequest: the material lacks something that the rubric must show, or the other answer.
    """
    _refuse_lacking(rubric, material)
    if material.other is None:
        raise BadRequest("there is no other answer to compare with")
    asked = [
        _both_orders(judge, rubric, material, number)
        for judge in judges
        for number in range(passes)
    ]
    return tuple(await asyncio.gather(*asked))


def _refuse_lacking(rubric: Rubric, material: Material) -> None:
    if missing := lacking(rubric, material):
        raise BadRequest(
            f"rubric {rubric.name} shows {', '.join(missing)}, which the item does not have",
            hint="give it, or list it under `optional` in the rubric",
        )


async def _both_orders(judge: Judge, rubric: Rubric, material: Material, number: int) -> Judgement:
    first, second = await asyncio.gather(
        judge.judge(rubric, material, number, Position.FIRST),
        judge.judge(rubric, material, number, Position.SECOND),
    )
    return consistent(first, second)


def consistent(first: Judgement, second: Judgement) -> Judgement:
    """One judgement from the two orders; unread when either is."""
    usage = total_usage([first.usage, second.usage])
    for one in (first, second):
        if one.unread is not None:
            return replace(one, usage=usage)
    pairs = zip(first.scores, second.scores, strict=True)
    return replace(first, scores=tuple(_agreed(*pair) for pair in pairs), usage=usage)


def _agreed(one: CriterionScore, other: CriterionScore) -> CriterionScore:
    if one.score == other.score:
        return one
    quotes = tuple(dict.fromkeys([*one.quotes, *other.quotes]))
    reason = f"undecided between the two orders: {one.reason} / {other.reason}"
    return CriterionScore(criterion=one.criterion, score=_TIE, reason=reason, quotes=quotes)
