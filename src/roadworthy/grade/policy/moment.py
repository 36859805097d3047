"""Instants as agents, tools and people write them, as seconds since 1970."""

from datetime import UTC, datetime
from math import isfinite
from typing import Final

from roadworthy.base.codec import Json

_MILLISECONDS_FROM: Final = 1e11  # the year 5138 in seconds, 1973 in milliseconds
_LONGEST: Final = 40


def seconds_of(value: Json) -> float | None:
    """ISO 8601 text or a Unix time; `None` when it is neither. Without a zone it is UTC."""
    if isinstance(value, str) and len(value) <= _LONGEST:
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    if not isfinite(number) or number < 0:
        return None
    return number / 1000 if number >= _MILLISECONDS_FROM else number
