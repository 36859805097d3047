"""Looks for failures on traces that have settled: those that got no span for a while.

A trace is written into a journal before its spans are committed and struck off after it was
looked at, so a crash forgets none. Looking twice changes nothing. Nothing ends it but the end of
the server: what cannot be looked at now, for a full disk say, waits.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from threading import Lock
from time import monotonic
from typing import Final, Protocol

from anyio import to_thread

from roadworthy.base.errors import RoadworthyError, StoreError
from roadworthy.server.complaints import Complaints

SETTLES_S: Final = 10.0
"""Seconds without a new span after which a trace counts as whole; exporters send every 5 s."""
BATCH: Final = 20
_PAUSE_S: Final = 1.0
_SLACK: Final = 1000  # lines of the journal that may be out of date before it is written anew
_log = logging.getLogger("roadworthy.server")


class Memory(Protocol):
    """Where ids are kept beyond a crash: a `Journal`."""

    lines: int

    def add(self, trace_ids: Iterable[str]) -> None:
        """Remember these ids. Raises `StoreError` when that cannot be done now."""

    def keep(self, trace_ids: Collection[str]) -> None:
        """Forget all ids but these. Raises `StoreError`; then none is forgotten."""


class Settling:
    """Traces that were touched, oldest touch first; `look` is called with those that settled."""

    def __init__(
        self,
        look: Callable[[Sequence[str]], object],
        memory: Memory,
        *,
        settles_s: float = SETTLES_S,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._look = look
        self._memory = memory
        self._settles_s = settles_s
        self._clock = clock
        self._touched: dict[str, float] = {}
        self._looking: tuple[str, ...] = ()
        self._lock = Lock()
        self._complaints = Complaints(_log)

    @property
    def is_idle(self) -> bool:
        """Whether every trace was looked at."""
        return not self._touched and not self._looking

    def touch(self, trace_ids: Iterable[str]) -> None:
        """Spans of these traces are about to be stored; they are remembered before."""
        with self._lock:
            ids = list(dict.fromkeys(trace_ids))
            self._memory.add(trace_id for trace_id in ids if trace_id not in self._touched)
            self._wait_for(ids)

    def recall(self, trace_ids: Iterable[str]) -> None:
        """Wait for traces that are remembered already."""
        with self._lock:
            self._wait_for(trace_ids)

    async def run(self) -> None:
        """Look at what settles, for as long as the server runs; never in the event loop."""
        while True:
            try:
                more = await to_thread.run_sync(self.step)
            except Exception as error:  # noqa: BLE001 - detection goes on, whatever happens
                self._complaints.warn("looking for findings failed", error=error)
                more = False
            if not more:
                await asyncio.sleep(_PAUSE_S)

    def step(self) -> bool:
        """Look at some traces that have settled; false when there is nothing to do now."""
        found = self._take()
        if not found:
            return False
        try:
            self._look(found)
        except (RoadworthyError, OSError) as error:
            said = error.message if isinstance(error, RoadworthyError) else str(error)
            self._complaints.warn(f"findings wait: {said}")
            self.recall(found)
            return False
        except Exception as error:  # noqa: BLE001 - a bug in a detector must not end detection
            self._complaints.warn("a detector failed", error=error)
        finally:
            self._strike_off()
        return True

    def _take(self) -> tuple[str, ...]:
        before = self._clock() - self._settles_s
        with self._lock:
            found: list[str] = []
            for trace_id, at in self._touched.items():
                if len(found) == BATCH or at > before:
                    break
                found.append(trace_id)
            for trace_id in found:
                del self._touched[trace_id]
            self._looking = tuple(found)
        return self._looking

    def _strike_off(self) -> None:
        with self._lock:
            self._looking = ()
            if self._touched and self._memory.lines <= 2 * len(self._touched) + _SLACK:
                return
            try:
                self._memory.keep(self._touched)
            except StoreError as error:  # they are looked at once more after a restart
                self._complaints.warn(f"the journal stays as it is: {error.message}")

    def _wait_for(self, trace_ids: Iterable[str]) -> None:
        now = self._clock()
        for trace_id in trace_ids:
            self._touched.pop(trace_id, None)
            self._touched[trace_id] = now
