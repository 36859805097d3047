"""A combination of graders says which judges its outcome rests on."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from roadworthy.gate.trust import instruments_of
from roadworthy.grade.compose.all_any import AllOf, AnyOf
from roadworthy.grade.compose.negation import Not
from roadworthy.grade.compose.weighted import Weighted, WeightedPart
from roadworthy.grade.grade_trial import grade_trial
from roadworthy.grade.grader import Grader
from roadworthy.grade.part import Part
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.trial import Trial
from roadworthy.testing import a_trial

JUDGE = "tone@1/openai:m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """Passes, fails or measures nothing, with or without a judge behind it."""

    passed: bool | None
    instrument: str = ""
    name: ClassVar[str] = "says"
    version: ClassVar[int] = 1

    async def grade(self, trial: Trial) -> Reading:
        if self.passed is None:
            return Unmeasured(cause=Cause.JUDGE_UNAVAILABLE, why="nobody answered")
        return Grade(passed=self.passed, score=float(self.passed), why="so it is")


def part(passed: bool | None, instrument: str = "") -> Part:
    return Part(name="says", options={}, grader=Says(passed=passed, instrument=instrument))


def inside(grader: Grader) -> Part:
    return Part(name=grader.name, options={}, grader=grader)


async def judges(grader: Grader) -> tuple[str, ...]:
    (reading,) = await grade_trial([(GraderSpec(grader=grader.name), grader)], a_trial())
    assert reading.instrument
    return instruments_of(reading)


@pytest.mark.parametrize("kind", [AllOf, AnyOf])
async def test_a_judge_that_was_not_asked_took_no_part(kind: type[AllOf | AnyOf]) -> None:
    settles = kind is AnyOf

    assert await judges(kind(graders=(part(settles), part(True, JUDGE)))) == ()


@pytest.mark.parametrize("kind", [AllOf, AnyOf])
async def test_a_judge_that_was_asked_took_part(kind: type[AllOf | AnyOf]) -> None:
    leaves_open = kind is AllOf

    assert await judges(kind(graders=(part(leaves_open), part(False, JUDGE)))) == (JUDGE,)


async def test_it_holds_however_deep_they_stand() -> None:
    settled = AllOf(graders=(part(False), part(True, JUDGE)))
    asked = AllOf(graders=(part(True), part(True, JUDGE)))

    assert await judges(Not(grader=inside(settled))) == ()
    assert await judges(Not(grader=inside(asked))) == (JUDGE,)


async def test_a_judge_without_a_verdict_decided_nothing() -> None:
    graders = (
        WeightedPart(part=part(True), weight=9.0),
        WeightedPart(part=part(None, JUDGE)),
        WeightedPart(part=part(True, "other@1/openai:m")),
    )

    assert await judges(Weighted(graders=graders, at_least=0.5)) == ("other@1/openai:m",)
