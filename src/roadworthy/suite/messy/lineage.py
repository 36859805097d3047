"""How a variant knows its parent, and whether either was changed since it was made."""

import re
from collections.abc import Mapping
from typing import Final

from roadworthy.base.codec import Json, canonical
from roadworthy.base.ids import hex_digest
from roadworthy.records.recording import Recording

_ASKED: Final = (
    "input", "expect", "graders", "policy", "facts", "end_state", "on_divergence",
)  # fmt: skip
_SEAL: Final = re.compile(r"^  seal: .*\n?", re.MULTILINE)
_DIGITS: Final = 16
_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")  # so that YAML sees no number


def parent_digest(fields: Mapping[str, Json], recording: Recording | None) -> str:
    """16 hex digits over what a variant takes over: what is asked, expected and replied."""
    replies = None
    if recording is not None:
        replies = [[c.tool, c.arguments, c.result, c.error] for c in recording.calls]
    asked = [fields.get(name) for name in _ASKED]
    return hex_digest(canonical([asked, replies]))[:_DIGITS]


def seal(text: str) -> str:
    """16 letters over a variant's file, but for the line that holds them."""
    return hex_digest(_unsealed(text).encode())[:_DIGITS].translate(_LETTERS)


def is_untouched(text: str, sealed: str) -> bool:
    """Whether a variant's file is as it was made, to the byte."""
    return seal(text) == sealed


def _unsealed(text: str) -> str:
    found = list(_SEAL.finditer(text))
    return text if not found else text[: found[-1].start()] + text[found[-1].end() :]
