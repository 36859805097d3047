"""A grader that stands inside another one's options: ``any: [{contains: yes}, {number: 3}]``.

An option of type `Part` or ``tuple[Part, ...]`` takes graders, written as they are everywhere:
a name, or a name with options. What is wrong inside of one is reported at its own place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, Self, TypeAlias, runtime_checkable

from roadworthy.base.codec import Json
from roadworthy.base.printable import printable
from roadworthy.grade.grader import Grader
from roadworthy.grade.judge.judge import Judges
from roadworthy.grade.judge.rubric_grader import bind
from roadworthy.records.grader_spec import BadOptions, CheckGrader, GraderSpec, OptionProblem
from roadworthy.records.reading import Reading

MAX_DEPTH: Final = 8
"""How many graders may stand inside one another."""

AND: Final = " & "
"""Stands between the instruments of a grader that asks judges with several."""

TOOK_PART: Final = "judges"
"""Key of a reading's details: the instruments that its outcome rests on. Without it, all do."""

_FORM: Final = "write a grader's name, or `name: options`"


@runtime_checkable
class ReadsItself(Protocol):
    """A type of option that reads its own JSON, so that it can report several problems."""

    def written(self) -> Json:
        """The option in full form."""
        ...

    @classmethod
    def from_option(
        cls, value: Json, place: str, check: CheckGrader | None
    ) -> tuple[Self | None, list[OptionProblem]]:
        """Read `value`, which stands at `place`; `check` completes options, `None` takes them."""
        ...


@runtime_checkable
class HoldsParts(Protocol):
    """A grader with graders inside."""

    @property
    def parts(self) -> "tuple[Part, ...]":
        """The graders inside, in order; not those inside of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A grader inside another one, with the name and the options that asked for it."""

    name: str
    options: dict[str, Json]
    grader: Grader

    def written(self) -> Json:
        """As it stands in a file, with its options in full form."""
        return {self.name: self.options}

    @classmethod
    def from_option(
        cls, value: Json, place: str, check: CheckGrader | None
    ) -> tuple[Self | None, list[OptionProblem]]:
        """Read a name, or a mapping of one name to options."""
        named = _named(value)
        if isinstance(named, OptionProblem):
            return None, [OptionProblem(place=place, message=named.message, hint=named.hint)]
        name, raw = named
        try:
            grader, options = _built(name, raw, check)
        except BadOptions as error:
            inner = place if isinstance(value, str) else f"{place}.{printable(name, limit=60)}"
            return None, [_at(inner, problem) for problem in error.problems]
        if depth_of(grader) >= MAX_DEPTH:
            message = f"holds graders deeper than {MAX_DEPTH} inside one another"
            return None, [OptionProblem(place=place, message=message)]
        return cls(name=name, options=options, grader=grader), []

    def bound(self, judges: Judges, *, asked: Json = None) -> Self:
        """The same part, whose grader asks `judges` if it needs to."""
        return replace(self, grader=bind(self.grader, judges, asked=asked))


Parts: TypeAlias = tuple[Part, ...]


def parts_of(grader: Grader) -> Parts:
    """The graders inside `grader`; most have none."""
    return grader.parts if isinstance(grader, HoldsParts) else ()


def depth_of(grader: Grader) -> int:
    """How many graders stand inside one another; 1 for a grader without any inside."""
    return 1 + max((depth_of(part.grader) for part in parts_of(grader)), default=0)


def versions_within(grader: Grader) -> list[Json]:
    """Name and version of every grader inside, as deep as they stand; a reading rests on them."""
    found: list[Json] = []
    for part in parts_of(grader):
        found += [f"{part.name}@{part.grader.version}", *versions_within(part.grader)]
    return found


def instruments_within(parts: Sequence[Part]) -> str:
    """The instruments of all judges inside, each once, joined by `AND`; empty without judges."""
    joined = (getattr(part.grader, "instrument", "") for part in parts)
    each = {name for names in joined if names for name in names.split(AND)}
    return AND.join(sorted(each))


def instruments_behind(reading: Reading, instrument: str) -> set[str]:
    """Those of `instrument`, which a grader names, that the outcome of its reading rests on."""
    named = set(instrument.split(AND)) if instrument else set()
    told = reading.details.get(TOOK_PART)
    return named.intersection(map(str, told)) if isinstance(told, list) else named


def _built(name: str, raw: Json, check: CheckGrader | None) -> tuple[Grader, dict[str, Json]]:
    from roadworthy.grade.registry import asked_for, build  # noqa: PLC0415 - it knows our users

    if check is None:
        return asked_for(name, raw)
    options = check(name, raw)
    return build(GraderSpec(grader=name, options=options)), options


def _named(value: Json) -> tuple[str, Json] | OptionProblem:
    if isinstance(value, str) and value:
        return value, None
    if not isinstance(value, dict) or not value:
        return OptionProblem(place="", message="is no grader", hint=_FORM)
    if len(value) == 1:
        return next(iter(value.items()))
    if "required" in value:
        hint = "what is required of a grader inside another is said by that one"
        return OptionProblem(place="", message="takes no `required`", hint=hint)
    return OptionProblem(place="", message=f"asks for {len(value)} graders at once", hint=_FORM)


def _at(place: str, problem: OptionProblem) -> OptionProblem:
    joint = "" if not problem.place or problem.place.startswith("[") else "."
    where = f"{place}{joint}{problem.place}"
    return OptionProblem(place=where, message=problem.message, hint=problem.hint)
