"""The form of a tool's result: a mapping, also one that is written as text."""

from collections.abc import Collection
from itertools import count

import msgspec

from roadworthy.base.codec import Json


def as_mapping(text: str) -> dict[str, Json] | None:
    """The mapping that `text` writes as JSON, if it does."""
    try:
        value = msgspec.json.decode(text) if text.lstrip()[:1] == "{" else None
    except (msgspec.DecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def free_name(name: str, taken: Collection[str]) -> str:
    """`name`, with a number behind it when it is taken."""
    if name not in taken:
        return name
    return next(other for n in count(2) if (other := f"{name}_{n}") not in taken)
