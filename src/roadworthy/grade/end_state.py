"""What must be true of the world after a trial, read from what its probes saw."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from roadworthy.base.codec import Json
from roadworthy.base.printable import printable
from roadworthy.grade.argument_constraint import (
    constraint_problems,
    described,
    satisfied,
)
from roadworthy.grade.output_text import excerpt
from roadworthy.grade.value_path import at_path, parse_path
from roadworthy.records.grader_spec import BadOptions, OptionProblem
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.trial import Observation, Trial

_WHOLE: Final = ""
_IT: Final = "it"


class Breach(NamedTuple):
    """One thing that is not as it must be."""

    look: str
    place: str  # within what was seen; empty: the whole
    expected: str
    seen: str

    @property
    def told(self) -> str:
        """In one sentence."""
        where = f" at {self.place}" if self.place else ""
        return f"{self.look}{where}: expected {self.expected}, saw {self.seen}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndState:
    """Passes when every look saw what `expect` says of it.

    What is not as it must be fails the trial, whatever other looks could not see; else a look
    that could not be made leaves it unmeasured. The score is the share of looks that hold.
    """

    expect: dict[str, Json]
    name: ClassVar[str] = "end_state"
    version: ClassVar[int] = 1
    shorthand: ClassVar[str] = "expect"

    def __post_init__(self) -> None:
        if not self.expect:
            raise BadOptions([OptionProblem(place="expect", message="expects nothing")])
        problems = [
            problem
            for look, expected in self.expect.items()
            for problem in _problems(expected, f"expect.{look}")
        ]
        if problems:
            raise BadOptions(problems)

    async def grade(self, trial: Trial) -> Reading:
        """Compare what was seen with what must be."""
        seen = {observation.name: observation for observation in trial.end_state}
        unseen = [_why_unseen(look, seen.get(look)) for look in self.expect]
        breaches = {
            look: list(_breaches(look, expected, seen[look].value))
            for look, expected in self.expect.items()
            if _why_unseen(look, seen.get(look)) is None
        }
        broken = [breach for found in breaches.values() for breach in found]
        missing = [why for why in unseen if why is not None]
        if missing and not broken:
            return Unmeasured(
                cause=Cause.NO_END_STATE, why=missing[0], details={"unseen": [*missing]}
            )
        return self._grade(breaches, broken, missing)

    def _grade(
        self, breaches: dict[str, list[Breach]], broken: list[Breach], missing: list[str]
    ) -> Grade:
        parts = {look: float(not found) for look, found in breaches.items()}
        looks = f"{len(self.expect)} look{'s' if len(self.expect) > 1 else ''}"
        details: dict[str, Json] = {}
        if broken:
            details["breaches"] = [breach._asdict() for breach in broken]
        if missing:
            details["unseen"] = [*missing]
        return Grade(
            passed=not broken,
            score=sum(parts.values()) / len(self.expect),
            why=_why(broken) if broken else f"the end state is as expected ({looks})",
            parts=parts,
            details=details,
        )


def _why(broken: list[Breach]) -> str:
    more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
    return f"{broken[0].told}{more}"


def _why_unseen(look: str, observation: Observation | None) -> str | None:
    named = printable(look, limit=60)
    if observation is None:
        return f"{named}: nothing was looked at"
    if observation.error is not None:
        return f"{named}: {printable(observation.error, limit=200)}"
    return None


def _breaches(look: str, expected: Json, value: Json) -> Iterator[Breach]:
    for place, constraint in _constraints(expected).items():
        found, is_there = at_path(value, parse_path(place) or ())
        if not satisfied(constraint, {_IT: found} if is_there else {}, _IT):
            saw = excerpt(found) if is_there else _nothing(value)
            named, where = printable(look, limit=60), printable(place, limit=60)
            yield Breach(look=named, place=where, expected=described(constraint), seen=saw)


def _nothing(value: Json) -> str:
    """Why nothing stands there, as far as the look can say."""
    match value:
        case {"exists": False}:
            return "no such file"
        case {"problem": str(problem)}:
            return f"nothing there ({printable(problem, limit=60)})"
        case _:
            return "nothing there"


def _constraints(expected: Json) -> dict[str, Json]:
    """Constraints by place. A mapping names places, unless it is an operator."""
    if isinstance(expected, dict) and not _is_operator(expected):
        return expected
    return {_WHOLE: expected}


def _is_operator(expected: dict[str, Json]) -> bool:
    return any(key.startswith("$") for key in expected)


def _problems(expected: Json, place: str) -> Iterator[OptionProblem]:
    if not isinstance(expected, dict) or _is_operator(expected):
        yield from constraint_problems(expected, place)
        return
    if not expected:
        yield OptionProblem(place=place, message="names no place, so it expects nothing")
    for where, constraint in expected.items():
        if parse_path(where) is None:
            hint = 'write [0].status, json.total, or ["a key.with dots"]'
            message = f"{printable(where, limit=60)!r} is no place in a value"
            yield OptionProblem(place=place, message=message, hint=hint)
        yield from constraint_problems(constraint, f"{place}.{where}")
