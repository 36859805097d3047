"""What is on its way into the store, in bytes, and the line past which no more is taken.

A request's bytes count from when they arrive until its spans are committed, so memory stays
bounded however many clients send and however slow the disk is. Safe from any thread.

A body that has not arrived whole after five seconds holds its room only as long as nobody needs it
more: when there is none left, the largest of them gives way to a request that is smaller. So a
client that sends large bodies slowly, or not to their end, is in nobody's way for long.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import Final

from roadworthy.base.errors import RoadworthyError

MOST_BYTES: Final = 128 * 1024 * 1024
"""Of request bodies, inflated; records take about three times as much."""
RETRY_AFTER_S: Final = 2
SLOW_S: Final = 5.0
"""After which a body that is still arriving may have to give way."""


class Behind(RoadworthyError):
    """The writer cannot keep up; the client is to send the same again later."""


class Claim:
    """The share of one request."""

    def __init__(self, backlog: "Backlog") -> None:
        self._backlog = backlog
        self.bytes = 0
        self.give_way: Callable[[], object] | None = None
        """Drops what has arrived so far; `None` when all of it has, and it is being stored."""
        self.since = backlog.clock()
        self.is_lost = False

    def arriving(self, give_way: Callable[[], object]) -> None:
        """A body begins to arrive. Until `arrived`, `give_way` may be called from any thread."""
        self.give_way = give_way

    def arrived(self) -> None:
        """The body is whole and keeps its room. Raises `Behind` when it had to give way."""
        self._backlog.settle(self)

    def grow(self, more: int) -> None:
        """Count `more` bytes. Raises `Behind` when there is no room for them."""
        self._backlog.add(self, more)

    def release(self) -> None:
        """Give everything back; once is enough, twice is harmless."""
        self._backlog.drop(self)


class Backlog:
    """All claims together."""

    def __init__(self, most: int = MOST_BYTES, *, clock: Callable[[], float] = monotonic) -> None:
        self._most = most
        self.clock = clock
        self._held = 0
        self._claims: set[Claim] = set()  # that hold something
        self._lock = Lock()

    @property
    def held(self) -> int:
        """Bytes of all claims."""
        return self._held

    def add(self, claim: Claim, more: int) -> None:
        """Count `more` bytes for `claim`. Raises `Behind` past the limit."""
        with self._lock:
            if claim.is_lost or not self._has_room(claim, more):
                raise _behind()
            claim.bytes += more
            self._held += more
            self._claims.add(claim)

    def settle(self, claim: Claim) -> None:
        """`claim` has arrived whole. Raises `Behind` when it had to give way."""
        with self._lock:
            if claim.is_lost:
                raise _behind()
            claim.give_way = None

    def drop(self, claim: Claim) -> None:
        """Give back what `claim` holds."""
        with self._lock:
            self._drop(claim)

    @contextmanager
    def claim(self) -> Iterator[Claim]:
        """A claim for as long as the block lasts."""
        claim = Claim(self)
        try:
            yield claim
        finally:
            claim.release()

    def _has_room(self, claim: Claim, more: int) -> bool:
        """Whether there is room, after larger ones gave way."""
        while self._held + more > self._most:
            largest = max(self._slow(), key=lambda slow: slow.bytes, default=claim)
            if largest.bytes <= claim.bytes + more or largest.give_way is None:
                return False
            largest.give_way()
            largest.is_lost = True
            self._drop(largest)
        return True

    def _slow(self) -> list[Claim]:
        """Those whose bodies have been arriving for long."""
        before = self.clock() - SLOW_S
        return [held for held in self._claims if held.give_way is not None and held.since <= before]

    def _drop(self, claim: Claim) -> None:
        self._held -= claim.bytes
        claim.bytes = 0
        self._claims.discard(claim)


def _behind() -> Behind:
    return Behind("the server is behind with writing", hint="send the same again later")
