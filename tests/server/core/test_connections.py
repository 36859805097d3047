"""Connections that send nothing: they cost nobody else a place."""

from __future__ import annotations

import asyncio
import resource
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, cast

import pytest
import uvicorn
from uvicorn.server import ServerState

from roadworthy.server.connections import MOST_CONNECTIONS, Connections
from roadworthy.server.patience import BODY_S, HEADER_S, patient_protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server.core.conftest import Serving, Wire


class Cable:
    """A connection that remembers whether it was cut."""

    def __init__(self, address: str = "a") -> None:
        self.address = address
        self.is_cut = False

    def cut(self) -> None:
        self.is_cut = True


def entered(connections: Connections, *addresses: str) -> list[Cable]:
    made = [Cable(address) for address in addresses]
    for cable in made:
        connections.enter(cable)
    return made


def cut(cables: list[Cable]) -> list[int]:
    return [number for number, cable in enumerate(cables) if cable.is_cut]


def test_the_oldest_silent_one_of_who_has_most_makes_room() -> None:
    connections = Connections(most=4)

    cables = entered(connections, "b", "a", "a", "a", "b")

    assert cut(cables) == [1]
    assert len(connections) == 4


def test_one_that_was_just_used_is_cut_later() -> None:
    connections = Connections(most=2)
    first, second = entered(connections, "a", "a")
    connections.begin(first)
    connections.end(first)

    entered(connections, "a")

    assert (first.is_cut, second.is_cut) == (False, True)


def test_a_request_under_way_is_never_cut_off_for_others() -> None:
    connections = Connections(most=2)
    busy = entered(connections, "a", "a")
    for cable in busy:
        connections.begin(cable)

    late = entered(connections, "b")

    assert cut(busy) == []
    assert cut(late) == [0]


def test_requests_past_the_limit_are_refused_first_of_one_address_then_of_all() -> None:
    connections = Connections(most=10, most_requests=3, most_requests_of_one=2)
    cables = entered(connections, "a", "a", "b")
    for cable in cables[:2]:
        connections.begin(cable)
    assert not connections.has_room_for_request("a")
    assert connections.has_room_for_request("b")

    connections.begin(cables[2])
    assert not connections.has_room_for_request("c")
    connections.end(cables[0])

    assert connections.has_room_for_request("a")


def test_who_left_holds_no_place() -> None:
    connections = Connections(most=2)
    silent, busy = entered(connections, "a", "b")
    connections.begin(busy)

    for cable in (silent, busy, busy):
        connections.leave(cable)

    assert len(connections) == 0


class Loop:
    """Runs tasks in the test's own loop, and lets time pass when told to."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[[], None], list[bool]]] = []

    def call_later(self, delay: float, call: Callable[[], None]) -> Any:
        state = [True]
        self.timers.append((delay, call, state))
        return type("Timer", (), {"cancel": lambda _: state.__setitem__(0, False)})()

    def create_task(self, work: Any, **_: Any) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(work)

    @property
    def waits(self) -> list[float]:
        """Seconds of the timers that run."""
        return [delay for delay, _, (runs,) in self.timers if runs]

    def pass_time(self) -> None:
        for _, call, (runs,) in list(self.timers):
            if runs:
                call()


class Line(asyncio.Transport):
    """One end of a connection."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 5000)})
        self.said = b""
        self.is_cut = False

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.said += bytes(data)

    def abort(self) -> None:
        self.is_cut = True

    def close(self) -> None:
        self.is_cut = True

    def is_closing(self) -> bool:
        return self.is_cut

    def pause_reading(self) -> None:
        """It is never too much."""

    def resume_reading(self) -> None:
        """It is never too much."""


async def _app(_scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done", "more_body": False})


class Dialled:
    """A connection to a server that exists only on paper."""

    def __init__(self, connections: Connections) -> None:
        config = uvicorn.Config(_app, lifespan="off", log_config=None)
        self.loop = Loop()
        self.line = Line()
        made = cast("Any", patient_protocol(connections))
        self._end = made(
            config=config, server_state=ServerState(), app_state={}, _loop=cast("Any", self.loop)
        )
        self._end.connection_made(self.line)

    async def send(self, data: bytes) -> bytes:
        """Send `data`; returns what was said when nothing more happens."""
        self._end.data_received(data)
        for _ in range(10):
            await asyncio.sleep(0)
        return self.line.said


HEADER = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\n"


def test_a_client_that_says_nothing_is_waited_for_so_long_and_no_longer() -> None:
    dialled = Dialled(Connections())
    assert dialled.loop.waits == [HEADER_S]

    dialled.loop.pass_time()

    assert dialled.line.is_cut


async def test_half_a_header_buys_no_time() -> None:
    dialled = Dialled(Connections())

    for letter in HEADER[:40]:
        await dialled.send(bytes([letter]))

    assert len(dialled.loop.timers) == 1
    assert dialled.loop.waits == [HEADER_S]


async def test_a_body_has_a_time_of_its_own() -> None:
    dialled = Dialled(Connections())
    await dialled.send(HEADER + b"do")
    assert dialled.loop.waits == [BODY_S]

    said = await dialled.send(b"ne")

    assert said.startswith(b"HTTP/1.1 200")
    assert BODY_S not in dialled.loop.waits


async def test_half_a_second_request_is_not_waited_for_without_end() -> None:
    dialled = Dialled(Connections())
    await dialled.send(HEADER + b"done")

    await dialled.send(HEADER[:10])

    assert dialled.loop.waits == [HEADER_S]


async def test_one_request_too_many_is_told_when_to_come_back() -> None:
    connections = Connections(most_requests=1)
    first, second = Dialled(connections), Dialled(connections)
    await first.send(HEADER)

    said = await second.send(HEADER + b"done")

    assert said.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 2\r\n" in said
    assert (await first.send(b"done")).startswith(b"HTTP/1.1 200")


@pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_NOFILE)[0] < MOST_CONNECTIONS + 300,
    reason="needs more open files than this user may have",
)
def test_a_thousand_silent_connections_shut_nobody_out(serving: Serving, wire: Wire) -> None:
    serving.start()
    port = int(serving.url.rpartition(":")[2])
    with ExitStack() as open_:
        for _ in range(MOST_CONNECTIONS + 1):
            open_.enter_context(socket.create_connection(("127.0.0.1", port)))

        assert serving.send(wire.request(1)).status_code == 200
