"""Run by a test as a program: one process adds to traces, one prunes; both are killed.

usage: pruned_under_load.py STORE

Every trace comes in two parts. Those with an even number are named by cases and must stay; the
others may go at any moment, between their parts, too. Texts are shared among traces that stay
and traces that go. After each of twenty kills the store is looked at; at the end all traces go,
and nothing may be left. Says nothing when all is well.
"""

import os
import select
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NoReturn, TypeAlias

from msgspec.structs import replace

from roadworthy.base.codec import Json
from roadworthy.records.trace import Trace
from roadworthy.store.ports import PruneRule
from roadworthy.store.sql import SqlStore, open_store
from roadworthy.testing import a_trace

KILLS = 20
LONGEST_S = 0.25
TRACES = 300  # of one life, at most
FAR = 1e12  # seconds since 1970

Life: TypeAlias = Callable[[Path, int, int], NoReturn]


def a_numbered_trace(number: int) -> Trace:
    """Always the same for a number; every seventh shares its texts."""
    text = f"what was said, kind {number % 7}. " * 40
    asked: Json = {"number": number, "about": text}
    calls: list[tuple[str, Json, Json]] = [("look", asked, f"{text} {step}") for step in range(3)]
    return a_trace(calls, question=text, answer=f"done {number}", seed=f"trace {number}")


def kept(life: int) -> range:
    """Numbers of traces that cases name."""
    return range(life * TRACES, (life + 1) * TRACES, 2)


def extend_until_killed(path: Path, life: int, tell: int) -> NoReturn:
    store = open_store(path)
    for number in range(life * TRACES, (life + 1) * TRACES):
        whole = a_numbered_trace(number)
        for half in (whole.spans[2:], whole.spans[:2]):
            store.traces.extend([replace(whole, spans=half)])
        os.write(tell, f"{number}\n".encode())
    signal.pause()
    raise AssertionError


def prune_until_killed(path: Path, life: int, tell: int) -> NoReturn:
    store = open_store(path)
    ids = tuple(a_numbered_trace(n).id for one in range(life + 1) for n in kept(one))
    while True:
        gone = store.prune(PruneRule(before=FAR, keep_ids=ids))
        os.write(tell, f"{gone}\n".encode())


def begin(live: Life, path: Path, life: int) -> tuple[int, int]:
    """A process that lives so: its id, and what it tells."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        live(path, life, write)
    os.close(write)
    return pid, read


def live_and_die(path: Path, life: int, rng: Random) -> tuple[list[int], list[int]]:
    """What both told before they were killed."""
    both = [begin(live, path, life) for live in (extend_until_killed, prune_until_killed)]
    for _, told in both:
        select.select([told], [], [])
    select.select([], [], [], rng.uniform(0, LONGEST_S))
    rng.shuffle(order := list(both))
    for pid, _ in order:
        os.kill(pid, signal.SIGKILL)
    for pid, _ in both:
        os.waitpid(pid, 0)
    said = []
    for _, told in both:
        with os.fdopen(told) as lines:
            said.append([int(word) for word in lines.read().split()])
    return said[0], said[1]


def check(path: Path, safe: set[int]) -> None:
    """What is there can be read and is as it was sent; what must stay is there whole."""
    store = open_store(path)
    numbers = {a_numbered_trace(number).id: number for number in range(KILLS * TRACES)}
    whole = {number for number in map(numbers.get, store.traces.ids()) if is_whole(store, number)}
    assert safe <= whole, safe - whole
    store.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert not connection.execute("PRAGMA foreign_key_check").fetchall(), "spans without a trace"
    connection.execute("INSERT INTO trace_words (trace_words) VALUES ('integrity-check')")
    connection.close()


def is_whole(store: SqlStore, number: int | None) -> bool:
    """Whether all of the trace is there; reading it needs every body that it refers to."""
    assert number is not None, "a trace that nobody sent"
    sent = {span.id: span for span in a_numbered_trace(number).spans}
    found = store.traces.load(a_numbered_trace(number).id).spans
    assert all(span == sent[span.id] for span in found), f"trace {number} was changed"
    return len(found) == len(sent)


def main(path: Path) -> None:
    rng = Random(11)
    safe: set[int] = set()
    gone = 0
    for life in range(KILLS):
        added, pruned = live_and_die(path, life, rng)
        safe |= {number for number in added if number in kept(life)}
        gone += sum(pruned)
        check(path, safe)
    assert safe, "no trace was there whole before a kill"
    assert gone, "no trace was pruned before a kill"
    store = open_store(path)
    store.prune(PruneRule(before=FAR))
    rows = store.stats().rows
    assert not any(rows[table] for table in ("traces", "spans", "bodies", "messages")), rows
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
