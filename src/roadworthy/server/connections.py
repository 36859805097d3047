"""Who is connected, and who makes room when there are too many.

A connection costs a file descriptor from the moment it is made, a request or none. So silent
ones, which are between requests or never sent one, are closed when others need their places, the
oldest first, of the address that has most of them. Requests under way are never cut off for
others; past their limit, in all or of one address, the next is told to come back.

Not here: how long a client may be silent (`patience.py`). Used by the event loop alone.
"""

from typing import Final, Protocol

MOST_CONNECTIONS: Final = 1000
MOST_REQUESTS: Final = 800
"""Under way at the same time."""
MOST_REQUESTS_OF_ONE: Final = 400
"""Of one address; everything behind one proxy counts as one."""


class Connection(Protocol):
    """What has to be known of one."""

    address: str

    def cut(self) -> None:
        """Close it now."""


class Connections:
    """All connections of one server."""

    def __init__(
        self,
        most: int = MOST_CONNECTIONS,
        *,
        most_requests: int = MOST_REQUESTS,
        most_requests_of_one: int = MOST_REQUESTS_OF_ONE,
    ) -> None:
        self._most = most
        self._most_requests = min(most_requests, most)
        self._most_requests_of_one = most_requests_of_one
        self._silent: dict[str, dict[Connection, None]] = {}  # of each address, oldest first
        self._busy: dict[str, dict[Connection, None]] = {}

    def enter(self, connection: Connection) -> None:
        """A new one, still silent. Where there is no room a silent one is cut, perhaps itself."""
        self._silent.setdefault(connection.address, {})[connection] = None
        if len(self) > self._most:
            most = max(self._silent.values(), key=len)
            oldest = next(iter(most))
            self.leave(oldest)
            oldest.cut()

    def leave(self, connection: Connection) -> None:
        """It is closed; once is enough, twice is harmless."""
        for places in (self._silent, self._busy):
            found = places.get(connection.address, {})
            found.pop(connection, None)
            if not found:
                places.pop(connection.address, None)

    def has_room_for_request(self, address: str) -> bool:
        """Whether a request from `address` may begin; else it is to be refused."""
        under_way = sum(map(len, self._busy.values()))
        of_one = len(self._busy.get(address, ()))
        return under_way < self._most_requests and of_one < self._most_requests_of_one

    def begin(self, connection: Connection) -> None:
        """Its request is under way, be it only to be refused."""
        self.leave(connection)
        self._busy.setdefault(connection.address, {})[connection] = None

    def end(self, connection: Connection) -> None:
        """Its request was answered; it is silent again."""
        self.leave(connection)
        self._silent.setdefault(connection.address, {})[connection] = None

    def __len__(self) -> int:
        return sum(map(len, self._silent.values())) + sum(map(len, self._busy.values()))
