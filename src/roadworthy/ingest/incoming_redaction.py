"""Takes secrets, and personal data where asked, out of traces before they are stored.

What was taken out is marked where it stood (``[redacted:api-key:483920114]``) and counted, by
kind, on its span and on the part of the trace. Equal values get equal numbers for as long as
the key is the same, so that repeats still show; without the key, the numbers tell nothing.

Conversations say the same texts over and over: a text that was looked at is remembered.

Not here: what secrets look like (`secret_patterns`), redacting files that people commit
(`redact`).
"""

import hashlib
from collections import Counter
from collections.abc import Collection
from typing import Final, Literal, TypeAlias

from msgspec.structs import replace

from roadworthy.base.codec import Json
from roadworthy.ingest.redact import Redactor, distinct_key
from roadworthy.ingest.secret_names import Secrecy, secrecy_in, secrecy_of
from roadworthy.ingest.secret_patterns import PATTERNS, Patterns
from roadworthy.records.span import Span, SpanEvent
from roadworthy.records.trace import Trace

REDACTED: Final = "roadworthy.redacted"
"""On a trace and its spans: how many values were redacted, by kind."""

Personal: TypeAlias = Literal["email", "card-number"]
PERSONAL: Final[tuple[Personal, ...]] = ("email", "card-number")
"""Kinds of personal data, which are only redacted where that is asked for."""

_SHORTEST: Final = 5  # "pwd=x"
_LONGEST_REMEMBERED: Final = 256 << 10
_MOST_REMEMBERED: Final = 32 << 20
"""Characters of all texts that are remembered; past it, all are forgotten."""
_MOST_NAMES: Final = 20_000
_NUMBERS: Final = 10**9

_Tally: TypeAlias = Counter[str]


class IncomingRedaction:
    """Redacts traces. Safe from several threads at once; never raises.

    Args:
        key: 16 to 64 secret bytes that the numbers of placeholders rest on; keep it between
            starts, or the same value gets another number after each.
        secrets: whether to look for passwords, keys and tokens.
        personal: kinds of personal data to look for as well.
    """

    def __init__(
        self, *, key: bytes, secrets: bool = True, personal: Collection[Personal] = ()
    ) -> None:
        self._key = key
        self._secrets = secrets
        self._cards = "card-number" in personal
        self._wanted = secrets or bool(personal)
        self._patterns = Patterns(
            [
                pattern
                for pattern in PATTERNS
                if (pattern.kind in personal if pattern.kind in PERSONAL else secrets)
            ]
        )
        self._known: dict[str, tuple[str, _Tally | None]] = {}
        self._known_size = 0
        self._secrecy: dict[str, Secrecy] = {}

    def redact(self, trace: Trace) -> Trace:
        """`trace` without what is looked for; the same object when there is none."""
        if not self._wanted:
            return trace
        found: _Tally = Counter()
        spans = tuple(self._span(span, found) for span in trace.spans)
        attributes = self._members(trace.attributes, found)
        texts = {name: self._text(text, found) for name, text in _texts(trace).items()}
        if not found:
            return trace
        attributes = {**attributes, REDACTED: dict(sorted(found.items()))}
        return replace(trace, spans=spans, attributes=attributes, **texts)

    def _span(self, span: Span, found: _Tally) -> Span:
        here: _Tally = Counter()
        attributes = self._members(span.attributes, here)
        events = tuple(self._event(event, here) for event in span.events)
        name = self._text(span.name, here)
        message = span.status_message and self._text(span.status_message, here)
        if not here:
            return span
        found.update(here)
        attributes = {**attributes, REDACTED: dict(sorted(here.items()))}
        return replace(
            span, name=name, status_message=message, attributes=attributes, events=events
        )

    def _event(self, event: SpanEvent, found: _Tally) -> SpanEvent:
        attributes = self._members(event.attributes, found)
        name = self._text(event.name, found)
        if attributes is event.attributes and name is event.name:
            return event
        return replace(event, name=name, attributes=attributes)

    def _value(self, value: Json, found: _Tally) -> Json:
        """`value` without secrets; the same object when it holds none. Depth is bounded."""
        if isinstance(value, str):
            return self._text(value, found)
        if isinstance(value, dict):
            return self._members(value, found)
        if isinstance(value, list):
            items = [self._value(item, found) for item in value]
            return items if any(map(_differ, items, value)) else value
        if self._cards and isinstance(value, int) and not isinstance(value, bool):
            return self._number(value, found)
        return value

    def _members(self, members: dict[str, Json], found: _Tally) -> dict[str, Json]:
        changed = False
        redacted: dict[str, Json] = {}
        for name, value in members.items():
            secrecy = self._secrecy_in(members, name) if self._secrets else Secrecy.NONE
            now = self._whole(secrecy, value, found) if secrecy else self._value(value, found)
            kept = self._text(name, found)
            if kept is not name:
                kept = distinct_key(kept, members.keys() | redacted.keys())
            redacted[kept] = now
            changed = changed or now is not value or kept is not name
        return redacted if changed else members

    def _secrecy_in(self, members: dict[str, Json], name: str) -> Secrecy:
        """What `name` says of its value. Nearly all say nothing, which is remembered."""
        known = self._secrecy.get(name)
        if known is None:
            known = secrecy_of(name)
            if len(self._secrecy) < _MOST_NAMES:
                self._secrecy[name] = known
        return secrecy_in(members, name) if known or name == "value" else known

    def _text(self, text: str, found: _Tally) -> str:
        if len(text) < _SHORTEST:
            return text
        known = self._known.get(text)
        if known is None:
            redactor = self._redactor()
            redacted = redactor.text(text)
            marks = redactor.marks
            known = (text, None) if redacted == text else (redacted, Counter(marks))
            self._remember(text, known)
        redacted, tally = known
        if tally is None:
            return text  # the caller's own object: "unchanged" is told by identity
        found.update(tally)
        return redacted

    def _whole(self, secrecy: Secrecy, value: Json, found: _Tally) -> Json:
        """What a name calls secret: its texts go whole, however deep, if they look the part."""
        redactor = self._redactor()
        redacted = redactor.redact(value, secrecy=secrecy)
        if not redactor.marks:
            return value
        found.update(redactor.marks)
        return redacted

    def _number(self, number: int, found: _Tally) -> Json:
        redactor = self._redactor()
        redacted = redactor.redact(number)
        found.update(redactor.marks)
        return redacted

    def _redactor(self) -> Redactor:
        return Redactor(self._patterns, self._placeholder_number)

    def _placeholder_number(self, value: str) -> int:
        data = value.encode("utf-8", "surrogatepass")
        mark = hashlib.blake2b(data, key=self._key, digest_size=8).digest()
        return int.from_bytes(mark) % _NUMBERS

    def _remember(self, text: str, known: tuple[str, _Tally | None]) -> None:
        if len(text) > _LONGEST_REMEMBERED:
            return
        if self._known_size > _MOST_REMEMBERED:
            self._known = {}
            self._known_size = 0
        self._known[text] = known
        self._known_size += len(text)


def _texts(trace: Trace) -> dict[str, str]:
    """Fields of the trace itself that hold text."""
    texts = {
        "name": trace.name,
        "session": trace.session,
        "version": trace.version,
        "stop": trace.stop,
    }
    return {name: text for name, text in texts.items() if text}


def _differ(one: Json, other: Json) -> bool:
    return one is not other
