"""What options a grader takes, read off its class; and those of its options that hold graders."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args, get_type_hints

from roadworthy.base.codec import Json
from roadworthy.grade.grader import Grader
from roadworthy.grade.part import ReadsItself
from roadworthy.records.grader_spec import BadOptions, OptionProblem


class GraderOption(NamedTuple):
    """An option that a grader takes. `default` means something unless it is `required`."""

    name: str
    type: Any
    required: bool
    default: object
    is_bare: bool  # a value without options goes to it


def options_of(kind: type[Grader]) -> list[GraderOption]:
    """The options of a grader, in order. Raises `BadOptions` when it is no dataclass."""
    short = getattr(kind, "shorthand", None)
    return [
        GraderOption(name, field.type, is_required(field), _default(field), name == short)
        for name, field in fields_of(kind).items()
    ]


def _default(field: "dataclasses.Field[Any]") -> object:
    if field.default_factory is not dataclasses.MISSING:
        made: object = field.default_factory()
        return made
    return None if field.default is dataclasses.MISSING else field.default


def options_within(grader: Grader) -> dict[str, Json]:
    """The options of `grader` that hold graders, in full form."""
    found: dict[str, Json] = {}
    for name in fields_of(type(grader)):
        value = getattr(grader, name)
        if isinstance(value, ReadsItself):
            found[name] = value.written()
        elif isinstance(value, tuple) and value and isinstance(value[0], ReadsItself):
            found[name] = [item.written() for item in value]
    return found


def as_written(
    problems: Sequence[OptionProblem],
    kind: type[Grader],
    raw: Json,
    options: Mapping[str, Json],
) -> list[OptionProblem]:
    """Problems of graders inside a bare value, at the places that were written."""
    short: str = getattr(kind, "shorthand", "")
    if (isinstance(raw, dict) and raw.keys() == options.keys()) or not _holds_graders(kind, short):
        return [*problems]
    prefix = re.compile(rf"{re.escape(short)}(?:\.|(?=\[)|$)")
    return [
        OptionProblem(place=prefix.sub("", one.place, 1), message=one.message, hint=one.hint)
        for one in problems
    ]


def _holds_graders(kind: type[Grader], option: str) -> bool:
    field = fields_of(kind).get(option)
    types = () if field is None else (field.type, *get_args(field.type))
    return any(isinstance(one, type) and issubclass(one, ReadsItself) for one in types)


def fields_of(kind: type[Grader]) -> "dict[str, dataclasses.Field[Any]]":
    """The fields that are options, with their types. Raises `BadOptions` for no dataclass."""
    if not dataclasses.is_dataclass(kind):
        message = f"grader {kind.__name__} is no dataclass, so its options are not known"
        raise BadOptions([OptionProblem(place="", message=message)])
    fields = {field.name: field for field in dataclasses.fields(kind) if field.init}
    if any(isinstance(field.type, str) for field in fields.values()):
        hints = get_type_hints(kind)  # annotations were postponed in the grader's module
        for name, field in fields.items():
            field.type = hints[name]
    return fields


def is_required(field: "dataclasses.Field[Any]") -> bool:
    """Whether the option has no default."""
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing
