"""A receiver of OTLP in this process, and agents in processes of their own."""

import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TypeAlias

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from roadworthy.app.settings import environment
from roadworthy.ingest.otlp.traces import decode_traces
from roadworthy.records.trace import Trace
from roadworthy.testing import MemoryStore

RunAgent: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


class Receiver(ThreadingHTTPServer):
    """Takes what is posted; `status`, `headers` and `answer` are what it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.keys: list[str | None] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.answer = b""
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def requests(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(body) for body in self.bodies]

    @property
    def traces(self) -> list[Trace]:
        """What a store makes of everything that came, in order of their first start."""
        store = MemoryStore()
        for body in self.bodies:
            store.traces.extend(decode_traces(body).parts)
        traces = [store.traces.load(trace_id) for trace_id in store.traces.ids()]
        return sorted(traces, key=lambda trace: min(span.start_ns for span in trace.spans))


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = self.server
        assert isinstance(receiver, Receiver)
        receiver.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        receiver.paths.append(self.path)
        receiver.keys.append(self.headers.get("Authorization"))
        self.send_response(receiver.status)
        for name, value in receiver.headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # the agent may have heard enough
            self.wfile.write(receiver.answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


@pytest.fixture
def run_agent() -> RunAgent:
    """Run a script to its end; OpenTelemetry's variables of ours are not its."""

    def run(
        script: str, *words: str, ok: bool = True, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        kept = {
            name: value for name, value in environment().items() if not name.startswith("OTEL_")
        }
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script), *words],
            env={**kept, **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert not ok or done.returncode == 0, done.stderr
        return done

    return run
