"""Finished spans on their way out: a bounded queue and one thread that empties it.

The agent only ever appends to the queue. When it is full, when the exporter fails or raises,
spans are dropped, counted, and told of on the logger at most once a minute. A forked child
starts with an empty queue and a thread of its own; what was queued is the parent's to send.

Not here: where spans go (`embedded`, and OpenTelemetry's OTLP exporter).
"""

import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final

from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, Context, attach, set_value
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from roadworthy.agents import trial_spans
from roadworthy.base.errors import RoadworthyError
from roadworthy.client.delivery import NotDelivered
from roadworthy.client.sendable import sendable
from roadworthy.records import semconv

QUEUE_LIMIT: Final = 8_192
"""Spans that wait; further ones are dropped."""
BATCH: Final = 512
PAUSE_S: Final = 1.0
"""How long spans wait for others to go with."""
EXIT_S: Final = 2.0
"""How long the end of a process may be held up to send what waits."""
TELL_EVERY_S: Final = 60.0

_log = logging.getLogger("roadworthy.client")
_Marker = threading.Event


class Outbox(SpanProcessor):
    """Sends spans in batches; never blocks and never raises where spans start or end.

    Args:
        exporter: where batches go; used by the outbox's own thread alone, except `shutdown`.
        destination: what `exporter` sends to, for the log.
        version: put on spans without a parent in this process that name no version.
        limit: spans that may wait.
        pause_s: seconds that spans wait for others to go with.
        clock: seconds; only differences count.
    """

    def __init__(
        self,
        exporter: SpanExporter,
        *,
        destination: str = "",
        version: str | None = None,
        limit: int = QUEUE_LIMIT,
        pause_s: float = PAUSE_S,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._exporter = exporter
        self._destination = destination
        self._version = version
        self._limit = limit
        self._pause_s = pause_s
        self._clock = clock
        self._is_over = False  # no more spans are taken
        self._is_done = False  # and the thread may end
        self._begin()
        _renew_in_children(self)

    def _begin(self) -> None:
        """Start with nothing queued and nothing dropped; also in a forked child."""
        self._queue: deque[ReadableSpan | _Marker] = deque()
        self._wake = threading.Event()
        self._counting = threading.RLock()  # a signal handler's span may end inside of it
        self._dropped = self._told = 0
        self._told_at: float | None = None
        self._sending = 0
        self._why = ""
        self._thread = threading.Thread(target=self._run, name="roadworthy-spans", daemon=True)
        if not self._is_over:
            self._thread.start()

    @property
    def dropped(self) -> int:
        """Spans of this process that were not delivered."""
        return self._dropped

    @property
    def thread_id(self) -> int | None:
        """Ident of the thread that sends; `None` when it has ended."""
        return self._thread.ident if self._thread.is_alive() else None

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Put the version on the top span of this process."""
        del parent_context
        is_top = span.parent is None or span.parent.is_remote
        if self._version is None or not is_top or self._is_over:
            return
        if semconv.AGENT_VERSION not in (span.attributes or {}):
            span.set_attribute(semconv.AGENT_VERSION, self._version)

    def on_end(self, span: ReadableSpan) -> None:
        """Queue the span, or drop and count it. What a trial of ours did is not traffic."""
        context = span.get_span_context()
        if context is None or not context.trace_flags.sampled:
            return
        if trial_spans.is_of_trial(context.trace_id):
            return
        if self._is_over or len(self._queue) >= self._limit:
            self._drop(1)
            return
        self._queue.append(span)
        if len(self._queue) >= BATCH and not self._wake.is_set():
            self._wake.set()

    def flush(self, timeout_s: float) -> bool:
        """Send what has ended by now; whether all of it was delivered in time."""
        if not self._thread.is_alive():
            return not self._queue
        dropped = self._dropped
        marker = _Marker()
        self._queue.append(marker)
        self._wake.set()
        return marker.wait(timeout_s) and self._dropped == dropped

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """The provider asks; see `flush`."""
        return self.flush(timeout_millis / 1000)

    def shutdown(self, timeout_s: float = EXIT_S) -> None:
        """Send what waits, for at most `timeout_s`; later spans are dropped. Safe to repeat."""
        if self._is_over:
            return
        self._is_over = True
        due_s = monotonic() + timeout_s
        if not self.flush(timeout_s):
            self._drop(self._sending + sum(isinstance(item, ReadableSpan) for item in self._queue))
            self._queue.clear()
        self._is_done = True
        self._wake.set()
        if self._thread is not threading.current_thread():
            self._thread.join(max(0.0, due_s - monotonic()))  # it may be telling of drops
        self._tell(now=True)
        try:
            self._exporter.shutdown()
        except Exception:  # noqa: BLE001 - the agent is not to hear of it
            _log.debug("closing the way out failed", exc_info=True)

    def _run(self) -> None:
        attach(set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))  # our own requests are no traffic
        while not self._is_done:
            self._wake.wait(self._pause_s)
            self._wake.clear()
            self._drain()
            self._tell()

    def _drain(self) -> None:
        batch: list[ReadableSpan] = []
        while self._queue:
            item = self._queue.popleft()
            if isinstance(item, _Marker):
                self._send(batch)
                batch = []
                item.set()
            else:
                batch.append(item)
            if len(batch) >= BATCH:
                self._send(batch)
                batch = []
        self._send(batch)

    def _send(self, batch: list[ReadableSpan]) -> None:
        if not batch:
            return
        self._sending = len(batch)
        lost = self._export(batch)
        self._sending = 0
        if lost and not self._is_done:  # else counted by then
            self._drop(lost)

    def _export(self, batch: list[ReadableSpan]) -> int:
        """How many of `batch` were not delivered."""
        try:
            result = self._exporter.export([sendable(span) for span in batch])
        except NotDelivered as error:
            self._why = error.message
            return len(batch) if error.spans is None else min(error.spans, len(batch))
        except Exception as error:  # noqa: BLE001 - whatever an exporter does, the agent goes on
            self._why = _reason(error)
            return len(batch)
        return 0 if result is SpanExportResult.SUCCESS else len(batch)

    def _drop(self, count: int) -> None:
        with self._counting:
            self._dropped += count

    def _tell(self, *, now: bool = False) -> None:
        """Say how many were dropped: the first at once, then once a minute."""
        new = self._dropped - self._told
        due = self._told_at is None or self._clock() - self._told_at >= TELL_EVERY_S
        if new and (due or now):
            self._told, self._told_at = self._dropped, self._clock()
            why = f": {self._why}" if self._why else ""
            spans = "span" if new == 1 else "spans"
            _log.warning("%d %s not delivered to %s%s", new, spans, self._destination, why)


def _reason(error: Exception) -> str:
    """What went wrong; of a foreign error only its kind, as its text may hold what agents say."""
    return error.message if isinstance(error, RoadworthyError) else type(error).__name__


def _renew_in_children(outbox: Outbox) -> None:
    """Let a forked child begin anew, for as long as there is this outbox."""
    found = weakref.ref(outbox)

    def renew() -> None:
        outbox = found()
        if outbox is not None:
            outbox._begin()  # noqa: SLF001 - a part of the class, apart so that it holds no reference

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=renew)
