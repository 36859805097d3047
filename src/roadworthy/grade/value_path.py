"""A place in a JSON value: ``[0].status``, ``json.total``, ``["a key with dots"].n``."""

import re
from typing import Final, TypeAlias

from roadworthy.base.codec import Json

Steps: TypeAlias = tuple[str | int, ...]

_STEP: Final = re.compile(
    r"""\.?(?P<key>[^.\[\]"\s][^.\[\]"]*)|\[(?P<index>\d{1,9})\]|\["(?P<quoted>[^"]+)"\]"""
)


def parse_path(text: str) -> Steps | None:
    """The steps that `text` names; `None` when it is no path."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or (found["key"] and bool(at) != (text[at] == ".")):
            return None
        steps.append(int(found["index"]) if found["index"] else found["key"] or found["quoted"])
        at = found.end()
    return tuple(steps) or None


def at_path(value: Json, steps: Steps) -> tuple[Json, bool]:
    """What stands there, and whether anything does."""
    for step in steps:
        match value, step:
            case dict(), str() if step in value:
                value = value[step]
            case list(), int() if step < len(value):
                value = value[step]
            case _:
                return None, False
    return value, True
