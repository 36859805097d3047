"""A number that nothing can hold costs itself, and never the request that it came in."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from roadworthy.app.decoding import _read, _written
from roadworthy.app.ingest_spans import Decoded, OtlpIntake
from roadworthy.base.codec import encode, to_builtins
from roadworthy.diagnose.detect import detect
from roadworthy.ingest.incoming_redaction import IncomingRedaction, Personal
from roadworthy.ingest.otlp.logs import decode_logs
from roadworthy.records.trace_summary import merge_summaries, summarise
from roadworthy.store.ports import Store
from roadworthy.store.sql import open_store

START_NS = 1_760_000_000 * 10**9
JSON = "application/json"
PROTOBUF = "application/x-protobuf"
_numbers = count(1)
NAMES = (
    "gen_ai.usage.cost",
    "gen_ai.usage.total_cost",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "llm.cost.total",
    "llm.token_count.prompt",
    "llm.usage.total_tokens",
    "langfuse.observation.cost_details",
    "langfuse.observation.usage_details",
    "ai.usage.promptTokens",
    "gen_ai.request.max_tokens",
    "gen_ai.response.finish_reasons",
    "gen_ai.tool.call.arguments",
    "gen_ai.input.messages",
    "roadworthy.cost_usd",
    "roadworthy.messages_dropped",
    "roadworthy.dropped_attributes",
    "n",
)
HUGE = [10**400, -(10**400), 10**4000, 2**64, 2**64 - 1, 2**63, -(2**63), -1, 10**30]
WIRE = st.one_of(
    st.sampled_from(HUGE).map(lambda n: {"intValue": n}),
    st.sampled_from([*map(str, HUGE), "9" * 5000, "1e400", "NaN", " 7 ", "1_0", "٣", "0x7"]).map(
        lambda text: {"intValue": text}
    ),
    st.sampled_from([*HUGE, 1.7e308, -1.7e308, 5e-324, "NaN", "Infinity", True]).map(
        lambda n: {"doubleValue": n}
    ),
    st.sampled_from(HUGE).map(lambda n: {"stringValue": json.dumps({"total": n, "input": n})}),
    st.sampled_from(HUGE).map(lambda n: {"stringValue": json.dumps([n])}),
    st.sampled_from(HUGE).map(lambda n: {"arrayValue": {"values": [{"intValue": n}]}}),
    st.sampled_from([10**400, 5, [], {}, None]).map(lambda n: {"boolValue": n}),
)


def a_span(number: int, attributes: list[Any], **fields: Any) -> dict[str, Any]:
    return {
        "traceId": f"{number + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "name": "chat",
        "startTimeUnixNano": str(START_NS),
        "endTimeUnixNano": str(START_NS + 5),
        "attributes": [
            {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
            *attributes,
        ],
        **fields,
    }


def a_body(spans: list[Any]) -> bytes:
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()


def taken(store: Store, body: bytes, kind: str = JSON) -> Decoded:
    """Through everything that a request goes through, up to the lists that show it."""
    cards: tuple[Personal, ...] = ("card-number",)
    decoded = OtlpIntake(IncomingRedaction(key=b"k" * 16, personal=cards)).decode_traces(body, kind)
    decoded = _read(_written(decoded))
    fresh = [replace(part, id=f"{next(_numbers):032x}") for part in decoded.parts]
    for _ in range(2):
        store.traces.extend(fresh)
    for part in fresh:
        trace = store.traces.load(part.id)
        summary = summarise(trace)
        encode(to_builtins(merge_summaries(summary, summary)))
        store.findings.add(detect(trace))
    return decoded


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("numbers") / "store.db")
    yield store
    store.close()


@settings(max_examples=150, deadline=None)
@given(said=st.lists(st.tuples(st.sampled_from(NAMES), WIRE), min_size=1, max_size=4))
def test_no_number_in_json_costs_another_trace(store: Store, said: list[tuple[str, Any]]) -> None:
    hostile = [{"key": name, "value": value} for name, value in said]
    event = {"name": "e", "timeUnixNano": 10**400, "attributes": hostile}
    spans = [a_span(0, []), a_span(1, hostile, events=[event]), a_span(2, [])]

    decoded = taken(store, a_body(spans))

    assert {part.id for part in decoded.parts} >= {f"{1:032x}", f"{3:032x}"}
    assert len(decoded.parts) + decoded.rejected == 3


@settings(max_examples=150, deadline=None)
@given(
    said=st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.integers(-(2**63), 2**63 - 1) | st.floats() | st.sampled_from(HUGE).map(str),
        ),
        max_size=4,
    ),
    at=st.integers(0, 2**64 - 1),
    dropped=st.integers(0, 2**32 - 1),
)
def test_no_number_in_protobuf_costs_another_trace(
    store: Store, said: list[tuple[str, int | float | str]], at: int, dropped: int
) -> None:
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for number in range(3):
        span = scope.spans.add(trace_id=bytes([7] * 15 + [number]), span_id=bytes([number + 1] * 8))
        span.start_time_unix_nano = span.end_time_unix_nano = START_NS
    span = scope.spans[1]
    span.dropped_attributes_count = span.dropped_events_count = dropped
    span.events.add(name="e", time_unix_nano=at)
    for name, value in said:
        field = {int: "int_value", float: "double_value", str: "string_value"}[type(value)]
        setattr(span.attributes.add(key=name).value, field, value)

    assert len(taken(store, request.SerializeToString(), PROTOBUF).parts) == 3


@pytest.mark.parametrize(
    "field",
    [
        "startTimeUnixNano",
        "endTimeUnixNano",
        "kind",
        "droppedAttributesCount",
        "droppedEventsCount",
    ],
)
@pytest.mark.parametrize("value", [10**400, -1, 2**64 - 1, 2**64, "9" * 400, 1e300, [10**400]])
def test_no_number_of_a_span_itself_costs_another_one(store: Store, field: str, value: Any) -> None:
    decoded = taken(store, a_body([a_span(0, []), a_span(1, [], **{field: value})]))

    assert len(decoded.parts) + decoded.rejected == 2
    assert decoded.parts[0].id == f"{1:032x}"


def test_an_absurd_cost_is_kept_as_text_and_counts_as_unknown(store: Store) -> None:
    cost = {"key": "gen_ai.usage.cost", "value": {"intValue": 10**400}}

    (part,) = taken(store, a_body([a_span(0, [cost])])).parts

    assert part.spans[0].attributes["roadworthy.cost_usd"] == str(10**400)
    assert part.trajectory.usage.cost_usd is None


@pytest.mark.parametrize("number", [2**64 - 1, 2**64, 10**30])
def test_large_numbers_in_arguments_stay_numbers_whichever_process_decodes(
    store: Store, number: int
) -> None:
    text = json.dumps({"order": number})
    sent = {"key": "gen_ai.tool.call.arguments", "value": {"stringValue": text}}

    (part,) = taken(store, a_body([a_span(0, [sent])])).parts

    assert part.spans[0].attributes["gen_ai.tool.call.arguments"] == {"order": number}


def test_what_is_no_span_is_counted_as_rejected_and_the_others_stay(store: Store) -> None:
    decoded = taken(store, a_body([None, a_span(0, []), 5, "x", [], a_span(1, [])]))

    assert (len(decoded.parts), decoded.rejected) == (2, 4)
    assert decoded.why == "4 spans: it is no JSON object"


@pytest.mark.parametrize(
    ("body", "rejected"),
    [
        ({"resourceSpans": [5, None]}, 2),
        ({"resourceSpans": [{"scopeSpans": {"a": 1}}]}, 1),
        ({"resourceSpans": [{"scopeSpans": [7, {"spans": "x"}]}]}, 2),
        ({"resourceSpans": [{}, {"scopeSpans": [{}, {"spans": []}]}]}, 0),
    ],
)
def test_so_is_whatever_else_stands_where_spans_should(
    store: Store, body: Any, rejected: int
) -> None:
    assert taken(store, json.dumps(body).encode()).rejected == rejected


def test_what_is_no_log_record_is_counted_as_rejected() -> None:
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": [3, {"body": {"intValue": 10**400}}]}]}]}

    decoded = decode_logs(json.dumps(body).encode(), JSON)

    assert (decoded.rejected, decoded.ignored) == (1, 1)


@pytest.mark.parametrize("score", [{"intValue": 10**400}, {"doubleValue": 10**400}])
def test_an_absurd_score_of_an_evaluation_is_no_score(score: Any) -> None:
    said = {
        "gen_ai.evaluation.name": {"stringValue": "Relevance"},
        "gen_ai.evaluation.score.value": score,
    }
    pairs = [{"key": key, "value": value} for key, value in said.items()]
    record = {"eventName": "gen_ai.evaluation.result", "attributes": pairs}
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}

    (found,) = decode_logs(json.dumps(body).encode(), JSON).evaluations

    assert found.score is None


def test_attributes_that_are_none_are_counted_on_their_span(store: Store) -> None:
    (part,) = taken(store, a_body([a_span(0, [5, {"key": 7, "value": {}}, {"value": {}}])])).parts

    assert part.spans[0].attributes["roadworthy.dropped_attributes"] == 3
