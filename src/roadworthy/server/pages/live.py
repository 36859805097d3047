"""A run while it goes on: server-sent events with its state and counts.

Any number of pages may listen to one run: they share one look at the store per second.
Events: ``state`` (JSON, at once and whenever it changed), then ``end``; a comment is sent now
and then so that nobody in between hangs up. A server that stops ends the stream without ``end``:
browsers then ask again until there is a server.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from time import monotonic
from typing import Final
from weakref import WeakKeyDictionary

from litestar import get
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from roadworthy.app.app import App
from roadworthy.app.run_state import GOES_ON, shown_state
from roadworthy.base.codec import encode
from roadworthy.base.errors import UnknownName
from roadworthy.records.record import Record
from roadworthy.records.run import RunState
from roadworthy.server.pages.addresses import named

LOOK_EVERY_S: Final = 1.0
HEARTBEAT_S: Final = 15.0
MOST_RUNS: Final = 256


class Progress(Record, frozen=True, kw_only=True):
    """What an event tells."""

    state: RunState
    goes_on: bool  # a process drives it: else it has not begun yet, or was killed
    planned: int
    passed: int
    failed: int
    unmeasured: int


class Watch:
    """How each run stands that somebody listens to, looked up at most once a second."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, asyncio.Task[Progress]]] = {}

    async def progress(self, app: App, run: str) -> Progress:
        """The run as it stood less than a second ago. Raises `UnknownName`."""
        now = monotonic()
        looked_at, task = self._seen.get(run, (-LOOK_EVERY_S, None))
        if task is None or now - looked_at >= LOOK_EVERY_S * 0.9:
            task = asyncio.ensure_future(sync_to_thread(look, app, run))
            self._forget(now)
            self._seen[run] = (now, task)
        return await asyncio.shield(task)

    def _forget(self, now: float) -> None:
        for run in [run for run, (at, _) in self._seen.items() if now - at > HEARTBEAT_S]:
            del self._seen[run]


def look(app: App, run: str) -> Progress:
    """How a run stands now. Raises `UnknownName`."""
    row = app.store.runs.load(run)
    return Progress(
        state=row.state,
        goes_on=shown_state(app, row) == GOES_ON,
        planned=row.run.planned_trials,
        passed=row.passed,
        failed=row.failed,
        unmeasured=row.unmeasured,
    )


async def events(
    app: App, run: str, watch: Watch, stopping: asyncio.Event
) -> AsyncIterator[ServerSentEventMessage]:
    """Events until the run no longer goes on or is gone, or the server is `stopping`."""
    last: Progress | None = None
    told_at = monotonic()
    with suppress(UnknownName):  # taken back: its target could not be loaded
        while True:
            seen = await watch.progress(app, run)
            if seen != last:
                last, told_at = seen, monotonic()
                yield ServerSentEventMessage(event="state", data=encode(seen))
            if seen.state is not RunState.RUNNING:
                break
            if monotonic() - told_at >= HEARTBEAT_S:
                told_at = monotonic()
                yield ServerSentEventMessage(comment="still here", data=None)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), LOOK_EVERY_S)
                return
    yield ServerSentEventMessage(event="end", data="")


_watches: WeakKeyDictionary[App, Watch] = WeakKeyDictionary()


@get("/runs/{run:str}/events")
async def follow(
    app: NamedDependency[App], run: FromPath[str], stopping: NamedDependency[asyncio.Event]
) -> ServerSentEvent:
    """Follow a run. A run that does not go on gets its state and the end at once."""
    name = named(run)
    await sync_to_thread(app.store.runs.load, name)  # unknown: 404 before the stream begins
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    told = events(app, name, _watches.setdefault(app, Watch()), stopping)
    return ServerSentEvent(told, headers=headers)


ROUTES = (follow,)
