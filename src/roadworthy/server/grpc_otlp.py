"""OTLP/gRPC: `TraceService/Export` and `LogsService/Export`, durable before OK.

The same way in as OTLP/HTTP: its keys, limits, decoders, redaction, backlog and writer. A call is
let in before its message is read, few messages are read at a time, and gzip is inflated by us in
counted steps, so that a stranger costs a header and a bomb costs what the limit costs.

A key is needed as everywhere; where none was ever made only this machine may send. There is no
Host to check here: web pages cannot send gRPC, which needs HTTP/2 without TLS.

Needs the extra `grpc`; only `listening` imports this module, once it was asked for.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, NoReturn
from urllib.parse import unquote

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]  # it has no stubs
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # the same

from roadworthy.app.ingest_spans import Decoded
from roadworthy.base.errors import RoadworthyError, StoreError
from roadworthy.base.printable import printable
from roadworthy.records.api_key import Scope
from roadworthy.server.backlog import RETRY_AFTER_S
from roadworthy.server.body import MOST_BYTES, PATIENCE_S, Refused
from roadworthy.server.errors import BUG
from roadworthy.server.loopback import is_loopback_address
from roadworthy.server.otlp import Decode, Receiver, said, status_of
from roadworthy.server.otlp_reply import MOST_WHY, RPC_CODES, Form, logs_answer, traces_answer
from roadworthy.server.visitor import Porter

READERS: Final = 8
"""Messages that arrive at the same time; a message counts in the backlog once it is whole."""
_TRACES: Final = "opentelemetry.proto.collector.trace.v1.TraceService"
_LOGS: Final = "opentelemetry.proto.collector.logs.v1.LogsService"
_GZIP: Final = b"\x1f\x8b"  # no protobuf message begins so: 0x1f is a field of a type there is not
_LONGEST_CREDENTIAL: Final = 512
_log = logging.getLogger("roadworthy.server")
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MOST_BYTES),
    ("grpc.per_message_decompression", 0),  # its inflating has no limit
    ("grpc.so_reuseport", 0),  # a port in use is an error, not shared
)


@asynccontextmanager
async def grpc_endpoint(
    address: str, receiver: Receiver, porter: Porter, *, grace: float
) -> AsyncIterator[None]:
    """Listen on `address` (``host:port``); calls in flight have `grace` seconds to end.

    Raises:
        RuntimeError: the address cannot be bound.
    """
    exports = _Exports(receiver, porter)
    server = grpc.aio.server(options=_OPTIONS)
    server.add_generic_rpc_handlers(
        (
            _service(_TRACES, exports.answering(receiver.intake.decode_traces, traces_answer)),
            _service(_LOGS, exports.answering(receiver.intake.decode_logs, logs_answer)),
        )
    )
    server.add_insecure_port(address)
    await server.start()
    try:
        yield
    finally:
        await server.stop(grace)


def _service(name: str, export: Callable[[Any, Any], Any]) -> Any:
    """A service with one method. As a stream of messages, of which one is read: see above."""
    method = grpc.stream_unary_rpc_method_handler(export)
    return grpc.method_handlers_generic_handler(name, {"Export": method})


class _Exports:
    """What both services do."""

    def __init__(self, receiver: Receiver, porter: Porter) -> None:
        self._receiver = receiver
        self._porter = porter
        self._readers = asyncio.Semaphore(READERS)

    def answering(
        self, decode: Decode, answer: Callable[[Decoded], Message]
    ) -> Callable[[Any, Any], Any]:
        """The handler of one service."""

        async def export(_: Any, context: Any) -> bytes:
            try:
                await self._let_in(context)
                data: bytes = answer(await self._store(context, decode)).SerializeToString()
            except RoadworthyError as error:
                await _abort(context, error)
            except Exception:  # noqa: BLE001 - a bug; gRPC would tell its text to the client
                _log.exception("a call over gRPC failed")
                await context.abort(grpc.StatusCode.INTERNAL, BUG)
            return data

        return export

    async def _let_in(self, context: Any) -> None:
        """Raise what the call lacks; the rule is the one of the door."""
        credential = _authorization(context)
        visitor = await asyncio.to_thread(self._porter.visitor, credential, "")
        if visitor.way == "open" and not is_loopback_address(_peer(context)):
            raise Refused(403, "without a key only this machine may ask")
        if visitor.way == "none":
            raise Refused(401, "a key is needed")
        if not visitor.may(Scope.INGEST):
            raise Refused(403, f"this key does not allow {Scope.INGEST.value}")

    async def _store(self, context: Any, decode: Decode) -> Decoded:
        with self._receiver.claim() as claim:
            async with self._readers:
                body = await _read(context)
                claim.grow(len(body))
            encoding = "gzip" if body.startswith(_GZIP) else ""
            return await self._receiver.store(body, encoding, Form.PROTOBUF, decode, claim)


async def _read(context: Any) -> bytes:
    try:
        async with asyncio.timeout(PATIENCE_S):
            body = await context.read()
    except TimeoutError:
        raise Refused(408, f"the message took more than {PATIENCE_S:.0f} s to arrive") from None
    if not isinstance(body, bytes):
        raise Refused(400, "the call holds no message")
    return body


def _authorization(context: Any) -> str:
    """The first such entry of the metadata, whose names are in lower case; empty without."""
    for name, value in context.invocation_metadata() or ():
        if name == "authorization":
            return str(value)[:_LONGEST_CREDENTIAL]
    return ""


def _peer(context: Any) -> str:
    """The caller's IP address, from ``ipv4:127.0.0.1:5000`` or ``ipv6:%5B::1%5D:5000``."""
    return unquote(context.peer()).partition(":")[2].rpartition(":")[0]


async def _abort(context: Any, error: RoadworthyError) -> NoReturn:
    """Fail the call. What may be sent again says when, or exporters would not."""
    code = _CODES[RPC_CODES.get(status_of(error), 2)]
    message = printable(said(error), limit=MOST_WHY)
    trailing: tuple[tuple[str, bytes], ...] = ()
    if code is grpc.StatusCode.UNAVAILABLE:
        status = Status(code=code.value[0], message=message)
        retry = RetryInfo()
        retry.retry_delay.seconds = RETRY_AFTER_S
        status.details.add().Pack(retry)
        trailing = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, message, trailing)
    raise StoreError(message)  # for the type checker: abort raises
