"""Several graders whose scores add up, each with its weight.

A grader that could not look may have earned anything from nothing to its whole weight. What the
whole comes to then lies between two bounds; only where both fall on the same side of what is
asked for is there a grade, with the lower one as its score.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import fsum, isfinite
from typing import ClassVar, Final, NamedTuple, Self

from roadworthy.base.codec import Json
from roadworthy.base.printable import printable
from roadworthy.base.registry import nearest
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
from roadworthy.grade.part import Part, Parts, instruments_within
from roadworthy.grade.policy.truth import Truth, all_of
from roadworthy.records.grader_spec import BadOptions, CheckGrader, OptionProblem
from roadworthy.records.reading import Grade, Reading
from roadworthy.records.trial import Trial

_FLOAT_NOISE: Final = 1e-9  # of a score; ten weights of 0.1 add up to 1
_KEYS: Final = ("grader", "weight", "required")
_MOST: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedPart:
    """A grader with its weight; without one that is `required` the whole fails."""

    part: Part
    weight: float = 1.0
    required: bool = False

    def written(self) -> Json:
        """In full form."""
        fields: dict[str, Json] = {"grader": self.part.written(), "weight": self.weight}
        return fields | ({"required": True} if self.required else {})

    @classmethod
    def from_option(
        cls, value: Json, place: str, check: CheckGrader | None
    ) -> tuple[Self | None, list[OptionProblem]]:
        """Read ``{grader, weight, required}``; see `ReadsItself`."""
        if not isinstance(value, dict):
            hint = "for example {grader: {contains: refund}, weight: 2}"
            return None, [OptionProblem(place=place, message="is no mapping", hint=hint)]
        problems = [*_wrong(value, place)]
        part: Part | None = None
        if "grader" in value:
            part, inside = Part.from_option(value["grader"], f"{place}.grader", check)
            problems += inside
        if part is None or problems:
            return None, problems
        weight, required = value.get("weight", 1.0), value.get("required", False)
        assert isinstance(weight, int | float)
        return cls(part=part, weight=float(weight), required=required is True), []


class Bounds(NamedTuple):
    """Least and most that the whole may have earned, as shares of all weight."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """Passes when the weighted mean of the scores of `graders` is at least `at_least`.

    Each of `graders` has a `weight` (1), and may be `required`: when it fails, so does the whole.
    What is unmeasured leaves the whole unmeasured unless it could not change the outcome.
    """

    graders: tuple[WeightedPart, ...]
    at_least: float
    name: ClassVar[str] = "weighted"
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        problems = []
        if not self.graders:
            problems.append(OptionProblem(place="graders", message="names no grader"))
        if not 0.0 < self.at_least <= 1.0:
            message = f"lies above 0 and up to 1, got {self.at_least:g}"
            problems.append(OptionProblem(place="at_least", message=message))
        if problems:
            raise BadOptions(problems)

    @property
    def parts(self) -> Parts:
        """The graders, in order."""
        return tuple(one.part for one in self.graders)

    @property
    def instrument(self) -> str:
        """Those of the judges inside."""
        return instruments_within(self.parts)

    def bound(self, judges: Judges, *, asked: Json = None) -> Self:
        """See `NeedsJudges`."""
        bound = [replace(one, part=one.part.bound(judges, asked=asked)) for one in self.graders]
        return replace(self, graders=tuple(bound))

    async def grade(self, trial: Trial) -> Reading:
        """Let all read, and add up."""
        children = [
            await read_child(label, part, trial)
            for label, part in zip(labels(self.parts), self.parts, strict=True)
        ]
        bounds = bounds_of([one.weight for one in self.graders], children)
        required = [
            child for child, one in zip(children, self.graders, strict=True) if one.required
        ]
        passed = all_of([self._reached(bounds), *(child.truth for child in required)])
        if passed is None:
            return unmeasured(children)
        return Grade(
            passed=passed,
            score=bounds.low,
            why=self._why(bounds, required),
            evidence=evidence(children),
            parts=scores(children),
            details=told(children),
        )

    def _reached(self, bounds: Bounds) -> Truth:
        if bounds.low >= self.at_least - _FLOAT_NOISE:
            return True
        return None if bounds.high >= self.at_least - _FLOAT_NOISE else False

    def _why(self, bounds: Bounds, required: Sequence[Child]) -> str:
        failed = [child for child in required if child.truth is False]
        if failed:
            return f"required, and fails: {failed[0].why}"
        missing = bounds.high - bounds.low
        noted = f"; {missing:.0%} of the weight is unmeasured" if missing > _FLOAT_NOISE else ""
        return f"{bounds.low:.2f} earned, at least {self.at_least:g} expected{noted}"


def bounds_of(weights: Sequence[float], children: Sequence[Child]) -> Bounds:
    """Bounds of the weighted mean of the children's scores, both from 0 to 1.

    Args:
        weights: above 0, one for each child, in order.
        children: one that is unmeasured may have earned all or nothing.
    """
    whole = fsum(weights)
    pairs = [*zip(weights, (child.reading for child in children), strict=True)]
    earned = fsum(weight * one.score for weight, one in pairs if isinstance(one, Grade))
    open_ = fsum(weight for weight, one in pairs if not isinstance(one, Grade))
    return Bounds(min(earned / whole, 1.0), min((earned + open_) / whole, 1.0))


def _wrong(value: dict[str, Json], place: str) -> Iterator[OptionProblem]:
    for key in value:
        if key not in _KEYS:
            where = f"{place}.{printable(key, limit=60)}"
            hint = nearest(key, list(_KEYS))
            yield OptionProblem(place=where, message="no such option", hint=hint)
    if "grader" not in value:
        yield OptionProblem(place=f"{place}.grader", message="is missing")
    weight = value.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        yield OptionProblem(place=f"{place}.weight", message="is no number")
    elif not (isfinite(weight) and 1 / _MOST <= weight <= _MOST):
        message = f"lies between {1 / _MOST:g} and {_MOST:g}, got {weight:g}"
        yield OptionProblem(place=f"{place}.weight", message=message)
    if not isinstance(value.get("required", False), bool):
        yield OptionProblem(place=f"{place}.required", message="is true or false")
