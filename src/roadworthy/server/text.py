"""Values as people read them on the page: pure functions, used as template filters."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Final
from urllib.parse import urlencode

import msgspec

from roadworthy.base.codec import Json, encode

_HIDDEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u070f\u180e\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0001-\U000e007f]"
)
_MINUTE: Final = 60
_HOUR: Final = 3600
_KILO: Final = 1000
_MICRO: Final = 1e-6
_NANO: Final = 1e-9
_SHOWN_WHOLE: Final = 20_000
_LAST_YEAR: Final = 9999
_GIST: Final = 240  # characters
_GIST_ITEMS: Final = 6
_HUNDRED: Final = 100
_UNPACKED_MOST: Final = 4000


def visible(text: str) -> str:
    r"""Control, bidi and other hidden characters as escapes (`\x1b`, `\u202e`).

    Tabs and line breaks stay, and so do the joiners that emoji and many scripts need.
    """
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_escape, text.replace("\r\n", "\n"))


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004 - one byte


def brief(text: str | None, limit: int = 160) -> str:
    """A name kept to one short line; the rest is left out."""
    line = " ".join((text or "")[: 2 * limit].split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """A text as shown: its beginning, a folded rest, and how much is left out altogether."""

    beginning: str
    rest: str = ""
    cut: int = 0  # characters that are not on the page at all

    @property
    def rest_size(self) -> str:
        """How much is folded."""
        return size(len(self.rest))

    @property
    def cut_size(self) -> str:
        """How much is left out."""
        return size(self.cut)


def fold(text: str, limit: int = 1200) -> Folded:
    """Fold what is behind `limit` characters; beyond 20,000 (or `limit`) it is left out."""
    if len(text) <= limit + limit // 4:  # folding a few words away helps nobody
        return Folded(beginning=text)
    most = max(limit, _SHOWN_WHOLE)
    at = _break(text, limit)
    return Folded(beginning=text[:at], rest=text[at:most], cut=max(0, len(text) - most))


def _break(text: str, limit: int) -> int:
    """The end of the last line, else word, before `limit`, if it is not far before."""
    for sign in ("\n", " "):
        at = text.rfind(sign, limit // 2, limit)
        if at > 0:
            return at + 1
    return limit


def pretty_json(value: Json) -> str:
    """JSON for reading: text as it is (JSON within it unpacked), the rest indented."""
    if isinstance(value, str):
        unpacked = _unpacked(value)
        return value if unpacked is None else pretty_json(unpacked)
    if isinstance(value, dict | list) and value:
        compact = encode(value)
        if len(compact) <= _KILO // 16:
            return compact.decode()
        return msgspec.json.format(compact, indent=2).decode()
    return encode(value).decode()


def _unpacked(text: str) -> Json:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        value: Json = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def count(number: int | None) -> str:
    """A whole number with thousands apart: ``12,345``; empty when not known."""
    return "" if number is None else f"{number:,}"


def tokens(number: int | None) -> str:
    """A count kept short: ``950``, ``12.3k``, ``4.5M``; empty when not known."""
    if number is None:
        return ""
    for unit, letter in ((_KILO**2, "M"), (_KILO, "k")):
        if number >= unit:
            return f"{number / unit:.1f}{letter}"
    return str(number)


def size(characters: int) -> str:
    """How long a text is: ``812 characters``, ``5.0k characters``."""
    return "1 character" if characters == 1 else f"{tokens(characters)} characters"


def duration(seconds: float | None) -> str:
    """``10 ns``, ``0.4 ms``, ``340 ms``, ``1.24 s``, ``3 min 12 s``; empty when not known."""
    if seconds is None:
        return ""
    if 0 < seconds < _MICRO:
        return f"{seconds / _NANO:.0f} ns"
    if seconds < 1:
        return f"{_two_digits(seconds * _KILO)} ms"
    if seconds < _MINUTE:
        return f"{seconds:.3g} s"
    if seconds < _HOUR:
        minutes, rest = divmod(round(seconds), _MINUTE)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(round(seconds / _MINUTE), _MINUTE)
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"


def _two_digits(number: float) -> str:
    """At least two digits that count: ``0.15``, ``1.2``, ``340``."""
    return f"{number:.0f}" if number >= _HUNDRED else f"{number:.2g}"


def money(dollars: float | None) -> str:
    """US dollars with as many digits as matter: ``$12.30``, ``$0.0042``; empty when not known."""
    if dollars is None:
        return ""
    if 0 < dollars < _MICRO:
        return f"under ${_MICRO:.6f}"
    if 0 < dollars < 1:
        return f"${dollars:.{1 - math.floor(math.log10(dollars))}f}".rstrip("0").rstrip(".")
    return f"${dollars:,.2f}"


def instant(seconds: float) -> str:
    """Seconds since 1970 as RFC 3339 in UTC, for machines; out of range: empty."""
    moment = _moment(seconds)
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def utc(seconds: float, *, zone: bool = True) -> str:
    """Seconds since 1970 as ``2026-11-20 08:43``, with ``UTC`` behind it unless told not to."""
    moment = _moment(seconds)
    if moment is None:
        return "no time we know"
    return moment.strftime("%Y-%m-%d %H:%M") + (" UTC" if zone else "")


def seconds(moment: str) -> float | None:
    """RFC 3339 as files have it, as seconds since 1970; `None` when it is something else."""
    try:
        read = datetime.fromisoformat(moment)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _moment(seconds: float) -> datetime | None:
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return moment if moment.year <= _LAST_YEAR else None


def query(path: str, values: Mapping[str, object]) -> str:
    """An address with those `values` that are set, in their order."""
    kept = {key: value for key, value in values.items() if value not in (None, "", False)}
    return f"{path}?{urlencode(kept)}" if kept else path


def gist(value: Json) -> str:
    """A JSON value on one short line: ``order_id: 7, note: "late"``; text as its beginning."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        unpacked = _unpacked(value) if len(value) < _UNPACKED_MOST else None
        return (
            gist(unpacked) if unpacked is not None else " ".join(value[: 2 * _GIST].split())[:_GIST]
        )
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_short(inner)}" for key, inner in islice(value.items(), 12))[
            :_GIST
        ]
    return _short(value)[:_GIST]


def _short(value: Json) -> str:
    """A value within a gist: text whole, lists and objects by their first items."""
    if isinstance(value, str):
        return value[:_GIST]
    if not isinstance(value, list | dict):
        return encode(value).decode()
    more = ", …" if len(value) > _GIST_ITEMS else ""
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value[:_GIST_ITEMS])) + more + "]"
    return "{" + ", ".join(islice(value, _GIST_ITEMS)) + more + "}"


def _flat(value: Json) -> str:
    return "…" if isinstance(value, list | dict) else _short(value)


def day(seconds: float) -> str:
    """The UTC day of an instant: ``2026-11-20``."""
    return instant(seconds)[:10]


def day_after(seconds: float) -> str:
    """The first UTC day that begins at or after an instant."""
    return day(math.ceil(seconds / 86400) * 86400.0)
