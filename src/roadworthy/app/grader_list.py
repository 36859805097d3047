"""The graders that can be asked for, with what they say of themselves."""

import inspect
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest
from roadworthy.base.printable import printable
from roadworthy.grade.grader import Grader
from roadworthy.grade.option_fields import GraderOption, options_of
from roadworthy.grade.registry import find_grader, grader_names
from roadworthy.records.grader_spec import BadOptions

_WORDS = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "Json": "any value",
    "Part": "grader",
    "WeightedPart": "{grader, weight, required}",
    "NoneType": "nothing",
}


class OptionRow(msgspec.Struct, frozen=True, kw_only=True):
    """An option of a grader. `bare`: a value without options goes to it."""

    name: str
    type: str
    required: bool
    default: Json
    bare: bool


class GraderRow(msgspec.Struct, frozen=True, kw_only=True):
    """A grader. `problem` says why one that a package offers cannot be used."""

    name: str
    version: int | None
    summary: str
    description: str
    source: str
    options: tuple[OptionRow, ...]
    problem: str | None = None


def list_graders() -> list[GraderRow]:
    """Every grader that ships or that an installed package offers, by name."""
    return [_row(name) for name in sorted(grader_names())]


def show_grader(name: str) -> GraderRow:
    """One grader. Raises `BadRequest` when there is none, or when it cannot be loaded."""
    try:
        find_grader(name)
    except BadOptions as error:
        problem = error.problems[0]
        raise BadRequest(problem.message, hint=problem.hint) from None
    return _row(name.partition(":")[0])


def _row(name: str) -> GraderRow:
    try:
        kind = find_grader(name)
        options = tuple(_option(one) for one in options_of(kind))
    except BadOptions as error:
        why = error.problems[0].message
        return GraderRow(
            name=printable(name),
            version=None,
            summary="cannot be used",
            description="",
            source="",
            options=(),
            problem=why,
        )
    said = _said(kind)
    return GraderRow(
        name=printable(name),
        version=kind.version,
        summary=said.partition("\n\n")[0].replace("\n", " "),
        description=said,
        source=kind.__module__.partition(".")[0],
        options=options,
    )


def _said(kind: type[Grader]) -> str:
    text = inspect.cleandoc(kind.__doc__ or "")
    shown = "\n".join(printable(line) for line in text.splitlines())
    return "" if shown.startswith(f"{kind.__name__}(") else shown  # a dataclass without a docstring


def _option(one: GraderOption) -> OptionRow:
    return OptionRow(
        name=one.name,
        type=type_in_words(one.type),
        required=one.required,
        default=_plain(one.default),
        bare=one.is_bare,
    )


def _plain(value: object) -> Json:
    try:
        plain: Json = msgspec.to_builtins(value)
    except (TypeError, ValueError, RecursionError):
        return printable(repr(value), limit=100)
    return plain


def type_in_words(kind: Any) -> str:
    """A type of option as a person would say it: ``list of text``, ``ratio | partial``."""
    inner = [one for one in get_args(kind) if one is not Ellipsis]
    match get_origin(kind):
        case origin if origin is Literal:
            return " | ".join(str(choice) for choice in inner)
        case origin if origin is tuple or origin is list:
            return f"list of {type_in_words(inner[0])}" if inner else "list"
        case origin if origin is dict:
            return "mapping"
        case None:
            name = getattr(kind, "__name__", str(kind))
            return "any value" if kind is Json else _WORDS.get(name, _fields_of(kind) or name)
        case origin if origin is Union or type(kind).__name__ == "UnionType":
            return " or ".join(dict.fromkeys(type_in_words(one) for one in inner))
        case _:
            return str(kind)


def _fields_of(kind: Any) -> str:
    fields = getattr(kind, "__struct_fields__", ())
    return f"{{{', '.join(fields)}}}" if fields else ""
