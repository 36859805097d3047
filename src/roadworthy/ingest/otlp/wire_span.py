"""A span as it was sent, the same for every encoding, and the record made of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.ingest.otlp.limits import (
    DROPPED_ATTRIBUTES,
    DROPPED_EVENTS,
    FIRST_NS,
    LAST_NS,
    MAX_NAME,
    cut_text,
)
from roadworthy.ingest.vocabulary.dialect import Attributes
from roadworthy.ingest.vocabulary.translate import translate
from roadworthy.records.span import SPAN_ID_DIGITS, TRACE_ID_DIGITS, Span, SpanEvent, SpanStatus

_HEX: Final = frozenset("0123456789abcdef")
_KINDS: Final = ("internal", "internal", "server", "client", "producer", "consumer")
_STATUSES: Final = (SpanStatus.UNSET, SpanStatus.OK, SpanStatus.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who sent a span: the process and the library."""

    resource: Attributes
    scope: str = ""
    scope_version: str = ""


class Rejected(Exception):
    """One span or log record cannot be taken; the message says why, without what it holds.

    It stands in the place of what is not even one.
    """


@dataclass(slots=True, kw_only=True)
class WireSpan:
    """Ids are lower-case hex, empty where there is none; times are nanoseconds since 1970."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: int
    start_ns: int
    end_ns: int
    attributes: Attributes
    origin: Origin
    events: Sequence[SpanEvent] = ()
    status: int = 0
    status_message: str = ""
    dropped_attributes: int = 0
    dropped_events: int = 0
    links: list[Json] = field(default_factory=list)


def read_span(sent: WireSpan) -> Span:
    """`sent` as a record in the one vocabulary.

    Raises:
        Rejected: its ids or times cannot be.
    """
    check_id(sent.trace_id, TRACE_ID_DIGITS, "trace id")
    check_id(sent.span_id, SPAN_ID_DIGITS, "span id")
    _check_times(sent.start_ns, sent.end_ns)
    attributes, events = translate(sent.attributes, sent.events)
    _add_facts(attributes, sent)
    return Span(
        id=sent.span_id,
        name=cut_text(sent.name, MAX_NAME),
        start_ns=sent.start_ns,
        end_ns=sent.end_ns,
        parent_id=sent.parent_id if is_id(sent.parent_id, SPAN_ID_DIGITS) else None,
        kind=_KINDS[sent.kind] if 0 <= sent.kind < len(_KINDS) else "internal",
        status=_STATUSES[sent.status] if 0 <= sent.status < len(_STATUSES) else SpanStatus.UNSET,
        status_message=cut_text(sent.status_message) or None,
        attributes=attributes,
        events=events,
    )


def is_id(text: str, digits: int) -> bool:
    """Whether `text` is an id: `digits` lower-case hex digits, not all zero."""
    return len(text) == digits and _HEX.issuperset(text) and text.strip("0") != ""


def check_id(text: str, digits: int, what: str) -> None:
    """Raise `Rejected` unless `text` is an id of `digits` hex digits."""
    if not is_id(text, digits):
        raise Rejected(f"its {what} is not {digits // 2} bytes, or all zero")


def _check_times(start_ns: int, end_ns: int) -> None:
    if end_ns < start_ns:
        raise Rejected("it ends before it starts")
    if start_ns < FIRST_NS:
        raise Rejected("it starts before the year 2000; times are nanoseconds since 1970")
    if end_ns > LAST_NS:
        raise Rejected("it ends after the year 2100; times are nanoseconds since 1970")


def _add_facts(attributes: Attributes, sent: WireSpan) -> None:
    if sent.origin.scope:
        attributes.setdefault("otel.scope.name", sent.origin.scope)
        if sent.origin.scope_version:
            attributes.setdefault("otel.scope.version", sent.origin.scope_version)
    if sent.dropped_attributes:
        attributes[DROPPED_ATTRIBUTES] = sent.dropped_attributes
    if sent.dropped_events:
        attributes[DROPPED_EVENTS] = sent.dropped_events
    if sent.links:
        attributes["roadworthy.links"] = sent.links
