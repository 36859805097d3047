import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from roadworthy.base.errors import InvalidRecord, StoreError
from roadworthy.records.trace import Trace
from roadworthy.server.backlog import SLOW_S, Backlog, Behind, Claim
from roadworthy.server.writer import Writer
from roadworthy.testing.builders import a_call, a_trace

PATIENCE_S = 10


class SlowDisk:
    """Commits when it is told to; remembers what each transaction held."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.begun = threading.Semaphore(0)
        self.may_commit = threading.Semaphore(0)
        self.error: BaseException | None = None

    def extend(self, parts: Sequence[Trace]) -> int:
        self.begun.release()
        assert self.may_commit.acquire(timeout=PATIENCE_S)
        if self.error is not None and any(part.source == "poison" for part in parts):
            raise self.error
        self.groups.append([part.name for part in parts])
        return len(parts)


@pytest.fixture
def disk() -> SlowDisk:
    return SlowDisk()


@pytest.fixture
def writer(disk: SlowDisk) -> Iterator[Writer]:
    made = Writer(disk.extend, most_spans=10, group_spans=6)
    made.start()
    yield made
    disk.may_commit.release(1000)
    made.close()


def a_part(name: str, *, source: str = "test", spans: int = 1) -> Trace:
    whole = a_trace([a_call("tool", {"n": n}, step=n) for n in range(spans - 1)], seed=name)
    return Trace(id=whole.id, spans=whole.spans, source=source, name=name)


def submitted(writer: Writer, disk: SlowDisk, *names: str) -> "list[Future[None]]":
    """Submit the first and wait until its commit has begun, then the others."""
    first, *rest = names
    done = [writer.submit([a_part(first)])]
    assert disk.begun.acquire(timeout=PATIENCE_S)
    return done + [writer.submit([a_part(name)]) for name in rest]


def test_what_arrives_during_a_commit_shares_the_next_one(writer: Writer, disk: SlowDisk) -> None:
    done = submitted(writer, disk, "a", "b", "c", "d")
    disk.may_commit.release(2)

    for future in done:
        future.result(PATIENCE_S)

    assert disk.groups == [["a"], ["b", "c", "d"]]


def test_no_answer_before_the_commit(writer: Writer, disk: SlowDisk) -> None:
    (future,) = submitted(writer, disk, "a")
    before = future.done()
    disk.may_commit.release()

    future.result(PATIENCE_S)

    assert not before


def test_a_group_ends_where_it_is_large_enough(writer: Writer, disk: SlowDisk) -> None:
    done = submitted(writer, disk, "a", "b")
    done.append(writer.submit([a_part("large", spans=6)]))
    disk.may_commit.release(3)

    for future in done:
        future.result(PATIENCE_S)

    assert disk.groups == [["a"], ["b"], ["large"]]


def test_more_than_may_wait_is_refused(writer: Writer, disk: SlowDisk) -> None:
    submitted(writer, disk, *"abcdefghij")

    with pytest.raises(Behind):
        writer.submit([a_part("k")])


def test_one_bad_request_does_not_fail_its_neighbours(writer: Writer, disk: SlowDisk) -> None:
    disk.error = InvalidRecord("it does not fit")
    done = submitted(writer, disk, "a", "b")
    bad = writer.submit([a_part("c", source="poison")])
    disk.may_commit.release(10)

    for future in done:
        future.result(PATIENCE_S)

    assert isinstance(bad.exception(PATIENCE_S), InvalidRecord)
    assert disk.groups == [["a"], ["b"]]


def test_a_store_that_cannot_write_fails_the_whole_group_and_the_writer_lives(
    writer: Writer, disk: SlowDisk
) -> None:
    disk.error = StoreError("the disk is full")
    first, second = submitted(writer, disk, "a", "b")
    bad = writer.submit([a_part("c", source="poison")])
    disk.may_commit.release(10)
    first.result(PATIENCE_S)
    assert isinstance(second.exception(PATIENCE_S), StoreError)
    assert isinstance(bad.exception(PATIENCE_S), StoreError)

    writer.submit([a_part("d")]).result(PATIENCE_S)

    assert disk.groups == [["a"], ["d"]]


def test_closing_writes_what_was_taken_and_takes_no_more(writer: Writer, disk: SlowDisk) -> None:
    done = submitted(writer, disk, "a", "b")
    disk.may_commit.release(2)

    writer.close()

    assert all(future.done() for future in done)
    with pytest.raises(Behind):
        writer.submit([a_part("late")])


def test_who_gives_up_before_its_turn_is_not_written(writer: Writer, disk: SlowDisk) -> None:
    first, second, third = submitted(writer, disk, "a", "b", "c")

    assert second.cancel()
    disk.may_commit.release(2)

    third.result(PATIENCE_S)
    assert first.done()
    assert disk.groups == [["a"], ["c"]]


def test_who_gives_up_during_the_commit_hurts_nobody(writer: Writer, disk: SlowDisk) -> None:
    first, second = submitted(writer, disk, "a", "b")

    first.cancel()
    disk.may_commit.release(2)

    second.result(PATIENCE_S)
    assert disk.groups == [["a"], ["b"]]


def test_spans_that_were_given_up_make_room(writer: Writer, disk: SlowDisk) -> None:
    done = submitted(writer, disk, *"abcdefghij")
    for future in done[1:]:
        assert future.cancel()
    disk.may_commit.release(1)
    done[0].result(PATIENCE_S)

    again = [writer.submit([a_part(name)]) for name in "klmnopqrs"]
    disk.may_commit.release(9)

    for future in again:
        future.result(PATIENCE_S)


@pytest.mark.parametrize("error", [SystemExit(), MemoryError(), KeyboardInterrupt()])
def test_whatever_the_store_raises_the_writer_lives(
    writer: Writer, disk: SlowDisk, error: BaseException
) -> None:
    disk.error = error
    bad = writer.submit([a_part("a", source="poison")])
    disk.may_commit.release(10)
    assert bad.exception(PATIENCE_S) is error

    writer.submit([a_part("b")]).result(PATIENCE_S)

    assert not writer.is_broken


def test_a_writer_that_ended_by_a_bug_tells_everybody(
    writer: Writer, disk: SlowDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = submitted(writer, disk, "a", "b")
    monkeypatch.setattr(writer, "_write", None)  # calling it is an error
    disk.may_commit.release(1)
    first.result(PATIENCE_S)

    assert isinstance(second.exception(PATIENCE_S), StoreError)
    assert writer.is_broken
    with pytest.raises(StoreError, match="nothing is stored any more"):
        writer.submit([a_part("c")])


def test_health_tells_that_nothing_is_written_any_more(
    client: TestClient[Litestar], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/healthz").status_code == 200
    monkeypatch.setattr(Writer, "is_broken", True)

    assert client.get("/healthz").status_code == 503


def test_a_claim_past_the_limit_is_refused_and_gives_everything_back() -> None:
    backlog = Backlog(most=10)
    with backlog.claim() as claim:
        claim.grow(8)
        with pytest.raises(Behind):
            claim.grow(3)

    assert backlog.held == 0


class Arrival:
    """A body that arrives."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.chunks = ["some"]
        claim.arriving(self.chunks.clear)


def test_a_large_body_that_arrives_slowly_gives_way_to_a_small_one() -> None:
    now = [0.0]
    backlog = Backlog(most=10, clock=lambda: now[0])
    with backlog.claim() as large, backlog.claim() as small:
        arrival = Arrival(large)
        large.grow(8)
        now[0] = SLOW_S

        small.grow(4)

        assert backlog.held == 4
        assert arrival.chunks == []
        with pytest.raises(Behind):
            large.grow(1)
        with pytest.raises(Behind):
            large.arrived()
    assert backlog.held == 0


@pytest.mark.parametrize(("age", "size", "is_whole"), [(4, 4, False), (5, 9, False), (5, 4, True)])
def test_a_body_stays_that_is_quick_or_smaller_or_whole(
    age: float, size: int, *, is_whole: bool
) -> None:
    now = [0.0]
    backlog = Backlog(most=10, clock=lambda: now[0])
    with backlog.claim() as first, backlog.claim() as second:
        arrival = Arrival(first)
        first.grow(8)
        if is_whole:
            first.arrived()
        now[0] = age

        with pytest.raises(Behind):
            second.grow(size)

        assert arrival.chunks == ["some"]
        assert backlog.held == 8
