"""Judges that answer what a test tells them to, without any model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from roadworthy.grade.judge.answer_form import Position
from roadworthy.grade.judge.instrument import rubric_digest
from roadworthy.grade.judge.judge import Judge
from roadworthy.grade.judge.material import Material
from roadworthy.records.judgement import CriterionScore, Judgement, Unread
from roadworthy.records.rubric import Criterion, Rubric

JUDGE = "test:judge"


def a_rubric(*names: str, min_score: float = 0.75) -> Rubric:
    """A rubric of pass-or-fail criteria with these names; one called ``right`` without."""
    criteria = tuple(Criterion(name=name, question=f"Is it {name}?") for name in names or ["right"])
    return Rubric(name="test", criteria=criteria, min_score=min_score)


def a_judgement(
    *,
    model: str = JUDGE,
    number: int = 0,
    unread: Unread | None = None,
    reason: str = "because",
    quotes: tuple[str, ...] = (),
    **scores: float,
) -> Judgement:
    """A pass with these scores by criterion, or one that could not be read."""
    given = tuple(
        CriterionScore(criterion=name, score=score, reason=reason, quotes=quotes)
        for name, score in scores.items()
    )
    return Judgement(
        model=model,
        rubric="",
        number=number,
        scores=() if unread else given,
        unread=unread,
        why="" if unread is None else f"it was {unread}",
    )


@dataclass(slots=True, kw_only=True)
class ScriptedJudge:
    """A `Judge`: gives every criterion the score that `says` makes of item, pass and position."""

    says: Callable[[Material, int, Position | None], float]
    model: str = JUDGE
    asked: list[tuple[Material, int, Position | None]] = field(default_factory=list)

    async def judge(
        self,
        rubric: Rubric,
        material: Material,
        number: int,
        position: Position | None = None,
    ) -> Judgement:
        """See `Judge`."""
        self.asked.append((material, number, position))
        score = self.says(material, number, position)
        return Judgement(
            model=self.model,
            rubric=rubric_digest(rubric),
            number=number,
            scores=tuple(
                CriterionScore(criterion=one.name, score=score) for one in rubric.criteria
            ),
        )


@dataclass(slots=True, kw_only=True)
class ScriptedJudges:
    """A `Judges` with one rubric and these judges, whatever is asked for."""

    judges: Sequence[Judge]
    only: Rubric = field(default_factory=a_rubric)
    notes: list[str] = field(default_factory=list)

    def rubric(self, name: str, digest: str) -> Rubric:
        """See `Judges`."""
        del name, digest
        return self.only

    def panel(self, names: Sequence[str]) -> tuple[Judge, ...]:
        """See `Judges`."""
        del names
        return tuple(self.judges)

    def note(self, text: str) -> None:
        """See `Judges`."""
        self.notes.append(text)
