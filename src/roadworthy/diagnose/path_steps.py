"""A trajectory as one line of steps: what was said and what was called, in order.

The order is that of `records.told_path`, in which pages show a trace too.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from roadworthy.records.record import Record
from roadworthy.records.told_path import tell
from roadworthy.records.trajectory import ToolCall, Trajectory


class Said(Record, frozen=True, kw_only=True):
    """Text with the role of who said it, such as ``user`` or ``assistant``."""

    role: str
    text: str


PathStep: TypeAlias = Said | ToolCall

TOOL_ROLE: Literal["tool"] = "tool"  # a tool's answer stands on its call


def path_steps(path: Trajectory) -> tuple[PathStep, ...]:
    """Every text and every call of `path`, each once."""
    return tuple(_steps(path))


def _steps(path: Trajectory) -> Iterator[PathStep]:
    for turn in tell(path):
        message = turn.message
        if message is not None and message.text and message.role != TOOL_ROLE:
            yield Said(role=message.role, text=message.text)
        yield from turn.calls
