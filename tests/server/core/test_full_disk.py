"""A disk that is full: later, said once, and everything goes on when there is space again."""

from __future__ import annotations

import errno
import logging
import os
from typing import TYPE_CHECKING

import pytest

from roadworthy.base.errors import StoreError
from roadworthy.base.ids import hex_digest
from roadworthy.server.complaints import Complaints
from roadworthy.server.journal import Journal
from roadworthy.server.settling import Settling

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.server.core.conftest import Client, Wire

    from roadworthy.app.app import App

A, B, C = (hex_digest(name.encode()) for name in "abc")
PROTOBUF = {"Content-Type": "application/x-protobuf"}


class Disk:
    """Refuses to keep anything while it is full, after the first bytes of it."""

    def __init__(self) -> None:
        self.is_full = False

    def fsync(self, number: int) -> None:
        if self.is_full:
            os.ftruncate(number, max(0, os.fstat(number).st_size - 20))
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk()
    monkeypatch.setattr("roadworthy.server.journal.os.fsync", made.fsync)
    return made


@pytest.fixture
def journal(tmp_path: Path, disk: Disk) -> Iterator[Journal]:
    made = Journal(tmp_path, "mine")
    yield made
    disk.is_full = False
    made.close(forget=False)


def left_behind(folder: Path) -> list[str]:
    journal = Journal(folder, "next")
    left = journal.take_over()
    journal.close(forget=False)
    return left


def test_an_id_after_one_that_was_cut_off_is_whole(
    journal: Journal, disk: Disk, tmp_path: Path
) -> None:
    journal.add([A])
    disk.is_full = True
    with pytest.raises(StoreError, match="No space left"):
        journal.add([B])
    disk.is_full = False

    journal.add([C])
    journal.close(forget=False)

    assert left_behind(tmp_path) == [A, C]


def test_nothing_is_forgotten_while_the_rest_cannot_be_written(
    journal: Journal, disk: Disk, tmp_path: Path
) -> None:
    journal.add([A, B])
    disk.is_full = True
    with pytest.raises(StoreError):
        journal.keep([B])
    journal.close(forget=False)
    disk.is_full = False

    assert left_behind(tmp_path) == [A, B]
    assert not list(tmp_path.glob("*.part"))


def test_what_cannot_be_taken_over_is_still_looked_at_and_left_for_the_next(
    journal: Journal, disk: Disk, tmp_path: Path
) -> None:
    journal.add([A])
    journal.close(forget=False)
    disk.is_full = True

    assert left_behind(tmp_path) == [A]

    disk.is_full = False
    assert left_behind(tmp_path) == [A]


def test_detection_goes_on_when_there_is_space_again(journal: Journal, disk: Disk) -> None:
    now, seen = [0.0], list[str]()

    def look(ids: Sequence[str]) -> None:
        if disk.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        seen.extend(ids)

    settling = Settling(look, journal, settles_s=10, clock=lambda: now[0])
    settling.touch([A])
    disk.is_full, now[0] = True, 10
    assert not settling.step()
    disk.is_full, now[0] = False, 20

    assert settling.step()

    assert seen == [A]


def test_a_journal_that_cannot_shrink_does_not_end_detection(journal: Journal, disk: Disk) -> None:
    now, seen = [0.0], list[str]()
    settling = Settling(seen.extend, journal, settles_s=10, clock=lambda: now[0])
    settling.touch([A])
    disk.is_full, now[0] = True, 10

    assert settling.step()

    assert seen == [A]
    assert settling.is_idle


def test_a_full_disk_is_503_with_a_time_to_try_again_and_one_line_in_the_log(
    client: Client, app: App, wire: Wire, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    disk.is_full = True
    with caplog.at_level(logging.WARNING):
        answers = [
            client.post("/v1/traces", content=wire.request(number), headers=PROTOBUF)
            for number in range(5)
        ]
    disk.is_full = False

    again = client.post("/v1/traces", content=wire.request(1), headers=PROTOBUF)

    assert {answer.status_code for answer in answers} == {503}
    assert {answer.headers["retry-after"] for answer in answers} == {"2"}
    assert [record.getMessage()[:17] for record in caplog.records] == ["spans are refused"]
    assert not any(record.exc_info for record in caplog.records)
    assert again.status_code == 200
    assert app.store.traces.count() == 1


def test_a_complaint_is_repeated_after_a_while(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    complaints = Complaints(logging.getLogger("test"), pause_s=60, clock=lambda: now[0])

    for at in (0, 1, 59, 60, 61):
        now[0] = at
        complaints.warn("the disk is full")
    complaints.warn("the disk is slow")

    assert len(caplog.records) == 3
