"""A grader's options: from what people write to the grader itself, with every error at once.

A grader is a dataclass; its fields are its options. Types are checked field by field, then the
grader checks its own values (by raising `BadOptions` when it is built).
"""

import dataclasses
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Literal, NoReturn, get_args, get_origin

import msgspec

from roadworthy.base.codec import Json
from roadworthy.base.printable import printable
from roadworthy.base.registry import nearest
from roadworthy.grade.grader import Grader
from roadworthy.grade.option_fields import fields_of, is_required
from roadworthy.grade.part import Part, ReadsItself
from roadworthy.records.grader_spec import BadOptions, CheckGrader, OptionProblem

_MAX_DEPTH = 64
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`")
_FIELD = re.compile(r"(?P<what>unknown|missing required) field `(?P<name>[^`]*)`")
_AT = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")


def full_options(kind: type[Grader], raw: Json) -> dict[str, Json]:
    """Options in full form: a bare value goes to the option that the grader names for it.

    A mapping is taken as options, unless the bare value may be a mapping too and no option is
    named in it. No value, or an empty mapping, means no options.

    Raises:
        BadOptions: the grader takes options, and this is a bare value; or it is not JSON.
    """
    value = _plain(raw, "", 0)
    if value is None:
        return {}
    short: str | None = getattr(kind, "shorthand", None)
    fields = fields_of(kind)
    if isinstance(value, dict) and not (short and _is_bare(value, fields, short)):
        return value
    if short is None:
        known = ", ".join(fields)
        hint = f"known: {known}" if known else "it takes none"
        problem = OptionProblem(place="", message="takes a mapping of options", hint=hint)
        raise BadOptions([problem])
    return {short: value}


def build_grader(
    kind: type[Grader], options: Mapping[str, Json], *, inner: CheckGrader | None = None
) -> Grader:
    """The grader with these options, in full form; `inner` checks the graders inside of it.

    Raises:
        BadOptions: with everything that is wrong.
    """
    fields = fields_of(kind)
    problems = [*_unknown(options, fields), *_missing(options, fields)]
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in options:
            values[name], wrong = _converted(options[name], field.type, name, inner)
            problems += wrong
    if not problems:
        return _made(kind, values)
    raise BadOptions([*problems, *_further(kind, fields, values, problems)])


def _made(kind: type[Grader], values: Mapping[str, Any]) -> Grader:
    try:
        return kind(**values)
    except (ValueError, TypeError) as error:
        message = printable(str(error), limit=200)
        raise BadOptions([OptionProblem(place="", message=message)]) from error


def _further(
    kind: type[Grader],
    fields: "Mapping[str, dataclasses.Field[Any]]",
    values: Mapping[str, Any],
    problems: Sequence[OptionProblem],
) -> list[OptionProblem]:
    """What the grader itself has against the options whose types are right.

    A choice or list that is missing or wrong is stood in for by its first or by none; what
    concerns the whole, or an option that is wrong already, is left out.
    """
    wrong = {_option(problem) for problem in problems}
    good = {name: value for name, value in values.items() if name not in wrong}
    for name, field in fields.items():
        origin = get_origin(field.type)
        if name not in good and is_required(field) and origin in (Literal, tuple):
            good[name] = get_args(field.type)[0] if origin is Literal else ()
    if any(is_required(field) and name not in good for name, field in fields.items()):
        return []
    try:
        _made(kind, good)
    except BadOptions as error:
        return [problem for problem in error.problems if _option(problem) not in wrong | {""}]
    return []


def _option(problem: OptionProblem) -> str:
    return re.split(r"[.\[]", problem.place, maxsplit=1)[0]


def _is_bare(value: dict[str, Json], fields: Mapping[str, object], short: str) -> bool:
    takes_mappings = _takes_mappings(fields[short])
    return takes_mappings and bool(value) and not any(name in fields for name in value)


def _takes_mappings(field: Any) -> bool:
    return field.type in (Json, Part) or get_origin(field.type) is dict


def _unknown(options: Mapping[str, Json], fields: Mapping[str, object]) -> Iterator[OptionProblem]:
    for name in options:
        if name not in fields:
            hint = nearest(name, list(fields)) or "it takes none"
            yield OptionProblem(
                place=printable(name, limit=60), message="no such option", hint=hint
            )


def _missing(
    options: Mapping[str, Json], fields: "Mapping[str, dataclasses.Field[Any]]"
) -> Iterator[OptionProblem]:
    for name, field in fields.items():
        if is_required(field) and name not in options:
            yield OptionProblem(place=name, message="is missing")


def _converted(
    value: Json, kind: Any, place: str, inner: CheckGrader | None
) -> tuple[Any, list[OptionProblem]]:
    """`value` as `kind`; items of a list are converted one by one, so that each is checked."""
    if kind is Json:
        return value, []
    if isinstance(kind, type) and issubclass(kind, ReadsItself):
        return kind.from_option(value, place, inner)
    item = get_args(kind)[0] if get_origin(kind) is tuple else None
    if item is not None and isinstance(value, list):
        pairs = [_converted(entry, item, f"{place}[{n}]", inner) for n, entry in enumerate(value)]
        return tuple(made for made, _ in pairs), [one for _, wrong in pairs for one in wrong]
    try:
        return msgspec.convert(value, kind), []
    except msgspec.ValidationError as error:
        return None, [_problem(str(error), kind, value, place)]


def _problem(error: str, kind: Any, value: Json, place: str) -> OptionProblem:
    if (at := _AT.search(error)) is not None:
        place, error = place + at["path"].replace("[...]", ".*"), error[: at.start()]
    if (types := _EXPECTED.fullmatch(error)) is not None:
        message = f"expected {_words(types['wanted'])}, got {_words(types['got'])}"
        return OptionProblem(place=place, message=message)
    if (field := _FIELD.search(error)) is not None:
        return _field_problem(field, kind, place)
    if error.startswith("Invalid enum value"):
        choices = [str(choice) for choice in get_args(kind)]
        message = f"expected one of {', '.join(choices)}, got {printable(str(value), limit=40)!r}"
        close = get_close_matches(str(value), choices, n=1)
        hint = f"did you mean {close[0]!r}?" if close else None
        return OptionProblem(place=place, message=message, hint=hint)
    return OptionProblem(place=place, message=error)


def _field_problem(field: re.Match[str], kind: Any, place: str) -> OptionProblem:
    if field["what"] != "unknown":
        return OptionProblem(place=f"{place}.{field['name']}", message="is missing")
    known = getattr(kind, "__struct_fields__", ())
    where = f"{place}.{printable(field['name'], limit=60)}"
    hint = nearest(field["name"], list(known))
    return OptionProblem(place=where, message="no such option", hint=hint)


def _words(types: str) -> str:
    return " or ".join(_WORDS.get(name, name) for name in types.split(" | "))


def _plain(value: object, place: str, depth: int) -> Json:
    """`value` as plain JSON; YAML gives subclasses of it, dates, and numbers that are none."""
    if depth > _MAX_DEPTH:
        _refuse(place, f"is nested deeper than {_MAX_DEPTH}")
    match value:
        case None | bool() | str() | int() | float():
            return _plain_scalar(value, place)
        case dict():
            return {
                _key(key, place): _plain(item, f"{place}.{key}".lstrip("."), depth + 1)
                for key, item in value.items()
            }
        case list() | tuple():
            return [_plain(item, f"{place}[{n}]", depth + 1) for n, item in enumerate(value)]
        case _:
            return _refuse(place, f"is a {type(value).__name__}; put it in quotes to mean text")


def _plain_scalar(value: bool | float | str | None, place: str) -> Json:
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else _refuse(place, "is no finite number")


def _key(key: object, place: str) -> str:
    if not isinstance(key, str):
        _refuse(place, f"has the name {str(key)[:40]!r}, which is no text; put it in quotes")
    return str(key)


def _refuse(place: str, message: str) -> NoReturn:
    raise BadOptions([OptionProblem(place=place, message=message)])
