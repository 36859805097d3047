"""OTLP as JSON: requests, files of the collector, and what Tempo writes.

Names may be camelCase or snake_case, ids hex or base64, whole numbers text, enumerations
numbers or names, and scopes may go by their former name.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from roadworthy.base.codec import Json
from roadworthy.ingest.otlp.limits import MAX_ATTRIBUTES, MAX_EVENTS, MAX_LINKS, MAX_NAME, cut_text
from roadworthy.ingest.otlp.malformed import MalformedOtlp
from roadworthy.ingest.otlp.wire_log import WireLog
from roadworthy.ingest.otlp.wire_span import Origin, Rejected, WireSpan
from roadworthy.ingest.source import SourceError, TooDeep, decode_json
from roadworthy.ingest.vocabulary.dialect import Attributes
from roadworthy.records.span import SPAN_ID_DIGITS, TRACE_ID_DIGITS, SpanEvent

_KINDS: Final = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
_STATUSES: Final = ("UNSET", "OK", "ERROR")
BATCHES: Final = ("resourceSpans", "resource_spans", "batches")
_SCOPES: Final = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans")
_LOG_BATCHES: Final = ("resourceLogs", "resource_logs")
_LOG_SCOPES: Final = ("scopeLogs", "scope_logs")
_RECORDS: Final = ("logRecords", "log_records")
_LARGEST: Final = 2**63
_MOST_COUNTED: Final = 2**32 - 1
_NO_OBJECT: Final = "it is no JSON object"
_HEX: Final = frozenset("0123456789abcdefABCDEF")

Fields = dict[str, Json]


def read_spans(body: bytes) -> Iterator[WireSpan | Rejected]:
    """The spans of an ExportTraceServiceRequest, with a `Rejected` for what is none.

    Raises:
        MalformedOtlp: `body` is none.
    """
    return spans_in(_request(body, BATCHES))


def spans_in(request: Fields) -> Iterator[WireSpan | Rejected]:
    """The spans of a request that is decoded, with a `Rejected` for what is none."""
    for origin, span in _items(request, BATCHES, _SCOPES, ("spans",)):
        yield Rejected(_NO_OBJECT) if span is None else _span(span, origin)


def read_logs(body: bytes) -> Iterator[WireLog | Rejected]:
    """The log records of an ExportLogsServiceRequest, with a `Rejected` for what is none.

    Raises:
        MalformedOtlp: `body` is none.
    """
    request = _request(body, _LOG_BATCHES)
    for origin, record in _items(request, _LOG_BATCHES, _LOG_SCOPES, _RECORDS):
        yield Rejected(_NO_OBJECT) if record is None else _log(record, origin)


def _items(
    request: Fields, batches: tuple[str, ...], scopes: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[tuple[Origin, Fields | None]]:
    """What the lists in the lists hold and who sent it; `None` for each thing that is no object."""
    nobody = Origin(resource={})
    for batch in _each(request, batches):
        if batch is None:
            yield nobody, None
            continue
        resource = _resource(batch)
        for scoped in _each(batch, scopes):
            origin = nobody if scoped is None else _origin(resource, scoped)
            held = (None,) if scoped is None else _each(scoped, names)
            yield from ((origin, item) for item in held)


def _each(fields: Fields, names: tuple[str, ...]) -> Iterator[Fields | None]:
    """The objects of a list; `None` for all else in it, and for what is no list at all."""
    listed = _get(fields, *names)
    if listed is not None and not isinstance(listed, list):
        yield None
    for item in listed if isinstance(listed, list) else ():
        yield item if isinstance(item, dict) else None


def lenient_json(body: bytes) -> Json:
    """Decode JSON as senders write it: half surrogates, bytes that are no UTF-8, NaN.

    Raises:
        SourceError: it is no JSON even so, or nested too deep.
    """
    try:
        return decode_json(body)
    except TooDeep:
        raise
    except SourceError as error:
        text = body.decode("utf-8", "replace")
        try:
            value = json.loads(text, parse_constant=str, parse_int=_whole)
            mended = json.dumps(_clean(value), allow_nan=False)
        except (ValueError, RecursionError):
            raise error from None
    return decode_json(mended)


def _whole(digits: str) -> int | str:
    """An integer, or its digits where it is larger than any that is meant."""
    return int(digits) if len(digits) < len(str(_LARGEST)) else digits


def _clean(value: Any) -> Any:
    """Without half surrogates; numbers past the range of a float become their name."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list():
            return [_clean(item) for item in value]
        case dict():
            return {_clean(key): _clean(item) for key, item in value.items()}
        case float() if value in (float("inf"), float("-inf")):
            return "Infinity" if value > 0 else "-Infinity"
        case _:
            return value


def _request(body: bytes, names: tuple[str, ...]) -> Fields:
    try:
        request = lenient_json(body)
    except SourceError as error:
        raise MalformedOtlp(f"the body {error.why}") from error
    if not isinstance(request, dict):
        raise MalformedOtlp("the body is no JSON object")
    if request and not any(isinstance(request.get(name), list) for name in names):
        raise MalformedOtlp(f"the body has no list {names[0]!r}", hint="send OTLP/HTTP JSON")
    return request


def _span(span: Fields, origin: Origin) -> WireSpan:
    attributes, dropped = _attributes(_get(span, "attributes"))
    status = _get(span, "status")
    status = status if isinstance(status, dict) else {}
    events = _objects(span, "events")
    code = _get(status, "code")
    return WireSpan(
        trace_id=_id(_get(span, "traceId", "trace_id"), TRACE_ID_DIGITS),
        span_id=_id(_get(span, "spanId", "span_id"), SPAN_ID_DIGITS),
        parent_id=_id(_get(span, "parentSpanId", "parent_span_id"), SPAN_ID_DIGITS),
        name=_text(_get(span, "name")),
        kind=_enum(_get(span, "kind"), _KINDS),
        start_ns=_int(_get(span, "startTimeUnixNano", "start_time_unix_nano")),
        end_ns=_int(_get(span, "endTimeUnixNano", "end_time_unix_nano")),
        attributes=attributes,
        origin=origin,
        events=tuple(_event(event) for event in events[:MAX_EVENTS]),
        status=_enum(code, _STATUSES),
        status_message=_text(_get(status, "message")),
        dropped_attributes=dropped
        + _uint32(_get(span, "droppedAttributesCount", "dropped_attributes_count")),
        dropped_events=max(0, len(events) - MAX_EVENTS)
        + _uint32(_get(span, "droppedEventsCount", "dropped_events_count")),
        links=[_link(link) for link in _objects(span, "links")[:MAX_LINKS]],
    )


def _event(event: Fields) -> SpanEvent:
    return SpanEvent(
        name=cut_text(_text(_get(event, "name")), MAX_NAME),
        at_ns=_int(_get(event, "timeUnixNano", "time_unix_nano")),
        attributes=_attributes(_get(event, "attributes"))[0],
    )


def _link(link: Fields) -> Json:
    return {
        "trace_id": _id(_get(link, "traceId", "trace_id"), TRACE_ID_DIGITS),
        "span_id": _id(_get(link, "spanId", "span_id"), SPAN_ID_DIGITS),
    }


def _log(record: Fields, origin: Origin) -> WireLog:
    seen = _int(_get(record, "observedTimeUnixNano", "observed_time_unix_nano"))
    return WireLog(
        trace_id=_id(_get(record, "traceId", "trace_id"), TRACE_ID_DIGITS),
        span_id=_id(_get(record, "spanId", "span_id"), SPAN_ID_DIGITS),
        name=_text(_get(record, "eventName", "event_name")),
        at_ns=_int(_get(record, "timeUnixNano", "time_unix_nano")) or seen,
        attributes=_attributes(_get(record, "attributes"))[0],
        body=_value(_get(record, "body")),
        origin=origin,
    )


def _resource(batch: Fields) -> Attributes:
    resource = _get(batch, "resource")
    return _attributes(_get(resource, "attributes"))[0] if isinstance(resource, dict) else {}


def _origin(resource: Attributes, scoped: Fields) -> Origin:
    scope = _get(scoped, "scope", "instrumentationLibrary")
    if not isinstance(scope, dict):
        return Origin(resource=resource)
    return Origin(
        resource=resource,
        scope=_text(_get(scope, "name")),
        scope_version=_text(_get(scope, "version")),
    )


def _attributes(pairs: Json) -> tuple[Attributes, int]:
    """Attributes by name, and how many were none or too many."""
    read: Attributes = {}
    dropped = 0
    for pair in pairs if isinstance(pairs, list) else ():
        key = pair.get("key") if isinstance(pair, dict) else None
        if isinstance(pair, dict) and isinstance(key, str) and len(read) < MAX_ATTRIBUTES:
            read[cut_text(key, MAX_NAME)] = _value(pair.get("value"))
        else:
            dropped += 1
    return read, dropped


def _value(value: Json) -> Json:
    """One AnyValue. Depth is bounded: the request was checked."""
    if not isinstance(value, dict):
        return cut_text(value) if isinstance(value, str) else None
    for name, held in value.items():
        if (read := _VALUES.get(name)) is not None:
            return read(held)
    return None


def _scalar(held: Json) -> Json:
    """The value itself; a number past what OTLP can hold becomes its digits."""
    if isinstance(held, int) and not -_LARGEST <= held < 2 * _LARGEST:
        return str(held)
    return held if isinstance(held, bool | int | float | str) else None


def _array(held: Json) -> Json:
    return [_value(item) for item in _listed(held)]


def _listed(held: Json) -> list[Json]:
    values = held.get("values") if isinstance(held, dict) else None
    return values if isinstance(values, list) else []


def _number(held: Json) -> Json:
    """A whole number, which OTLP writes as text; what is none stays as it is."""
    if isinstance(held, str) and len(held) <= len(str(_LARGEST)) + 1:
        try:
            number = int(held)
        except ValueError:
            return held
        return number if -_LARGEST <= number < 2 * _LARGEST else held
    return _scalar(held)


def _objects(fields: Fields, *names: str) -> list[Fields]:
    listed = _get(fields, *names)
    items = listed if isinstance(listed, list) else []
    return [item for item in items if isinstance(item, dict)]


def _get(fields: Fields, *names: str) -> Json:
    for name in names:
        if name in fields:
            return fields[name]
    return None


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _int(value: Json) -> int:
    """A whole number, given as one or as text; 0 for what is none."""
    number = _number(value)
    return number if isinstance(number, int) and -_LARGEST <= number < 2 * _LARGEST else 0


def _uint32(value: Json) -> int:
    """How many, as OTLP can count them."""
    return min(max(0, _int(value)), _MOST_COUNTED)


def _enum(value: Json, names: tuple[str, ...]) -> int:
    if isinstance(value, str):
        name = value.rpartition("_")[2].upper()
        return names.index(name) if name in names else 0
    return value if isinstance(value, int) else 0


def _id(value: Json, digits: int) -> str:
    """An id as hex; base64, which Tempo writes, is told by its length."""
    text = _text(value)
    if len(text) == digits and _HEX.issuperset(text):
        return text.lower()
    return _bytes(text).hex() if len(text) < digits else ""


def _bytes(value: Json) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except (ValueError, binascii.Error):
        return b""


_READERS: Final[dict[str, Callable[[Json], Json]]] = {
    "stringValue": lambda held: cut_text(_text(held)),
    "intValue": _number,
    "doubleValue": _scalar,
    "boolValue": _scalar,
    "bytesValue": lambda held: cut_text(_bytes(held).decode("utf-8", "replace")),
    "arrayValue": _array,
    "kvlistValue": lambda held: _attributes(_listed(held))[0],
}
_VALUES: Final = {
    **_READERS,
    **{name.replace("Value", "_value"): read for name, read in _READERS.items()},
}
