"""The graders `rubric` and `pairwise`: options as they are written, and bound to judges.

As written they hold options only, so that a suite can be read where no judge is. `bound` gives
the grader that asks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

from msgspec.structs import replace

from roadworthy.base.codec import Json
from roadworthy.grade.grader import Grader
from roadworthy.grade.judge.bound_rubric import BoundPairwise, BoundRubric
from roadworthy.grade.judge.judge import Judges
from roadworthy.grade.judge.trial_material import Given
from roadworthy.records.grader_spec import BadOptions, OptionProblem
from roadworthy.records.reading import Cause, Reading, Unmeasured
from roadworthy.records.rubric import Aggregate, Rubric
from roadworthy.records.trial import Trial

MAX_PASSES = 25

How: TypeAlias = Literal["median", "majority"]


@runtime_checkable
class NeedsJudges(Protocol):
    """A grader that can only read a trial once it has been given judges."""

    def bound(self, judges: Judges, *, asked: Json = None) -> Grader:
        """The grader that asks `judges`; `asked` is the case's input, where it is known.

        Raises:
            BadRequest: a rubric or judge that it names is not there.
        """


def bind(grader: Grader, judges: Judges, *, asked: Json = None) -> Grader:
    """`grader` with judges, if it needs them. Raises `BadRequest`, as `NeedsJudges.bound` does."""
    return grader.bound(judges, asked=asked) if isinstance(grader, NeedsJudges) else grader


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricGrader:
    """Passes when judges find that the answer meets a rubric.

    Each judge of `panel`, or `judge`, is asked `passes` times. `min_score` and `aggregate`
    stand in for the rubric's own.
    """

    rubric: str
    judge: str = ""
    panel: tuple[str, ...] = ()
    passes: int = 1
    aggregate: How | None = None
    min_score: float | None = None
    expected: Json = None
    policy: str | None = None
    digest: str = ""
    name: ClassVar[str] = "rubric"
    version: ClassVar[int] = 1
    shorthand: ClassVar[str] = "rubric"

    def __post_init__(self) -> None:
        _refuse(_problems(self.rubric, self.judge, self.panel, self.passes, self.min_score))

    async def grade(self, trial: Trial) -> Reading:
        """Say that nobody is there to ask."""
        del trial
        return _NOBODY

    def bound(self, judges: Judges, *, asked: Json = None) -> Grader:
        """See `NeedsJudges`."""
        rubric = _used(judges.rubric(self.rubric, self.digest), self.aggregate, self.min_score)
        return BoundRubric(
            rubric=rubric,
            panel=judges.panel(_names(self.judge, self.panel)),
            passes=self.passes,
            given=Given(input=asked, expected=self.expected, policy=self.policy),
            judges=judges,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairwise:
    """Passes when judges find the answer as good as `against`, or better.

    Every pass asks twice, once with the answers in each order; a criterion on which a judge
    changes its mind with the order counts as a tie (0.5).
    """

    against: Json
    rubric: str
    judge: str = ""
    panel: tuple[str, ...] = ()
    passes: int = 1
    aggregate: How | None = None
    min_score: float = 0.5
    policy: str | None = None
    digest: str = ""
    name: ClassVar[str] = "pairwise"
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        problems = [*_problems(self.rubric, self.judge, self.panel, self.passes, self.min_score)]
        if self.against in (None, ""):
            problems.append(OptionProblem(place="against", message="is empty"))
        _refuse(problems)

    async def grade(self, trial: Trial) -> Reading:
        """Say that nobody is there to ask."""
        del trial
        return _NOBODY

    def bound(self, judges: Judges, *, asked: Json = None) -> Grader:
        """See `NeedsJudges`."""
        rubric = _used(judges.rubric(self.rubric, self.digest), self.aggregate, self.min_score)
        return BoundPairwise(
            rubric=replace(rubric, penalties={}),
            panel=judges.panel(_names(self.judge, self.panel)),
            passes=self.passes,
            given=Given(input=asked, policy=self.policy, other=self.against),
            judges=judges,
        )


_NOBODY = Unmeasured(cause=Cause.JUDGE_UNAVAILABLE, why="there is no judge to ask here")


def _used(rubric: Rubric, aggregate: How | None, min_score: float | None) -> Rubric:
    """The rubric with the pass rule of the item that asks for it."""
    return replace(
        rubric,
        aggregate=rubric.aggregate if aggregate is None else Aggregate(aggregate),
        min_score=rubric.min_score if min_score is None else min_score,
    )


def _names(judge: str, panel: Sequence[str]) -> tuple[str, ...]:
    return tuple(panel) or ((judge,) if judge else ())


def _problems(
    rubric: str, judge: str, panel: Sequence[str], passes: int, min_score: float | None
) -> Iterator[OptionProblem]:
    if not rubric.strip():
        yield OptionProblem(place="rubric", message="is empty", hint="for example correctness")
    if judge and panel:
        yield OptionProblem(place="panel", message="give either `judge` or `panel`")
    if len(set(panel)) < len(panel):
        yield OptionProblem(place="panel", message="names a judge twice", hint="see `passes`")
    if not 1 <= passes <= MAX_PASSES:
        message = f"lies between 1 and {MAX_PASSES}, got {passes}"
        yield OptionProblem(place="passes", message=message)
    if min_score is not None and not 0.0 <= min_score <= 1.0:
        message = f"lies between 0 and 1, got {min_score:g}"
        yield OptionProblem(place="min_score", message=message)


def _refuse(problems: Iterator[OptionProblem] | list[OptionProblem]) -> None:
    if found := [*problems]:
        raise BadOptions(found)
