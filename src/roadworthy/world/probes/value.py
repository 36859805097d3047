"""What a probe saw, made into JSON that is small enough to be stored with its trial."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Final

from roadworthy.base.codec import Json, encode
from roadworthy.world.probes.cannot_look import CannotLook

MAX_VALUE_BYTES: Final = 65_536
MAX_DEPTH: Final = 64
MAX_ROWS: Final = 1_000


def storable(value: Json) -> Json:
    """`value` itself. Raises `CannotLook` when it is too large or too deep to be stored."""
    if _is_too_deep(value):
        raise CannotLook(f"what it saw nests deeper than {MAX_DEPTH} levels")
    try:
        size = len(encode(value))
    except (ValueError, TypeError, OverflowError) as error:
        raise CannotLook(f"what it saw is not JSON: {error}") from None
    if size > MAX_VALUE_BYTES:
        raise CannotLook(
            f"what it saw takes {size} bytes, at most {MAX_VALUE_BYTES} are kept; ask for less"
        )
    return value


def rows(columns: Sequence[str], found: Sequence[Sequence[object]]) -> Json:
    """Rows as mappings from column to value. Raises `CannotLook` when they are no such thing."""
    twice = {name for name in columns if columns.count(name) > 1}
    if twice:
        raise CannotLook(f"two columns are called {min(twice)!r}; name them apart with AS")
    if len(found) > MAX_ROWS:
        raise CannotLook(f"the query gives more than {MAX_ROWS} rows; ask for fewer, or count them")
    return [dict(zip(columns, map(_cell, row), strict=True)) for row in found]


def _cell(value: object) -> Json:
    """A value of a database: what JSON does not know becomes text, bytes become their digest."""
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case None | bool() | int() | float() | str():
            return value
        case bytes() | bytearray() | memoryview():
            data = bytes(value)
            return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        case _:
            return str(value)


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []
