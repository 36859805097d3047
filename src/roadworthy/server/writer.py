"""Group commit: one thread writes, and what arrives while it commits shares the next transaction.

An answer is given after its commit and never before: a span that was acknowledged survives
`kill -9` and, as far as the disk keeps its promises, power loss. Under load one commit serves many
requests, so the cost of making it durable is shared.

When the store refuses a group because of what one request sent, the requests are stored one by
one, so that none pays for another.

Who waits may give up, a gRPC call at its deadline. Before its turn what it sent is dropped, after
that it is stored like any other. Should the writing thread end all the same, everybody is told:
those who wait, those who come, and whoever asks about its health.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Final, TypeAlias

from roadworthy.base.errors import StoreError
from roadworthy.records.trace import Trace
from roadworthy.server.backlog import Behind
from roadworthy.server.complaints import Complaints

MOST_SPANS: Final = 100_000
"""Decoded spans that may wait; past it requests are refused."""
GROUP_SPANS: Final = 10_000
"""Spans in one transaction, after which the next begins; a larger request goes alone."""

Extend: TypeAlias = Callable[[Sequence[Trace]], int]
_log = logging.getLogger("roadworthy.server")


class _Waiting:
    """One request's parts, and the promise that was given for them."""

    def __init__(self, parts: Sequence[Trace]) -> None:
        self.parts = parts
        self.spans = sum(len(part.spans) for part in parts)
        self.done: Future[None] = Future()

    def fail(self, error: BaseException) -> None:
        """Give the promise up, unless it was kept or nobody waits for it."""
        if self.done.running() or (
            not self.done.done() and self.done.set_running_or_notify_cancel()
        ):
            self.done.set_exception(error)


class Writer:
    """Takes parts from any thread; `extend` is called in the writing thread alone."""

    def __init__(
        self,
        extend: Extend,
        *,
        most_spans: int = MOST_SPANS,
        group_spans: int = GROUP_SPANS,
    ) -> None:
        self._extend = extend
        self._most = most_spans
        self._group = group_spans
        self._queue: deque[_Waiting] = deque()
        self._writing: list[_Waiting] = []
        self._spans = 0  # waiting or being written
        self._changed = Condition()
        self._closing = False
        self._broken = False
        self._complaints = Complaints(_log)
        self._thread = Thread(target=self._run, name="roadworthy-writer", daemon=True)

    @property
    def is_broken(self) -> bool:
        """Whether the writing thread has ended without being asked to; nothing is stored then."""
        return self._broken

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def submit(self, parts: Sequence[Trace]) -> "Future[None]":
        """Queue `parts`; the future is done when they are durable, or holds why they are not.

        Raises:
            Behind: too much is waiting, or the server is stopping. Something is always taken when
                nothing waits, however large it is.
            StoreError: nothing can be stored any more.
        """
        item = _Waiting(parts)
        with self._changed:
            if self._broken:
                raise _ended()
            if self._closing:
                raise Behind("the server is stopping", hint="send the same again later")
            if self._spans and self._spans + item.spans > self._most:
                raise Behind("the server is behind with writing", hint="send the same again later")
            self._queue.append(item)
            self._spans += item.spans
            self._changed.notify()
        return item.done

    def close(self) -> None:
        """Write what was taken, then stop; returns when all of it is durable."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            while self._take():
                self._write(self._writing)
                with self._changed:
                    self._spans -= sum(item.spans for item in self._writing)
        except BaseException:  # noqa: BLE001 - a bug of ours, or no memory: the last words of a thread
            _log.critical("nothing is stored any more: the writer has ended", exc_info=True)
            self._give_up()

    def _give_up(self) -> None:
        with self._changed:
            self._broken = True
            left = [*self._writing, *self._queue]
            self._queue.clear()
        for item in left:
            item.fail(_ended())

    def _take(self) -> bool:
        """Take what shares the next transaction; false when there is no more to come."""
        with self._changed:
            self._writing = []
            while not self._writing:
                while not self._queue and not self._closing:
                    self._changed.wait()
                if not self._queue:
                    return False
                self._writing = self._group_of_queue()
            return True

    def _group_of_queue(self) -> list[_Waiting]:
        """The first of those that still wait; from now on they cannot give up."""
        group: list[_Waiting] = []
        spans = 0
        while self._queue and (not group or spans + self._queue[0].spans <= self._group):
            item = self._queue.popleft()
            if item.done.set_running_or_notify_cancel():
                spans += item.spans
                group.append(item)
            else:
                self._spans -= item.spans
        return group

    def _write(self, group: list[_Waiting]) -> None:
        error = self._try(group)
        if error is None:
            for item in group:
                item.done.set_result(None)
        elif isinstance(error, StoreError) or len(group) == 1:
            self._refuse(group, error)
        else:
            for item in group:
                self._write([item])

    def _refuse(self, group: list[_Waiting], error: BaseException) -> None:
        if isinstance(error, StoreError):
            self._complaints.warn(f"spans are refused: {error.message}")
        for item in group:
            item.fail(error)

    def _try(self, group: list[_Waiting]) -> BaseException | None:
        parts = [part for item in group for part in item.parts]
        try:
            self._extend(parts)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the request is told, the writer lives
            return error
        return None


def _ended() -> StoreError:
    return StoreError(
        "nothing is stored any more: the part of the server that writes has ended",
        hint="restart the server and send the same again; its log says more",
    )
