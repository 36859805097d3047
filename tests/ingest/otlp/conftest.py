"""Requests as senders write them, in both encodings."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValueList

from roadworthy.base.codec import Json
from roadworthy.ingest.otlp.traces import decode_traces
from roadworthy.records.span import Span

START_NS = 1_760_000_000 * 10**9
SpanRequest = Callable[..., ExportTraceServiceRequest]
Read = Callable[..., Span]

_DATA = Path(__file__).parents[4] / "shared" / "data" / "trace-formats"


def any_value(value: Json) -> AnyValue:  # noqa: PLR0911 - one per type
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case str():
            return AnyValue(string_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[any_value(item) for item in value]))
        case dict():
            pairs = KeyValueList()
            for key, item in value.items():
                pairs.values.add(key=key, value=any_value(item))
            return AnyValue(kvlist_value=pairs)
        case _:
            return AnyValue()


def request(
    attributes: Mapping[str, Json] | None = None, *, count: int = 1, **fields: Any
) -> ExportTraceServiceRequest:
    """A request with `count` spans of one trace that all hold `attributes`."""
    sent = ExportTraceServiceRequest()
    batch = sent.resource_spans.add()
    batch.resource.attributes.add(key="service.name", value=any_value("shop"))
    batch.resource.attributes.add(key="service.version", value=any_value("1.2.3"))
    scoped = batch.scope_spans.add()
    scoped.scope.name = "a.library"
    for number in range(1, count + 1):
        span = scoped.spans.add(
            **{
                "trace_id": bytes([7] * 16),
                "span_id": number.to_bytes(8, "big"),
                "name": "a span",
                "start_time_unix_nano": START_NS,
                "end_time_unix_nano": START_NS + 10**9,
                **fields,
            }
        )
        for key, value in (attributes or {}).items():
            span.attributes.add(key=key, value=any_value(value))
    return sent


def as_json(sent: ExportTraceServiceRequest, *, snake_case: bool = False) -> Any:
    """`sent` in the JSON of OTLP, whose ids are hex where protobuf's JSON has base64."""
    form = json_format.MessageToDict(sent, preserving_proto_field_name=snake_case)
    names = ("trace_id", "span_id", "parent_span_id")
    if not snake_case:
        names = ("traceId", "spanId", "parentSpanId")
    for batch in form.get("resource_spans" if snake_case else "resourceSpans", []):
        for scoped in batch["scope_spans" if snake_case else "scopeSpans"]:
            for span in scoped["spans"]:
                for name in names:
                    if name in span:
                        span[name] = base64.b64decode(span[name]).hex()
    return form


@pytest.fixture(scope="session")
def span_request() -> SpanRequest:
    return request


@pytest.fixture(scope="session")
def json_form() -> Callable[..., Any]:
    return as_json


@pytest.fixture(scope="session")
def any_of() -> Callable[[Json], AnyValue]:
    return any_value


@pytest.fixture(scope="session")
def read() -> Read:
    """The one span that comes of attributes and events, sent as protobuf."""

    def send(attributes: Mapping[str, Json] | None = None, **fields: Any) -> Span:
        decoded = decode_traces(request(attributes, **fields).SerializeToString())
        assert decoded.rejected == 0, decoded.why
        return decoded.parts[0].spans[0]

    return send


@pytest.fixture(scope="session")
def published() -> Callable[[str], Path]:
    def find(name: str) -> Path:
        path = _DATA / name
        if not path.exists():
            pytest.skip(f"the published traces are not here: {path}")
        return path

    return find
