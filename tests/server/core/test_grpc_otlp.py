"""OTLP over gRPC: a real channel to a server in this process, and to `serve --grpc`."""

import asyncio
import gzip
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]  # it has no stubs
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # it has no stubs
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from roadworthy.app.app import App
from roadworthy.app.decoding import open_intake
from roadworthy.base.errors import BadRequest
from roadworthy.server import listening
from roadworthy.server.backlog import Backlog
from roadworthy.server.body import MOST_BYTES
from roadworthy.server.otlp import Receiver
from roadworthy.server.sessions import Sessions
from roadworthy.server.visitor import Porter
from roadworthy.server.writer import Writer

grpc = pytest.importorskip("grpc", reason="the extra `grpc` is not installed")
TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
PATIENCE_S = 30


class Endpoint:
    """A listening endpoint over a project's store, and a channel to it."""

    def __init__(self, channel: Any, backlog: Backlog) -> None:
        self.channel = channel
        self.backlog = backlog

    async def send(self, body: bytes, secret: str = "", *, to: str = TRACES, **how: Any) -> bytes:
        metadata = (("authorization", f"Bearer {secret}"),) if secret else ()
        call = self.channel.unary_unary(to)
        data: bytes = await call(body, metadata=metadata, timeout=PATIENCE_S, **how)
        return data

    async def refusal(self, body: bytes, secret: str = "", **how: Any) -> Any:
        """The error that this call ends with."""
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await self.send(body, secret, **how)
        return caught.value


@pytest.fixture
async def endpoint(app: App) -> AsyncIterator[Endpoint]:
    from roadworthy.server.grpc_otlp import grpc_endpoint  # noqa: PLC0415 - needs the extra

    with listening._bound("127.0.0.1", 0) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    writer, backlog = Writer(app.store.traces.extend), Backlog()
    receiver = Receiver(open_intake(app), writer, backlog)
    writer.start()
    async with (
        grpc_endpoint(place, receiver, Porter(app, Sessions("s" * 64)), grace=5),
        grpc.aio.insecure_channel(place) as channel,
    ):
        yield Endpoint(channel, backlog)
    receiver.close()
    await asyncio.to_thread(writer.close)


async def test_ok_means_that_the_spans_are_in_the_store(
    endpoint: Endpoint, app: App, wire: Any
) -> None:
    answer = ExportTraceServiceResponse.FromString(await endpoint.send(wire.request(1, 2)))

    assert not answer.HasField("partial_success")
    assert [len(app.store.traces.load(wire.name(n)).spans) for n in (1, 2)] == [5, 5]
    assert endpoint.backlog.held == 0


async def test_a_span_that_cannot_be_taken_does_not_take_others_with_it(
    endpoint: Endpoint, app: App, wire: Any
) -> None:
    request = ExportTraceServiceRequest.FromString(wire.request(1))
    request.resource_spans[0].scope_spans[0].spans[0].trace_id = b"short"

    sent = await endpoint.send(request.SerializeToString())

    answer = ExportTraceServiceResponse.FromString(sent)
    assert answer.partial_success.rejected_spans == 1
    assert answer.partial_success.error_message
    assert len(app.store.traces.load(wire.name(1)).spans) == 4


async def test_secrets_are_taken_out_before_storage(
    endpoint: Endpoint, app: App, wire: Any
) -> None:
    request = ExportTraceServiceRequest.FromString(wire.request(1, spans=1))
    said = request.resource_spans[0].scope_spans[0].spans[0].attributes[3]
    said.value.string_value = "password=hunter2hunter2 AKIAIOSFODNN7EXAMPLE"

    await endpoint.send(request.SerializeToString())

    assert "AKIAIOSFODNN7EXAMPLE" not in repr(app.store.traces.load(wire.name(1)))


async def test_gzip_is_read(endpoint: Endpoint, app: App, wire: Any) -> None:
    await endpoint.send(wire.request(1, spans=50), compression=grpc.Compression.Gzip)

    assert len(app.store.traces.load(wire.name(1)).spans) == 50


async def test_a_batch_larger_than_grpc_takes_by_default_is_read(
    endpoint: Endpoint, app: App, wire: Any
) -> None:
    body = wire.request(1, spans=30_000)
    assert len(body) > 4 * 1024 * 1024

    await endpoint.send(body)

    assert len(app.store.traces.load(wire.name(1)).spans) == 30_000


async def test_an_evaluation_of_no_trace_is_counted_as_rejected(endpoint: Endpoint) -> None:
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add()
    record.event_name = "gen_ai.evaluation.result"
    record.attributes.add(key="gen_ai.evaluation.name").value.string_value = "helpful"
    record.attributes.add(key="gen_ai.evaluation.score.value").value.double_value = 0.5

    sent = await endpoint.send(request.SerializeToString(), to=LOGS)

    answer = ExportLogsServiceResponse.FromString(sent)
    assert answer.partial_success.rejected_log_records == 1


@pytest.mark.parametrize(
    "body", [b"\xff\xfe garbage", b"\x1f\x8b\x08 cut", b"\x0a\xff\xff\xff\xff\x0f"]
)
async def test_bytes_that_are_no_message_are_an_invalid_argument(
    endpoint: Endpoint, body: bytes
) -> None:
    assert (await endpoint.refusal(body)).code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_call_without_a_message_is_an_invalid_argument(endpoint: Endpoint) -> None:
    call = endpoint.channel.stream_unary(TRACES)(iter(()), timeout=PATIENCE_S)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_bomb_is_given_up_at_the_limit(endpoint: Endpoint) -> None:
    bomb = gzip.compress(bytes(MOST_BYTES)) + gzip.compress(bytes(MOST_BYTES))

    error = await endpoint.refusal(bomb)

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "64 MiB" in error.details()
    assert endpoint.backlog.held == 0


async def test_when_there_is_no_room_the_client_is_told_when_to_try_again(
    endpoint: Endpoint, wire: Any
) -> None:
    with endpoint.backlog.claim() as claim:
        claim.grow(128 * 1024 * 1024)

        error = await endpoint.refusal(wire.request(1))

    assert error.code() is grpc.StatusCode.UNAVAILABLE
    status = Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    retry = RetryInfo()
    assert status.details[0].Unpack(retry)
    assert retry.retry_delay.seconds > 0


async def test_a_call_that_is_given_up_while_it_is_written_stops_nothing(
    endpoint: Endpoint, app: App, wire: Any
) -> None:
    await endpoint.send(wire.request(1))
    with sqlite3.connect(app.store_location, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        late = endpoint.channel.unary_unary(TRACES)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await late(wire.request(2), timeout=0.5)
        other.execute("ROLLBACK")
    other.close()

    await endpoint.send(wire.request(3))

    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert app.store.traces.load(wire.name(3))


async def test_what_went_wrong_inside_is_not_told(
    endpoint: Endpoint, app: App, wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("what a customer wrote")

    monkeypatch.setattr(Porter, "visitor", fail)

    error = await endpoint.refusal(wire.request(1))

    assert error.code() is grpc.StatusCode.INTERNAL
    assert "customer" not in error.details()


async def test_a_message_past_the_limit_is_refused(endpoint: Endpoint) -> None:
    error = await endpoint.refusal(bytes(MOST_BYTES + 1))

    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_once_there_is_a_key_one_is_needed(
    endpoint: Endpoint, app: App, wire: Any, secret_for: Callable[..., str]
) -> None:
    good, reads = secret_for("ingest"), secret_for("read")
    wrong = good[:-64] + "0" * 64

    refusals = [await endpoint.refusal(wire.request(1), secret) for secret in ("", wrong, reads)]

    unknown, lacking = grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED
    assert [error.code() for error in refusals] == [unknown, unknown, lacking]
    assert good[-64:] not in repr(refusals)
    await endpoint.send(wire.request(2), good)
    assert len(app.store.traces.load(wire.name(2)).spans) == 5


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:127.0.0.1:5000", "127.0.0.1"),
        ("ipv6:%5B::1%5D:5000", "[::1]"),
        ("ipv4:10.0.0.7:5000", "10.0.0.7"),
        ("unknown", ""),
    ],
)
def test_the_address_of_the_caller_is_read(peer: str, address: str) -> None:
    from roadworthy.server.grpc_otlp import _peer  # noqa: PLC0415 - needs the extra

    assert _peer(SimpleNamespace(peer=lambda: peer)) == address


def test_serve_takes_both_and_a_graceful_stop_loses_nothing(serving: Any, wire: Any) -> None:
    serving.start("--grpc", "0")
    place = serving.shown["grpc"].removeprefix("http://")
    with grpc.insecure_channel(place) as channel:
        channel.unary_unary(TRACES)(wire.request(1), timeout=PATIENCE_S)
    assert serving.send(wire.request(2)).status_code == 200
    code = serving.stop()

    with App(serving.folder) as app:
        found = [len(app.store.traces.load(wire.name(n)).spans) for n in (1, 2)]

    assert found == [5, 5]
    assert code == 0, serving.talk()
    assert serving.talk() == ""


def test_a_port_in_use_is_said_before_anything_starts(app: App) -> None:
    with listening._bound("127.0.0.1", 0) as taken, pytest.raises(BadRequest) as caught:
        listening.serve(
            app,
            host="127.0.0.1",
            port=0,
            grpc_port=taken.getsockname()[1],
            ready=lambda *_: None,
        )

    assert "in use" in caught.value.message
    assert "--grpc" in str(caught.value.hint)


def test_without_the_extra_it_says_what_to_install(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "grpc", None)

    with pytest.raises(BadRequest) as caught:
        listening.serve(app, host="127.0.0.1", port=0, grpc_port=0, ready=lambda *_: None)

    assert caught.value.hint == "pip install 'roadworthy[grpc]'"
