"""All of several graders, or any of them, where some may not have been able to look.

Logic is Kleene's, with a third answer for what is unmeasured. A grader that asks judges comes
last, and only while the others leave the outcome open: judges cost money.

Source: Kleene (1952), Introduction to Metamathematics, section 64 (strong tables).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from roadworthy.base.codec import Json
from roadworthy.grade.compose.child import (
    Child,
    evidence,
    labels,
    read_child,
    scores,
    told,
    unmeasured,
)
from roadworthy.grade.judge.judge import Judges
from roadworthy.grade.part import TOOK_PART, Part, Parts, instruments_within
from roadworthy.grade.policy.truth import Truth, all_of, any_of
from roadworthy.records.grader_spec import BadOptions, OptionProblem
from roadworthy.records.reading import Grade, Reading
from roadworthy.records.trial import Trial

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Several:
    """Graders that are read together."""

    graders: tuple[Part, ...]
    shorthand: ClassVar[str] = "graders"

    def __post_init__(self) -> None:
        if not self.graders:
            raise BadOptions([OptionProblem(place="graders", message="names no grader")])

    @property
    def parts(self) -> Parts:
        """The graders, in order."""
        return self.graders

    @property
    def instrument(self) -> str:
        """Those of the judges inside."""
        return instruments_within(self.graders)

    def bound(self, judges: Judges, *, asked: Json = None) -> Self:
        """See `NeedsJudges`."""
        return replace(self, graders=tuple(one.bound(judges, asked=asked) for one in self.graders))


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf(_Several):
    """Passes when every one of `graders` passes, and fails when one fails.

    Otherwise one that is unmeasured leaves it unmeasured. The score is the lowest.
    """

    name: ClassVar[str] = "all"
    version: ClassVar[int] = 1

    async def grade(self, trial: Trial) -> Reading:
        """Let them read until one fails; judges last."""
        children = await _read(self.graders, trial, all_of, settled=False)
        passed = all_of(child.truth for child in children)
        if passed is None:
            return unmeasured(children)
        if passed:
            return _grade(
                self.graders, children, children, score=min, why=f"all {len(children)} hold"
            )
        failed = [child for child in children if child.truth is False]
        return _grade(self.graders, children, failed, score=min, why=_joined(failed))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(_Several):
    """Passes when one of `graders` passes, and fails when all fail.

    Otherwise one that is unmeasured leaves it unmeasured. The score is the highest.
    """

    name: ClassVar[str] = "any"
    version: ClassVar[int] = 1

    async def grade(self, trial: Trial) -> Reading:
        """Let them read until one passes; judges last."""
        children = await _read(self.graders, trial, any_of, settled=True)
        passed = any_of(child.truth for child in children)
        if passed is None:
            return unmeasured(children)
        if passed:
            good = [child for child in children if child.truth]
            return _grade(self.graders, children, good, score=max, why=good[0].why)
        why = f"none of {len(children)} holds: {_joined(children)}"
        return _grade(self.graders, children, children, score=max, why=why)


async def _read(
    parts: Parts, trial: Trial, logic: Callable[[Iterable[Truth]], Truth], *, settled: bool
) -> list[Child]:
    """What the graders found, in their order; judges are not asked once it is `settled`."""
    named = [*zip(labels(parts), parts, strict=True)]
    found: dict[str, Child] = {}
    for label, part in sorted(named, key=lambda pair: _asks(pair[1])):
        if _asks(part) and logic(child.truth for child in found.values()) is settled:
            continue
        found[label] = await read_child(label, part, trial)
    return [found[label] for label, _ in named if label in found]


def _asks(part: Part) -> bool:
    return bool(getattr(part.grader, "instrument", ""))


def _grade(
    parts: Parts,
    children: Sequence[Child],
    deciding: Sequence[Child],
    *,
    score: Callable[[Iterable[float]], float],
    why: str,
) -> Grade:
    found = scores(children)
    return Grade(
        passed=deciding[0].truth is True,
        score=score(found.values()),
        why=why,
        evidence=evidence(deciding),
        parts=found,
        details=_nobody_asked(parts) | told(children),
    )


def _nobody_asked(parts: Parts) -> dict[str, Json]:
    """What is told where judges stand inside, and the others settled it."""
    return {TOOK_PART: []} if instruments_within(parts) else {}


def _joined(children: Sequence[Child]) -> str:
    more = f"; and {len(children) - _SHOWN} more" if len(children) > _SHOWN else ""
    return "; ".join(child.why for child in children[:_SHOWN]) + more
