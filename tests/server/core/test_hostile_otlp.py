"""Whatever is sent over OTLP: an answer that says so, never a 500, and the server lives on."""

from __future__ import annotations

import gzip
import json
import threading
import zlib
from random import Random
from typing import TYPE_CHECKING

import httpx
import pytest
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # it has no stubs
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from roadworthy.server.backlog import Backlog, Claim

if TYPE_CHECKING:
    from tests.server.core.conftest import Client, Serving, Wire

    from roadworthy.app.app import App

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}


def posted(client: Client, body: bytes, **headers: str) -> httpx.Response:
    return client.post("/v1/traces", content=body, headers={**PROTOBUF, **headers})


def test_spans_are_stored_and_the_answer_is_empty(client: Client, app: App, wire: Wire) -> None:
    answer = posted(client, wire.request(1, 2))

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == PROTOBUF["Content-Type"]
    assert len(app.store.traces.load(wire.name(2)).spans) == 5


def test_sending_again_changes_nothing(client: Client, app: App, wire: Wire) -> None:
    posted(client, wire.request(1))
    before = app.store.traces.load(wire.name(1))

    posted(client, wire.request(1))

    assert app.store.traces.load(wire.name(1)) == before


def test_gzip_is_taken(client: Client, app: App, wire: Wire) -> None:
    answer = posted(client, gzip.compress(wire.request(1)), **{"Content-Encoding": "gzip"})

    assert answer.status_code == 200
    assert app.store.traces.count() == 1


def test_spans_that_cannot_be_taken_are_counted_and_the_others_stay(
    client: Client, app: App, wire: Wire
) -> None:
    good = wire.request(1)
    bad = good.replace((2).to_bytes(16, "big"), bytes(16), 2)

    answer = posted(client, bad)

    said = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, said.rejected_spans) == (200, 2)
    assert said.error_message
    assert len(app.store.traces.load(wire.name(1)).spans) == 3


def test_secrets_are_not_stored(client: Client, app: App, wire: Wire) -> None:
    secret = "sk-proj-" + "A1b2C3d4" * 6
    body = wire.request(1, spans=1).replace(b"reply 0 of trace 1", b"reply 0 of trace 1")
    span = {
        "traceId": wire.name(5),
        "spanId": "00000000000000aa",
        "name": "chat",
        "startTimeUnixNano": "1760000000000000000",
        "endTimeUnixNano": "1760000000000000001",
        "attributes": [{"key": "note", "value": {"stringValue": f"use {secret} for it"}}],
    }
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()

    assert posted(client, body, **JSON).status_code == 200

    kept = str(app.store.traces.load(wire.name(5)).spans[0].attributes["note"])
    assert secret not in kept
    assert "redacted" in kept


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/grpc"])
def test_another_content_type_is_415(client: Client, wire: Wire, kind: str) -> None:
    assert posted(client, wire.request(1), **{"Content-Type": kind}).status_code == 415


def test_an_unknown_encoding_is_415_and_says_so_as_otlp_does(client: Client, wire: Wire) -> None:
    answer = posted(client, wire.request(1), **{"Content-Encoding": "br"})

    assert answer.status_code == 415
    assert "gzip" in Status.FromString(answer.content).message


def test_a_thousand_truncated_and_changed_requests_are_400_or_taken(
    client: Client, wire: Wire
) -> None:
    rng = Random(11)
    good = wire.request(1, 2, spans=3)
    statuses = set()
    for _ in range(1000):
        body = bytearray(good[: rng.randint(1, len(good))])
        for _ in range(rng.randint(0, 8)):
            body[rng.randrange(len(body))] = rng.randrange(256)
        statuses.add(posted(client, bytes(body)).status_code)

    assert statuses <= {200, 400}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"resourceSpans":' * 50_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "",
        "null",
    ],
    ids=["lists", "known names", "closed", "nothing", "null"],
)
def test_json_however_deep_is_400(client: Client, text: str) -> None:
    answer = posted(client, text.encode(), **JSON)

    assert answer.status_code in (200, 400)
    assert answer.headers["content-type"] == "application/json"


def test_ten_gigabytes_in_a_small_gzip_are_413(serving: Serving) -> None:
    serving.start()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    bomb = gzip.compress(b"")[:10] + block * 1000  # a full flush lets a block stand by itself

    answer = serving.send(bomb, **{"Content-Encoding": "gzip"})

    assert answer.status_code == 413
    assert httpx.get(f"{serving.url}/healthz").status_code == 200


def test_too_long_a_body_is_413_before_it_is_sent(client: Client) -> None:
    answer = posted(client, b"", **{"Content-Length": str(10**11)})

    assert answer.status_code == 413


def test_a_full_backlog_is_503_with_a_time_to_try_again(
    client: Client, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Backlog, "_most", 10, raising=False)
    monkeypatch.setattr(Backlog, "add", _full)

    answer = posted(client, wire.request(1))

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def _full(_backlog: Backlog, _claim: Claim, more: int) -> None:
    from roadworthy.server.backlog import Behind  # noqa: PLC0415

    if more > 0:
        raise Behind("full")


def test_many_clients_at_once_are_all_served(serving: Serving, wire: Wire) -> None:
    url = serving.start()
    statuses: list[int] = []

    def send(client_number: int) -> None:
        with httpx.Client(timeout=30) as client:
            for number in range(10):
                body = wire.request(client_number * 100 + number)
                sent = client.post(f"{url}/v1/traces", content=body, headers=PROTOBUF)
                statuses.append(sent.status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 200
    found = httpx.get(f"{url}/api/traces?limit=200").json()
    assert len(found["rows"]) == 200


def test_an_evaluation_is_kept_on_its_trace(client: Client, app: App, wire: Wire) -> None:
    posted(client, wire.request(1))
    record = {
        "eventName": "gen_ai.evaluation.result",
        "traceId": wire.name(1),
        "timeUnixNano": "1760000009000000000",
        "attributes": [
            {"key": "gen_ai.evaluation.name", "value": {"stringValue": "Relevance"}},
            {"key": "gen_ai.evaluation.score.value", "value": {"doubleValue": 0.25}},
        ],
    }
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}).encode()

    answer = client.post("/v1/logs", content=body, headers=JSON)

    assert (answer.status_code, answer.json()) == (200, {})
    trace = app.store.traces.load(wire.name(1))
    (held,) = [v for k, v in trace.attributes.items() if k.startswith("roadworthy.evaluation")]
    assert isinstance(held, dict)
    assert (held["name"], held["score"]) == ("Relevance", 0.25)
    assert trace.duration_s is not None
    assert trace.duration_s < 1
