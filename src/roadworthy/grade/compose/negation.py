"""The opposite of a grader."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from roadworthy.base.codec import Json
from roadworthy.grade.compose.child import evidence, read_child, scores, told, unmeasured
from roadworthy.grade.judge.judge import Judges
from roadworthy.grade.part import Part, Parts, instruments_within
from roadworthy.records.reading import Grade, Reading, Unmeasured
from roadworthy.records.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Passes when `grader` fails. What it could not measure stays unmeasured.

    The score is 1 less its score.
    """

    grader: Part
    name: ClassVar[str] = "not"
    version: ClassVar[int] = 1
    shorthand: ClassVar[str] = "grader"

    @property
    def parts(self) -> Parts:
        """The grader that is turned round."""
        return (self.grader,)

    @property
    def instrument(self) -> str:
        """Those of the judges inside."""
        return instruments_within(self.parts)

    def bound(self, judges: Judges, *, asked: Json = None) -> Self:
        """See `NeedsJudges`."""
        return replace(self, grader=self.grader.bound(judges, asked=asked))

    async def grade(self, trial: Trial) -> Reading:
        """Let the grader read, and turn its finding round."""
        child = await read_child(self.grader.name, self.grader, trial)
        reading = child.reading
        if isinstance(reading, Unmeasured):
            return unmeasured([child])
        holds = "this must not hold, and does" if reading.passed else "as it must, this fails"
        return Grade(
            passed=not reading.passed,
            score=1.0 - reading.score,
            why=f"{holds}: {child.why}",
            evidence=evidence([child]),
            parts=scores([child]),
            details=told([child]),
        )
