"""Which tools a check is about: a name, or a pattern with ``*``; one or several."""

from fnmatch import fnmatchcase
from typing import TypeAlias

Tools: TypeAlias = str | tuple[str, ...]


def names_tool(tools: Tools, tool: str) -> bool:
    """Whether `tool` is among `tools`; only ``*``, ``?`` and ``[…]`` are more than themselves."""
    names = (tools,) if isinstance(tools, str) else tools
    return any(name == tool or fnmatchcase(tool, name) for name in names)


def in_words(tools: Tools) -> str:
    """The tools for people: ``refund`` or ``pay or refund``."""
    return tools if isinstance(tools, str) else " or ".join(tools) or "no tool"
