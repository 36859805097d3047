"""HTTP connections that are not waited for without end: uvicorn's, with what it leaves open.

uvicorn closes a connection that is silent after an answer; one that never sends a request, or
half of one, it keeps for ever, and a thousand of those shut everybody out. Here a request's
header has to come within `HEADER_S`, its body within `BODY_S`; `Connections` says who makes room.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from roadworthy.server.backlog import RETRY_AFTER_S
from roadworthy.server.connections import Connections

HEADER_S: Final = 10.0
"""From the connection, or from the first byte of a later request, to the end of the header."""
BODY_S: Final = 70.0
"""From then to the end of the body; those of spans are given up before, with an answer."""
_PATIENCE: Final = {"header": HEADER_S, "body": BODY_S}


def patient_protocol(connections: Connections) -> type[asyncio.Protocol]:
    """The class of a server's connections."""

    class Patient(_Patient):
        """Of one server."""

        others = connections

    return Patient


class _Patient(H11Protocol):
    others: Connections
    address = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._usual = self.app
        self._timer: asyncio.TimerHandle | None = None
        self._owed = ""
        self._is_busy = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self.others.enter(self)
        self._expect("header")

    def data_received(self, data: bytes) -> None:
        self._choose_app()
        super().data_received(data)
        self._look("header")

    def on_response_complete(self) -> None:
        self._choose_app()
        super().on_response_complete()
        self._look("")  # uvicorn itself waits for the next request to begin

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect("")
        self.others.leave(self)
        super().connection_lost(exc)

    def cut(self) -> None:
        """Close it now."""
        self.transport.abort()

    def _choose_app(self) -> None:
        """What a request is answered by that these bytes may complete."""
        has_room = self._is_busy or self.others.has_room_for_request(self.address)
        self.app = self._usual if has_room else _busy

    def _look(self, between_requests: str) -> None:
        """See what the client owes us now."""
        is_busy = self.cycle is not None and not self.cycle.response_complete
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            (self.others.begin if is_busy else self.others.end)(self)
        if not is_busy:
            self._expect(between_requests)
        else:
            self._expect("body" if self.cycle.more_body else "")

    def _expect(self, owed: str) -> None:
        if owed == self._owed:
            return
        self._owed = owed
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if owed:
            self._timer = self.loop.call_later(_PATIENCE[owed], self.cut)


async def _busy(_scope: Any, _receive: Any, send: Any) -> None:
    body = b"the server has too many requests under way; send the same again later"
    headers = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        "retry-after": str(RETRY_AFTER_S),
        "connection": "close",
    }
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 503, "headers": raw})
    await send({"type": "http.response.body", "body": body, "more_body": False})
