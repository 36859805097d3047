"""Decoding large requests in a process of its own, beside the one that serves and writes.

Decoding and redacting take half of the work that a span costs. In threads they would share one
interpreter lock with the writer and the page; in a second process they use a second core, and
whatever a request does to the decoder, the server lives.

A pipe joins the two and no semaphore, as a pool would have: those outlive a server that is killed.
"""

import gc
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import Final, Literal, TypeAlias

import msgspec

from roadworthy.app.app import App
from roadworthy.app.ingest_spans import Decoded, Intake, OtlpIntake
from roadworthy.app.server_secret import key_for, server_secret
from roadworthy.base import codec
from roadworthy.base.errors import StoreError
from roadworthy.ingest.incoming_redaction import PERSONAL, IncomingRedaction, Personal

LARGE_BYTES: Final = 64 * 1024
"""A body from which on it is worth the way to the other process."""

_GC_EVERY: Final = 50_000  # objects; 700 by default, a fifth of the work

Kind: TypeAlias = Literal["traces", "logs"]
Options: TypeAlias = tuple[bytes, bool, tuple[Personal, ...]]
_JSON: Final = b"{"  # no map of MessagePack begins so
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Decoded)


class DecodingIntake:
    """An intake that gives large bodies to a second process, started for the first of them."""

    def __init__(self, *, key: bytes, secrets: bool, personal: tuple[Personal, ...]) -> None:
        self._options: Options = (key, secrets, personal)
        self._near = _intake(*self._options)
        self._far: _Far | None = None
        self._lock = Lock()

    def decode_traces(self, body: bytes, content_type: str) -> Decoded:
        """Decode an ExportTraceServiceRequest. Raises `BadRequest`."""
        if len(body) < LARGE_BYTES:
            return self._near.decode_traces(body, content_type)
        return self._sent("traces", body, content_type)

    def decode_logs(self, body: bytes, content_type: str) -> Decoded:
        """Decode an ExportLogsServiceRequest. Raises `BadRequest`."""
        if len(body) < LARGE_BYTES:
            return self._near.decode_logs(body, content_type)
        return self._sent("logs", body, content_type)

    def close(self) -> None:
        """Let the other process go."""
        with self._lock:
            if self._far is not None:
                self._far.close()
                self._far = None

    def _sent(self, kind: Kind, body: bytes, content_type: str) -> Decoded:
        with self._lock:
            if self._far is None:
                self._far = _Far(self._options)
            try:
                answer = self._far.ask(kind, body, content_type)
            except (OSError, EOFError):
                self._far.close()
                self._far = None
                raise StoreError(
                    "the process that decodes has died", hint="send the same again later"
                ) from None
        if isinstance(answer, Exception):
            raise answer
        return _read(answer)


class _Far:
    """The other process. One request at a time: it has one core."""

    def __init__(self, options: Options) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_answer, args=(theirs, options), daemon=True)
        self._process.start()
        theirs.close()  # the process has the only one, so that its end is seen

    @property
    def pid(self) -> int:
        """Of the process."""
        assert self._process.pid is not None
        return self._process.pid

    def ask(self, kind: Kind, body: bytes, content_type: str) -> bytes | Exception:
        """What it decoded, or what was wrong. Raises `OSError` or `EOFError` when it has died."""
        self._pipe.send((kind, body, content_type))
        answer: bytes | Exception = self._pipe.recv()
        return answer

    def close(self) -> None:
        """Tell it to end, and wait for that."""
        self._pipe.close()
        self._process.join()
        self._process.close()


def open_intake(app: App) -> Intake:
    """The intake that the project's settings ask for."""
    asked = app.settings.redaction
    key = key_for(server_secret(app.state_folder()), "redaction")
    return DecodingIntake(
        key=key, secrets=asked.secrets, personal=PERSONAL if asked.personal else ()
    )


def _intake(key: bytes, secrets: bool, personal: tuple[Personal, ...]) -> Intake:
    return OtlpIntake(IncomingRedaction(key=key, secrets=secrets, personal=personal))


def _answer(pipe: Connection, options: Options) -> None:
    """In the other process: Ctrl-C is the server's to handle, and without a server we end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    intake = _intake(*options)
    spare_collector()
    with suppress(OSError, EOFError):
        while True:
            pipe.send(_decoded(intake, *pipe.recv()))


def spare_collector() -> None:
    """Look for garbage less often: decoding makes many objects and no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_EVERY, 20, 20)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(0)


def _decoded(intake: Intake, kind: Kind, body: bytes, content_type: str) -> bytes | Exception:
    decode: Callable[[bytes, str], Decoded] = (
        intake.decode_traces if kind == "traces" else intake.decode_logs
    )
    try:
        return _written(decode(body, content_type))
    except Exception as error:  # noqa: BLE001 - the server raises it
        return error


def _written(decoded: Decoded) -> bytes:
    """For the way between the processes; as JSON where a number is larger than 64 bits."""
    try:
        return _encoder.encode(decoded)
    except OverflowError:
        return codec.encode(decoded)


def _read(data: bytes) -> Decoded:
    return codec.decode(Decoded, data) if data.startswith(_JSON) else _decoder.decode(data)
