"""OTLP in protobuf. The generated classes are read field by field: no copy as a dict is made."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from roadworthy.base.codec import Json
from roadworthy.ingest.otlp.limits import MAX_ATTRIBUTES, MAX_EVENTS, MAX_LINKS, MAX_NAME, cut_text
from roadworthy.ingest.otlp.malformed import MalformedOtlp
from roadworthy.ingest.otlp.repair import parse_repaired
from roadworthy.ingest.otlp.wire_log import WireLog
from roadworthy.ingest.otlp.wire_span import Origin, WireSpan
from roadworthy.ingest.vocabulary.dialect import Attributes
from roadworthy.records.span import SpanEvent

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
    from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource
    from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan

_MOST_NESTED: Final = 30  # the parser stops at about this many values inside values


def read_spans(body: bytes) -> Iterator[WireSpan]:
    """The spans of an ExportTraceServiceRequest.

    Raises:
        MalformedOtlp: `body` is none.
    """
    for batch in _parse(_trace_request(), body).resource_spans:
        resource = _resource(batch.resource)
        for scoped in batch.scope_spans:
            origin = _origin(resource, scoped.scope)
            for span in scoped.spans:
                yield _span(span, origin)


def read_logs(body: bytes) -> Iterator[WireLog]:
    """The log records of an ExportLogsServiceRequest.

    Raises:
        MalformedOtlp: `body` is none.
    """
    for batch in _parse(_logs_request(), body).resource_logs:
        resource = _resource(batch.resource)
        for scoped in batch.scope_logs:
            origin = _origin(resource, scoped.scope)
            for record in scoped.log_records:
                yield _log(record, origin)


@cache
def _trace_request() -> Any:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: PLC0415 - slow to import
        ExportTraceServiceRequest,
    )

    return ExportTraceServiceRequest


@cache
def _logs_request() -> Any:
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (  # noqa: PLC0415 - slow to import
        ExportLogsServiceRequest,
    )

    return ExportLogsServiceRequest


def _parse(kind: Any, body: bytes) -> Any:
    from google.protobuf.message import (  # noqa: PLC0415 - slow to import
        DecodeError,
    )

    try:
        return kind.FromString(body)
    except DecodeError:
        repaired = parse_repaired(kind, body)
    if repaired is None:
        raise MalformedOtlp(f"the body is no {kind.__name__} in protobuf")
    return repaired


def _resource(resource: "Resource") -> Attributes:
    return _attributes(resource.attributes)[0]


def _origin(resource: Attributes, scope: "InstrumentationScope") -> Origin:
    return Origin(resource=resource, scope=scope.name, scope_version=scope.version)


def _span(span: "ProtoSpan", origin: Origin) -> WireSpan:
    attributes, dropped = _attributes(span.attributes)
    sent = WireSpan(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        name=span.name,
        kind=span.kind,
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
        attributes=attributes,
        origin=origin,
        dropped_attributes=dropped + span.dropped_attributes_count,
        dropped_events=span.dropped_events_count,
    )
    if span.HasField("status"):
        sent.status, sent.status_message = span.status.code, span.status.message
    if span.events:
        sent.events = tuple(_event(event) for event in span.events[:MAX_EVENTS])
        sent.dropped_events += max(0, len(span.events) - MAX_EVENTS)
    if span.links:
        sent.links = [
            {"trace_id": link.trace_id.hex(), "span_id": link.span_id.hex()}
            for link in span.links[:MAX_LINKS]
        ]
    return sent


def _event(event: Any) -> SpanEvent:
    return SpanEvent(
        name=cut_text(event.name, MAX_NAME),
        at_ns=event.time_unix_nano,
        attributes=_attributes(event.attributes)[0],
    )


def _log(record: "LogRecord", origin: Origin) -> WireLog:
    return WireLog(
        trace_id=record.trace_id.hex(),
        span_id=record.span_id.hex(),
        name=record.event_name,
        at_ns=record.time_unix_nano or record.observed_time_unix_nano,
        attributes=_attributes(record.attributes)[0],
        body=_value(record.body) if record.HasField("body") else None,
        origin=origin,
    )


def _attributes(pairs: "Iterable[KeyValue]") -> tuple[Attributes, int]:
    """Attributes by name, and how many were too many."""
    read: Attributes = {}
    dropped = 0
    for pair in pairs:
        key = pair.key
        if len(key) > MAX_NAME:
            key = cut_text(key, MAX_NAME)
        if len(read) >= MAX_ATTRIBUTES:
            dropped += 1
            continue
        value = pair.value
        read[key] = cut_text(text) if (text := value.string_value) else _value(value)
    return read, dropped


def _value(value: "AnyValue", depth: int = 0) -> Json:
    kind = value.WhichOneof("value")
    read = _SCALARS.get(kind)
    if read is not None:
        return read(value)
    if depth > _MOST_NESTED:
        return "[nested too deep]"
    if kind == "array_value":
        return [_value(item, depth + 1) for item in value.array_value.values]
    return {pair.key: _value(pair.value, depth + 1) for pair in value.kvlist_value.values}


_SCALARS: Final[dict[str | None, Callable[[Any], Json]]] = {
    None: lambda _: None,
    "string_value": lambda value: cut_text(value.string_value),
    "int_value": lambda value: value.int_value,
    "double_value": lambda value: finite(value.double_value),
    "bool_value": lambda value: value.bool_value,
    "bytes_value": lambda value: cut_text(value.bytes_value.decode("utf-8", "replace")),
    "string_value_strindex": lambda value: value.string_value_strindex,  # of the profiles signal
}


def finite(number: float) -> Json:
    """`number`, or its name where JSON has none for it (``NaN``, ``Infinity``, ``-Infinity``)."""
    if math.isfinite(number):
        return number
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"
