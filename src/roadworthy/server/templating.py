"""The one Jinja environment: autoescaped, strict about names, with what all templates share."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from roadworthy.diagnose.argument_changes import argument_changes
from roadworthy.gate import wording
from roadworthy.records.trajectory import ToolCall
from roadworthy.server.icons import ICONS
from roadworthy.server.pages import addresses
from roadworthy.server.text import (
    brief,
    count,
    day,
    day_after,
    duration,
    fold,
    gist,
    instant,
    money,
    pretty_json,
    query,
    seconds,
    size,
    tokens,
    utc,
    visible,
)
from roadworthy.version import __version__

FILTERS = (
    brief,
    count,
    day,
    day_after,
    duration,
    fold,
    gist,
    instant,
    money,
    pretty_json,
    query,
    seconds,
    size,
    tokens,
    utc,
    wording.percent,
)


def pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    """Values as choices that read as themselves."""
    return [(value, value) for value in values]


def is_call(step: object) -> bool:
    """Whether a step of a path is a tool call; the others are messages."""
    return isinstance(step, ToolCall)


GLOBALS: Final[dict[str, Any]] = {
    "argument_changes": argument_changes,
    "at": addresses,
    "counted": wording.counted,
    "csrf_token": "",
    "icons": ICONS,
    "is_call": is_call,
    "pairs": pairs,
    "roadworthy_version": __version__,
    "share": wording.percent,
}
"""Known to every template and macro, so that no macro needs the context of the view."""


def template_environment() -> Environment:
    """Templates of the page; an undefined name is an error, not an empty place."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= GLOBALS
    environment.filters["marked"] = marked
    environment.filters |= {function.__name__: function for function in FILTERS}
    return environment


def marked(text: str) -> Markup:
    """Words of ours with what stands between backticks as code; escaped as everything is."""
    pieces = visible(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(visible(text))
    shown = (
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    )
    return Markup("").join(shown)


def _shown(value: object) -> object:
    """Every string that a template prints: hidden characters visible; escaping comes after."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
