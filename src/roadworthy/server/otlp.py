"""OTLP/HTTP: `POST /v1/traces` and `POST /v1/logs`, durable before 200.

The event loop reads the body; inflating and decoding happen in a few threads of their own, so
that a large batch never stands in the way of the page; the writer answers after its commit.
A body that is wrong is 400 and never 500, whatever is in it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency

from roadworthy.app.ingest_spans import Decoded, Intake
from roadworthy.base.errors import BadRequest, InvalidRecord, RoadworthyError
from roadworthy.records.api_key import Scope
from roadworthy.server.backlog import Backlog, Behind, Claim
from roadworthy.server.body import MOST_BYTES, Refused, inflate, read_body
from roadworthy.server.description import OtlpOperation
from roadworthy.server.otlp_reply import Form, failed, form_of, stored_logs, stored_traces
from roadworthy.server.writer import Writer

DECODERS: Final = 2
"""Threads that decode; more would only wait for the interpreter's lock."""

Decode = Callable[[bytes, str], Decoded]


class Receiver:
    """Everything that stands between a request and the store."""

    def __init__(self, intake: Intake, writer: Writer, backlog: Backlog) -> None:
        self.intake = intake
        self._writer = writer
        self._backlog = backlog
        self._threads = ThreadPoolExecutor(DECODERS, thread_name_prefix="roadworthy-decode")

    def close(self) -> None:
        """Let go of what decodes."""
        self._threads.shutdown()
        self.intake.close()

    async def receive(
        self,
        request: Request[Any, Any, Any],
        decode: Decode,
        reply: Callable[[Decoded, Form], Response[bytes]],
    ) -> Response[bytes]:
        """Read, decode, store, answer."""
        form = form_of(request.headers.get("content-type", ""))
        try:
            if form is None:
                wanted = " or ".join(known.value for known in Form)
                raise Refused(415, f"the Content-Type must be {wanted}")
            encoding = request.headers.get("content-encoding", "")
            with self.claim() as claim:
                body = await read_body(request, claim)
                decoded = await self.store(body, encoding, form, decode, claim)
            return reply(decoded, form)
        except RoadworthyError as error:
            return failed(status_of(error), said(error), form)

    def claim(self) -> AbstractContextManager[Claim]:
        """What a request holds until it is answered."""
        return self._backlog.claim()

    async def store(
        self, body: bytes, encoding: str, form: Form, decode: Decode, claim: Claim
    ) -> Decoded:
        """Inflate, decode and redact `body`; returns once it is durable.

        Raises:
            Refused, BadRequest, InvalidRecord: the body is wrong; sending it again will not help.
            Behind, StoreError: it cannot be stored now; the client is to try again.
        """

        def work() -> Decoded:
            return decode(inflate(body, encoding, grow=claim.grow), form.value)

        decoded = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        if decoded.parts:
            await asyncio.wrap_future(self._writer.submit(decoded.parts))
        return decoded


@post(
    "/v1/traces",
    opt={"scope": Scope.INGEST},
    request_max_body_size=MOST_BYTES,
    status_code=200,
    operation_class=OtlpOperation,
)
async def receive_traces(
    request: Request[Any, Any, Any], receiver: NamedDependency[Receiver]
) -> Response[bytes]:
    """Take an ExportTraceServiceRequest; 200 means that every span not rejected is durable."""
    return await receiver.receive(request, receiver.intake.decode_traces, stored_traces)


@post(
    "/v1/logs",
    opt={"scope": Scope.INGEST},
    request_max_body_size=MOST_BYTES,
    status_code=200,
    operation_class=OtlpOperation,
)
async def receive_logs(
    request: Request[Any, Any, Any], receiver: NamedDependency[Receiver]
) -> Response[bytes]:
    """Take an ExportLogsServiceRequest; records that belong to no agent are counted as rejected."""
    return await receiver.receive(request, receiver.intake.decode_logs, stored_logs)


def status_of(error: RoadworthyError) -> int:
    """The HTTP status that says what went wrong."""
    match error:
        case Refused(status=status):
            return status
        case BadRequest() | InvalidRecord():
            return 400
        case Behind():
            return 503
        case _:
            return 503  # the store cannot write now: the client is to keep it and try again


def said(error: RoadworthyError) -> str:
    """The error and its hint in one line."""
    return error.message if error.hint is None else f"{error.message}; {error.hint}"


ROUTES = (receive_traces, receive_logs)
