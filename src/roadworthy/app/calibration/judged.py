"""Asking a judge about labelled items now, with the very instrument that grades trials.

What a judge says is kept at once, so that work which was stopped goes on where it was, for
nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeAlias

import msgspec

from roadworthy.app.app import App
from roadworthy.app.calibration.items import LabelledItem
from roadworthy.app.calibration.truth import FAIL, PASS
from roadworthy.app.judging.judges import ProjectJudges
from roadworthy.app.suites import suite_folder
from roadworthy.base.errors import BadRequest
from roadworthy.gate.wording import counted, names
from roadworthy.grade.judge.answer_form import Position
from roadworthy.grade.judge.bound_rubric import BoundRubric
from roadworthy.grade.judge.instrument import rubric_digest
from roadworthy.grade.judge.judge import Judge, Judges
from roadworthy.grade.judge.judge_item import judge_item
from roadworthy.grade.judge.material import Material, is_too_long, lacking, shown
from roadworthy.grade.judge.rubric_grader import How, Pairwise, RubricGrader
from roadworthy.grade.judge.verdict import verdict_of
from roadworthy.records.judgement import Judgement
from roadworthy.records.reading import Cause, Grade, Reading
from roadworthy.records.rubric import Rubric

AT_A_TIME = 64
OnItem: TypeAlias = Callable[[int, int], None]
"""Told how many items are done, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a judge is asked: what a suite's `rubric` grader can be given."""

    rubric: str
    judges: Sequence[str] = ()
    passes: int = 1
    aggregate: How | None = None
    min_score: float | None = None
    suite: str | None = None  # whose folder holds the rubric
    pairwise: bool = False  # compare two answers, as the grader `pairwise` does


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A rubric as it is used, and who is asked. `name` is that of `TrialReading.instrument`."""

    name: str
    rubric: Rubric
    panel: tuple[Judge, ...]
    passes: int
    pairwise: bool = False

    @property
    def digest(self) -> str:
        """Of the rubric."""
        return rubric_digest(self.rubric)

    @property
    def models(self) -> tuple[str, ...]:
        """Who judges."""
        return tuple(judge.model for judge in self.panel)

    async def read(self, material: Material) -> Reading:
        """What the instrument finds on `material`."""
        judgements = await judge_item(self.panel, self.rubric, material, self.passes)
        return verdict_of(judgements, self.rubric, material)

    def anew(self, occasion: "Occasion", at: float) -> "Instrument":
        """The same instrument, with passes that nobody asked for on another occasion."""
        first = int(at * 1_000) * 1_000 + 100 * occasion
        panel = tuple(AnewJudge(judge, first) for judge in self.panel)
        return replace(self, panel=panel)


class Occasion(IntEnum):
    """Why a judge is asked anew, although it may have answered the same before."""

    FREEZE = 1
    CHECK = 2


class AnewJudge:
    """A judge whose passes are numbered apart, so that no earlier answer stands in for them."""

    def __init__(self, judge: Judge, first: int) -> None:
        self._judge = judge
        self._first = first

    @property
    def model(self) -> str:
        """``provider:model``."""
        return self._judge.model

    async def judge(
        self,
        rubric: Rubric,
        material: Material,
        number: int,
        position: Position | None = None,
    ) -> Judgement:
        """Pass `number` of this occasion."""
        return await self._judge.judge(rubric, material, number + self._first, position)


def open_judges(app: App, suite: str | None) -> ProjectJudges:
    """The project's judges, with the rubrics of a suite where one is named."""
    return ProjectJudges(app, None if suite is None else suite_folder(app, suite))


def instrument_of(judges: Judges, asked: Asked) -> Instrument:
    """The instrument that a suite's grader with these options would be. Raises `BadRequest`."""
    grader = _compares(asked) if asked.pairwise else _rates(asked)
    bound = grader.bound(judges)
    assert isinstance(bound, BoundRubric)  # what both graders are bound to
    return Instrument(
        name=bound.instrument,
        rubric=bound.rubric,
        panel=bound.panel,
        passes=bound.passes,
        pairwise=asked.pairwise,
    )


def _rates(asked: Asked) -> RubricGrader:
    return RubricGrader(
        rubric=asked.rubric,
        panel=tuple(asked.judges),
        passes=asked.passes,
        aggregate=asked.aggregate,
        min_score=asked.min_score,
    )


def _compares(asked: Asked) -> Pairwise:
    return Pairwise(
        against="another answer",
        rubric=asked.rubric,
        panel=tuple(asked.judges),
        passes=asked.passes,
        aggregate=asked.aggregate,
        min_score=0.5 if asked.min_score is None else asked.min_score,
    )


async def judged(
    items: Sequence[LabelledItem], instrument: Instrument, *, on_item: OnItem | None = None
) -> tuple[LabelledItem, ...]:
    """The items with the judge's verdict on each; one that nobody could be asked about has none.

    Raises:
        BadRequest: items lack what the rubric shows.
    """
    _refuse_lacking(items, instrument.rubric)
    done: list[LabelledItem] = []
    for start in range(0, len(items), AT_A_TIME):
        some = items[start : start + AT_A_TIME]
        done += await asyncio.gather(*(_judged(item, instrument) for item in some))
        if on_item is not None:
            on_item(len(done), len(items))
    return tuple(done)


async def _judged(item: LabelledItem, instrument: Instrument) -> LabelledItem:
    assert item.material is not None  # `_refuse_lacking` saw to it
    if is_too_long(shown(instrument.rubric, item.material)):
        return msgspec.structs.replace(item, verdict=None, unread=False)
    return msgspec.structs.replace(item, **verdict_fields(await instrument.read(item.material)))


def verdict_fields(reading: Reading) -> dict[str, str | bool | None]:
    """What a reading says of an item."""
    if isinstance(reading, Grade):
        return {"verdict": PASS if reading.passed else FAIL, "unread": False}
    return {"verdict": None, "unread": reading.cause is Cause.JUDGE_UNREADABLE}


def _refuse_lacking(items: Sequence[LabelledItem], rubric: Rubric) -> None:
    bare = [one.id for one in items if one.material is None or lacking(rubric, one.material)]
    if bare:
        needs = ", ".join(one.value for one in rubric.references)
        raise BadRequest(
            f"rubric {rubric.name} shows {needs}, which {counted(len(bare), 'item')} "
            f"{'lacks' if len(bare) == 1 else 'lack'}: {names(bare)}",
            hint="give each item its `material`: input, output, expected, documents, policy",
        )
