"""What was acknowledged is there after `kill -9`, exactly once; and the other ends of a server."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Self

import httpx
import pytest

from roadworthy.app.app import App
from roadworthy.app.keys import create_key
from roadworthy.records.api_key import Scope

if TYPE_CHECKING:
    from tests.server.core.conftest import Serving, Wire

ROUNDS = 20
RESTARTS = 4
CLIENTS = 4
SPANS = 5


class Load:
    """Clients that send new traces, half of a trace a request, until the server is gone."""

    def __init__(self, url: str, wire: Wire, first: int) -> None:
        self._url = url
        self._wire = wire
        self._numbers = iter(range(first, first + 1_000_000))
        self._lock = threading.Lock()
        self.acknowledged: list[int] = []
        self.enough = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(CLIENTS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        with httpx.Client(timeout=20) as client:
            while True:
                with self._lock:
                    trace = next(self._numbers)
                body = self._wire.request(trace, spans=SPANS)
                try:
                    sent = client.post(
                        f"{self._url}/v1/traces", content=body, headers=self._wire.headers
                    )
                    again = client.post(
                        f"{self._url}/v1/traces", content=body, headers=self._wire.headers
                    )
                except httpx.TransportError:
                    return
                if sent.status_code == again.status_code == 200:
                    self.acknowledged.append(trace)
                if len(self.acknowledged) >= 8:
                    self.enough.set()


@pytest.fixture
def stored(serving: Serving) -> Iterator[App]:
    with App(serving.folder) as app:
        yield app


def test_twenty_kills_under_load_lose_nothing_acknowledged(
    serving: Serving, stored: App, wire: Wire
) -> None:
    rng = Random(7)
    acknowledged: list[int] = []
    for round_ in range(ROUNDS):
        with Load(serving.start(), wire, first=round_ * 1_000_000) as load:
            assert load.enough.wait(30), serving.talk()
            threading.Event().wait(rng.uniform(0, 0.03))
            serving.kill()
        acknowledged += load.acknowledged

    spans = [stored.store.traces.load(wire.name(trace)).spans for trace in acknowledged]

    assert len(acknowledged) >= ROUNDS * 8
    assert {len({span.id for span in some}) for some in spans} == {SPANS}
    assert {len(some) for some in spans} == {SPANS}


def test_a_graceful_stop_answers_what_was_taken_and_exits_0(
    serving: Serving, stored: App, wire: Wire
) -> None:
    with Load(serving.start(), wire, first=0) as load:
        assert load.enough.wait(30), serving.talk()
        code = serving.stop()

    assert code == 0, serving.talk()
    assert "Traceback" not in serving.talk()
    for trace in load.acknowledged:
        assert len(stored.store.traces.load(wire.name(trace)).spans) == SPANS


def test_a_server_that_comes_and_goes_leaves_the_store_of_another_whole(
    serving: Serving, wire: Wire
) -> None:
    other = type(serving)(serving.folder)
    with Load(serving.start(), wire, first=0) as lasting:
        acknowledged = []
        for round_ in range(1, RESTARTS + 1):
            with Load(other.start(), wire, first=round_ * 1_000_000) as load:
                assert load.enough.wait(30), serving.talk()
                other.stop() if round_ % 2 else other.kill()
            acknowledged += load.acknowledged
        assert serving.stop() == 0, serving.talk()
    acknowledged += lasting.acknowledged

    with App(serving.folder) as app:
        stored = [len(app.store.traces.load(wire.name(trace)).spans) for trace in acknowledged]
    with closing(sqlite3.connect(serving.folder / ".roadworthy" / "store.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert len(stored) >= RESTARTS * 8
    assert set(stored) == {SPANS}


def test_the_port_in_use_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = served(tmp_path, "--port", str(taken.getsockname()[1]))

    assert done.returncode == 2
    assert "in use" in done.stderr
    assert "--port" in done.stderr


def test_without_a_key_nothing_but_loopback_is_bound(tmp_path: Path) -> None:
    done = served(tmp_path, "--host", "0.0.0.0", "--port", "0")

    assert done.returncode == 2
    assert "roadworthy key create" in done.stderr


def test_with_a_key_every_address_may_be_bound(serving: Serving, stored: App, wire: Wire) -> None:
    secret = create_key(stored, "probe", [Scope.INGEST]).secret
    url = serving.start("--host", "0.0.0.0").replace("0.0.0.0", "127.0.0.1")
    serving.url = url

    assert serving.send(wire.request(1)).status_code == 401
    assert serving.send(wire.request(1), Authorization=f"Bearer {secret}").status_code == 200


def test_ctrl_c_ends_it_too(serving: Serving) -> None:
    serving.start()
    assert serving.process is not None
    serving.process.send_signal(signal.SIGINT)

    assert serving.stop() == 0, serving.talk()


def served(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "roadworthy", "serve", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
