"""`roadworthy.instrument`: traces an agent that is not traced yet.

It sets up OpenTelemetry where nobody has, else it joins the provider that is there. From then
on `@tool` calls, `roadworthy.session` and every OpenTelemetry instrumentation in the process
leave their spans in Roadworthy. Called a second time it gives the same handle.

A forked child goes on with a thread of its own. Trials of `roadworthy eval run` are not sent:
the runner sees them itself.
"""

import atexit
import logging
import threading
from os import PathLike
from pathlib import Path
from typing import Final

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter

from roadworthy.app.settings import environment
from roadworthy.base.errors import BadRequest
from roadworthy.client.delivery import CheckedExporter
from roadworthy.client.destination import shown, traces_url
from roadworthy.client.embedded import EmbeddedExporter
from roadworthy.client.outbox import EXIT_S, Outbox

_EXPORTERS_LOG: Final = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
_OWN_SESSION: Final = (
    "OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER",
    "OTEL_PYTHON_EXPORTER_OTLP_HTTP_TRACES_CREDENTIAL_PROVIDER",
)
"""Variables by which OpenTelemetry is told to send through a session of somebody's own."""
STORE_EXIT_S: Final = 10.0
"""As `EXIT_S`, for a store: a short script's first batch opens it, perhaps makes it."""
_log = logging.getLogger("roadworthy.client")
_lock = threading.Lock()
_running: list["Instrumentation"] = []  # the one that is not shut down


class Instrumentation:
    """What `instrument` set up."""

    def __init__(self, outbox: Outbox, destination: str, *, exit_s: float = EXIT_S) -> None:
        self._outbox = outbox
        self._exit_s = exit_s
        self.destination = destination
        logging.getLogger(_EXPORTERS_LOG).addFilter(self._is_not_ours)

    def __repr__(self) -> str:
        return f"Instrumentation(destination={self.destination!r}, dropped={self.dropped})"

    @property
    def dropped(self) -> int:
        """Spans of this process that were not delivered."""
        return self._outbox.dropped

    def flush(self, timeout_s: float = EXIT_S) -> bool:
        """Send what has ended by now; whether all of it was delivered in time."""
        return self._outbox.flush(timeout_s)

    def shutdown(self, timeout_s: float = EXIT_S) -> None:
        """Send what waits, for at most `timeout_s`, and stop. A provider that was there stays."""
        if self in _running:
            _running.remove(self)
        atexit.unregister(self._end)
        self._outbox.shutdown(timeout_s)
        if self._outbox.thread_id is None:  # else it may still fail, which was told already
            logging.getLogger(_EXPORTERS_LOG).removeFilter(self._is_not_ours)

    def _end(self) -> None:
        self._outbox.shutdown(self._exit_s)

    def _is_not_ours(self, record: logging.LogRecord) -> bool:
        """Leave it to the outbox to tell, once a minute, what the exporter logs every time."""
        return record.thread != self._outbox.thread_id


def instrument(
    endpoint: str | None = None,
    *,
    store: str | PathLike[str] | None = None,
    service: str | None = None,
    version: str | None = None,
    key: str | None = None,
) -> Instrumentation:
    """Trace this process; see the module's docstring.

    Nothing that happens later reaches the agent: spans wait in a bounded queue, one thread
    sends them, and what cannot be delivered is dropped and counted. At exit, what waits is
    sent, for at most two seconds (ten into a store).

    Args:
        endpoint: of a Roadworthy server or any OTLP/HTTP collector; default, what the
            environment says (``OTEL_EXPORTER_OTLP_ENDPOINT``), else this machine's server.
        store: path of a store to write into instead, without a server.
        service: name of the agent, if OpenTelemetry is not set up yet; default, what the
            environment says (``OTEL_SERVICE_NAME``), else ``agent``.
        version: of the agent, for spans that name none.
        key: a key with the scope `ingest`, where the server asks for one.

    Raises:
        BadRequest: the endpoint is no URL, or there is a store and an endpoint or key.
    """
    with _lock:
        if _running:
            return _running[0]
        exporter, destination = _way_out(endpoint, store, key)
        outbox = Outbox(exporter, destination=destination, version=version)
        exit_s = EXIT_S if store is None else STORE_EXIT_S
        handle = Instrumentation(outbox, destination, exit_s=exit_s)
        _join(outbox, service)
        atexit.register(handle._end)  # noqa: SLF001 - its own module
        _running.append(handle)
        return handle


def _way_out(
    endpoint: str | None, store: str | PathLike[str] | None, key: str | None
) -> tuple[SpanExporter, str]:
    if store is not None:
        if endpoint is not None or key is not None:
            raise BadRequest("spans go to a store or to an endpoint", hint="leave one of them out")
        path = Path(store).absolute()
        return EmbeddedExporter(path), str(path)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - slow, and not for a store
        OTLPSpanExporter,
    )

    url = traces_url(endpoint, environment())
    headers = None if key is None else {"Authorization": f"Bearer {key}"}
    if any(name in environment() for name in _OWN_SESSION):
        return OTLPSpanExporter(endpoint=url, headers=headers), shown(url)
    checked = CheckedExporter(
        lambda session: OTLPSpanExporter(endpoint=url, headers=headers, session=session)
    )
    return checked, shown(url)


def _join(outbox: Outbox, service: str | None) -> None:
    """Add the outbox to the global provider, after setting one up where there is none."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider):
        name = service or environment().get("OTEL_SERVICE_NAME") or "agent"
        resource = Resource.create({"service.name": name})
        trace.set_tracer_provider(TracerProvider(resource=resource, shutdown_on_exit=False))
        provider = trace.get_tracer_provider()
    add = getattr(provider, "add_span_processor", None)
    if add is None:
        _log.warning("%s takes no span processors: nothing is traced", type(provider).__name__)
    else:
        add(outbox)
