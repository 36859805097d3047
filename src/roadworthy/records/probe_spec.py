"""Looks at the world after a trial: what the agent left in a database, a file, a service.

A probe only looks. What must be there is the grader `end_state`'s to say, so that stored
observations can be graded again later.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from roadworthy.base.codec import Json
from roadworthy.base.errors import InvalidRecord
from roadworthy.records.record import Record

PLACEHOLDERS: Final = ("run", "case", "repeat", "trace_id")
"""What of a trial may stand in braces in a path, an address or a bound value."""

MOST_SECONDS: Final = 60.0

_NAMED = re.compile(r"\{(\w+)\}")


class SqlLook(Record, frozen=True, kw_only=True, tag="sql"):
    """One query. Exactly one of `database`, `url` and `url_from` says where.

    `:run`, `:case`, `:repeat` and `:trace_id` are bound by themselves, `bind` adds others. No
    value ever becomes part of the query's text.
    """

    query: str
    database: str | None = None  # path of an SQLite file within `root`
    url: str | None = None  # an address that SQLAlchemy understands
    url_from: str | None = None  # variable of the target's environment that holds the address
    bind: dict[str, Json] = {}
    root: str | None = None  # folder, from the target's; None: the target's own


class FileLook(Record, frozen=True, kw_only=True, tag="file"):
    """One file within `root`, and what of it is read."""

    path: str
    read: Literal["text", "json", "digest"] = "text"
    root: str | None = None  # folder, from the target's; None: the target's own


class HttpLook(Record, frozen=True, kw_only=True, tag="http"):
    """One GET of `url`; no redirect is followed."""

    url: str
    declared: bool = False  # the suite names its host, which need not be this machine


class PythonLook(Record, frozen=True, kw_only=True, tag="python"):
    """A function ``module:function`` of the target's folder; gets the trial as a mapping."""

    function: str


Look: TypeAlias = SqlLook | FileLook | HttpLook | PythonLook


class ProbeSpec(Record, frozen=True, kw_only=True):
    """A named look; its observation has the same name."""

    name: str
    look: Look
    timeout_s: float = 5.0

    def __post_init__(self) -> None:
        if not 0 < self.timeout_s <= MOST_SECONDS:
            raise InvalidRecord(
                f"a probe takes above 0 and at most {MOST_SECONDS:g} seconds, got {self.timeout_s}"
            )


def is_loopback(host: str) -> bool:
    """Whether `host` can only be this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def unknown_placeholders(text: str) -> list[str]:
    """Names in braces that stand for nothing."""
    return [name for name in _NAMED.findall(text) if name not in PLACEHOLDERS]


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with every known name in braces replaced by its value, in one pass."""
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), text)
