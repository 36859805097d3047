"""Large requests are decoded in a second process, which never outlives the server."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from roadworthy.app.decoding import LARGE_BYTES, DecodingIntake
from roadworthy.base.errors import BadRequest, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.core.conftest import Serving, Wire

PROTOBUF = "application/x-protobuf"


@pytest.fixture
def intake() -> Iterator[DecodingIntake]:
    made = DecodingIntake(key=b"0123456789abcdef", secrets=True, personal=())
    yield made
    made.close()


def test_the_other_process_decodes_as_this_one(intake: DecodingIntake, wire: Wire) -> None:
    large = wire.request(*range(60), spans=10)
    assert len(large) > LARGE_BYTES

    far = intake.decode_traces(large, PROTOBUF)

    assert far == intake._near.decode_traces(large, PROTOBUF)


def test_a_large_bad_body_is_the_senders_fault(intake: DecodingIntake) -> None:
    with pytest.raises(BadRequest):
        intake.decode_traces(b"\xff" * (LARGE_BYTES + 1), PROTOBUF)


def test_a_decoder_that_died_is_said_and_replaced(intake: DecodingIntake, wire: Wire) -> None:
    large = wire.request(*range(60), spans=10)
    whole = intake.decode_traces(large, PROTOBUF)
    assert intake._far is not None
    os.kill(intake._far.pid, signal.SIGKILL)
    with pytest.raises(StoreError):
        intake.decode_traces(large, PROTOBUF)

    assert intake.decode_traces(large, PROTOBUF) == whole


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
def test_the_decoder_ends_with_a_server_that_was_killed(serving: Serving, wire: Wire) -> None:
    serving.start()
    assert serving.send(wire.request(*range(60), spans=10)).status_code == 200
    assert serving.process is not None
    children = _children(serving.process.pid)

    serving.kill()

    assert children
    assert all(_ends(child) for child in children)
    assert "leaked" not in serving.talk()


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    others = Path(f"/proc/{pid}/task").iterdir()
    more = " ".join((task / "children").read_text() for task in others)
    return sorted({int(word) for word in f"{text} {more}".split()})


def _ends(pid: int) -> bool:
    for _ in range(200):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        Event().wait(0.05)
    return False
