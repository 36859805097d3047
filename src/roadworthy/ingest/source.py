"""Foreign JSON, decoded and checked: whatever is wrong becomes a `SourceError` with its field.

Messages name types and places, never values: what customers wrote stays out of errors.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Final, TypeAlias, TypeVar

import msgspec

from roadworthy.base.codec import Json
from roadworthy.base.errors import InvalidRecord
from roadworthy.ingest.importer import BadRecord, Imported, Item

T = TypeVar("T")

Repeat: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
"""Which attempt at a task a record is, counted from 0."""

MAX_DEPTH: Final = 100
"""Levels of arrays and objects in one record; past it, recursion elsewhere would fail."""

_AT = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")


class SourceError(Exception):
    """A record cannot be read; `why` names the field where there is one."""

    def __init__(self, why: str, *, field: str | None = None) -> None:
        self.why = why if not field else f"{field}: {why}"
        super().__init__(self.why)


class TooDeep(SourceError):
    """Nested past `MAX_DEPTH`."""


UNREADABLE: Final = (SourceError, InvalidRecord)
"""What reading one record may raise: our own rules broken, or the source's."""


def bad_record(position: str, error: Exception) -> BadRecord:
    """`error`, one of `UNREADABLE`, as the record's place in the report."""
    return BadRecord(position=position, why=str(error))


def read_each(
    values: Iterable[tuple[str, Json | SourceError]], imported: Callable[[Json, str], Imported]
) -> Iterator[Item]:
    """`imported` of every value and its position; one that is unreadable costs only itself."""
    for position, value in values:
        try:
            if isinstance(value, SourceError):
                raise value
            yield imported(value, position)
        except UNREADABLE as error:
            yield bad_record(position, error)


def decode_json(data: bytes | str) -> Json:
    """Decode one JSON value.

    Raises:
        SourceError: not JSON, not UTF-8 or a number out of range.
        TooDeep: nested past `MAX_DEPTH`.
    """
    try:
        value: Json = msgspec.json.decode(data)
    except UnicodeError as error:
        raise SourceError("is not valid UTF-8") from error
    except RecursionError as error:
        raise TooDeep(f"is nested deeper than {MAX_DEPTH} levels") from error
    except msgspec.DecodeError as error:
        raise SourceError(f"is not valid JSON: {error}") from error
    if not _is_shallow(value):
        raise TooDeep(f"is nested deeper than {MAX_DEPTH} levels")
    return value


def fit(value: Json, kind: type[T]) -> T:
    """Read `value` as `kind`.

    Raises:
        SourceError: a field is missing or of the wrong type; the message says which.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _field_error(str(error)) from error


def _field_error(message: str) -> SourceError:
    found = _AT.search(message)
    place = found["place"] if found else None
    text = _AT.sub("", message).replace("`", "")
    return SourceError(text[:1].lower() + text[1:], field=place)


def _is_shallow(value: Json) -> bool:
    """Whether `value` stays within `MAX_DEPTH`; walks level by level, without recursion."""
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH + 1):
        inner: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not inner:
            return True
        level = inner
    return False
