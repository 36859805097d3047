"""Operators that look past one value: at the case, the trace, and what came before the call."""

import posixpath
from collections.abc import Callable
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.grade.argument_constraint import same_value
from roadworthy.grade.policy.events import Called
from roadworthy.grade.policy.json_path import path_problem, values_at
from roadworthy.grade.policy.mention import mentions
from roadworthy.grade.policy.moment import seconds_of
from roadworthy.grade.policy.reference import Moment, resolved
from roadworthy.grade.policy.tool_names import names_tool
from roadworthy.grade.policy.truth import Truth


def _equals(reference: Callable[[Json], Json]) -> Callable[[Json, Json, Moment], Truth]:
    def holds(operand: Json, value: Json, at: Moment) -> Truth:
        wanted, known = resolved(reference(operand), at)
        return same_value(wanted, value) if known else None

    return holds


def _was_said(operand: Json, value: Json, at: Moment) -> Truth:
    if not at.scene.told:
        return None
    said = at.scene.spoken(str(operand), until=at.place)
    return any(mentions(one.text, value) for _, one in said)


def _was_known(operand: Json, value: Json, at: Moment) -> Truth:
    if not isinstance(operand, dict):
        return None
    tool, path = operand.get("tool"), operand.get("path", "")
    seen = False
    for event in at.scene.events[: at.place]:
        if isinstance(event, Called) and names_tool(str(tool), event.call.tool):
            seen = True
            if any(same_value(one, value) for one in values_at(event.call.result, str(path))):
                return True
    return False if seen else None


def _in_time(before: bool) -> Callable[[Json, Json, Moment], Truth]:
    def holds(operand: Json, value: Json, at: Moment) -> Truth:
        wanted, known = resolved(operand, at)
        limit, moment = seconds_of(wanted), seconds_of(value)
        if not known or limit is None or moment is None:
            return None
        return moment < limit if before else moment > limit

    return holds


def _under(operand: Json, value: Json, _at: Moment) -> Truth:
    if not isinstance(value, str):
        return False
    folder = posixpath.normpath(str(operand))
    path = posixpath.normpath(value.replace("\\", "/"))
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _wrong_time(operand: Json) -> str | None:
    if isinstance(operand, dict) or seconds_of(operand) is not None:
        return None
    return "takes a time such as 2026-05-01T12:00:00, or {$fact: name}"


def _wrong_text(operand: Json) -> str | None:
    return None if isinstance(operand, str) and operand else "takes a name as text"


def _wrong_known(operand: Json) -> str | None:
    match operand:
        case {"tool": str(tool), "path": str(path), **rest} if tool and not rest:
            return path_problem(path)
        case _:
            return "takes {tool: name, path: where in its result}"


def _wrong_role(operand: Json) -> str | None:
    return None if operand in ("user", "assistant", "system") else "is user, assistant or system"


TESTS: Final[dict[str, Callable[[Json, Json, Moment], Truth]]] = {
    "$fact": _equals(lambda name: {"$fact": name}),
    "$attribute": _equals(lambda name: {"$attribute": name}),
    "$said": _was_said,
    "$known": _was_known,
    "$after": _in_time(before=False),
    "$before": _in_time(before=True),
    "$under": _under,
}
WRONG: Final[dict[str, Callable[[Json], str | None]]] = {
    "$fact": _wrong_text,
    "$attribute": _wrong_text,
    "$said": _wrong_role,
    "$known": _wrong_known,
    "$after": _wrong_time,
    "$before": _wrong_time,
    "$under": _wrong_text,
}
