"""Spans gathered into parts of traces, as the store takes them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.ingest.otlp.limits import MAX_NAME, MAX_SPANS, cut_text
from roadworthy.ingest.otlp.wire_span import Rejected, WireSpan, read_span
from roadworthy.ingest.vocabulary.dialect import Attributes
from roadworthy.records import semconv
from roadworthy.records.record import Record
from roadworthy.records.span import Span, SpanId, TraceId
from roadworthy.records.trace import Trace

RESOURCE: Final = "resource."
"""What stands before the names of resource attributes, on the trace."""
_SHOWN_REASONS: Final = 3


class DecodedTraces(Record, frozen=True, kw_only=True):
    """Parts of traces, each with some spans of its trace; `why` tells of what was `rejected`."""

    parts: tuple[Trace, ...]
    rejected: int = 0
    why: str = ""


@dataclass(slots=True)
class _Part:
    resource: Attributes
    spans: dict[SpanId, Span] = field(default_factory=dict)


def gather(
    sent: Iterable[WireSpan | Rejected], *, source: str, most: int = MAX_SPANS
) -> DecodedTraces:
    """The spans in `sent` by trace; a bad one is rejected and the others stay.

    Of spans with one id, the first counts. Spans past `most` are rejected.
    """
    parts: dict[TraceId, _Part] = {}
    reasons: Counter[str] = Counter()
    for number, wired in enumerate(sent):
        if number >= most:
            reasons[f"there are more than {most} in one request"] += 1
            continue
        try:
            if isinstance(wired, Rejected):
                raise wired
            span = read_span(wired)
        except Rejected as why:
            reasons[str(why)] += 1
            continue
        part = parts.get(wired.trace_id)
        if part is None:
            part = parts[wired.trace_id] = _Part(wired.origin.resource)
        part.spans.setdefault(span.id, span)
    return DecodedTraces(
        parts=tuple(_trace(trace_id, part, source) for trace_id, part in parts.items()),
        rejected=reasons.total(),
        why=explain(reasons, "span"),
    )


def explain(reasons: "Counter[str]", what: str) -> str:
    """Why some were rejected, the most frequent reasons first; empty when none was."""
    told = [f"{count} {what}{'s'[: count != 1]}: {why}" for why, count in reasons.most_common()]
    more = len(told) - _SHOWN_REASONS
    return "; ".join(told[:_SHOWN_REASONS] + ([f"{more} more reasons"] if more > 0 else []))


def _trace(trace_id: TraceId, part: _Part, source: str) -> Trace:
    spans = tuple(part.spans.values())
    resource = part.resource
    return Trace(
        id=trace_id,
        spans=spans,
        source=source,
        name=_name(spans, resource),
        session=_said(spans, semconv.CONVERSATION_ID) or _text(resource.get("session.id")),
        version=_text(resource.get("service.version")) or _said(spans, semconv.AGENT_VERSION),
        attributes={RESOURCE + name: value for name, value in resource.items()},
    )


def _name(spans: tuple[Span, ...], resource: dict[str, Json]) -> str:
    """The agent's name, else the service's, else that of the span without a parent."""
    service = _text(resource.get("service.name"))
    if service is not None and service.startswith("unknown_service"):
        service = None
    root = next((span.name for span in spans if span.parent_id is None), "")
    return cut_text(_said(spans, semconv.AGENT_NAME) or service or root, MAX_NAME)


def _said(spans: tuple[Span, ...], name: str) -> str | None:
    """What the span that began first says under `name`."""
    first: Span | None = None
    for span in spans:
        if name in span.attributes and (first is None or span.start_ns < first.start_ns):
            first = span
    return None if first is None else _text(first.attributes[name])


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
