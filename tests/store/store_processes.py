"""Run by the tests as a program: forks writers of one store, and kills some.

usage: store_processes.py crash|regrade|together STORE

`crash` kills a writer at twenty random moments and looks at what each left. `regrade` does so
with one that grades a run again, until nothing is left to grade. `together` lets eight processes
make one store at once and write to it. Says nothing when all is well.
"""

import os
import select
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NoReturn, TypeAlias

from roadworthy.base.errors import DuplicateName
from roadworthy.records.grading import Grading
from roadworthy.records.reading import Grade, TrialReading
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.sql import open_store
from roadworthy.testing import a_run, a_trial

BATCH = 40
KILLS = 20
LONGEST_S = 0.06
WRITERS = 8
REGRADED = 100
NEW_READINGS = tuple(
    TrialReading(grader=name, version=2, reading=Grade(passed=False, score=0.0, why="stricter"))
    for name in ("exact", "loop", "tone")
)


Life: TypeAlias = Callable[[Path, int, int], NoReturn]


def a_batch(run: str, name: str) -> list[TrialResult]:
    readings = (
        TrialReading(grader="exact", version=1, reading=Grade(passed=True, score=1.0, why="so")),
        TrialReading(grader="loop", version=1, reading=Grade(passed=True, score=1.0, why="so")),
    )
    return [
        TrialResult(
            trial=a_trial([("look", {"id": n}, name * 99)], run=run, case=name, repeat=n),
            readings=readings,
        )
        for n in range(BATCH)
    ]


def write_until_killed(path: Path, life: int, acknowledge: int) -> NoReturn:
    store = open_store(path)
    with suppress(DuplicateName):
        store.runs.create(a_run())
    number = 0
    while True:
        name = f"{life}-{number}"
        assert store.runs.append(a_batch("run", name)) == BATCH
        os.write(acknowledge, f"{name}\n".encode())
        number += 1


def live_and_die(path: Path, life: int, rng: Random, live: Life) -> set[str]:
    """Start a writer, kill it, and return the batches that it was told are safe."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        live(path, life, write)
    os.close(write)
    if life % 4:  # every fourth dies at any moment after its birth, the others while writing
        select.select([read], [], [])
    select.select([], [], [], rng.uniform(0, LONGEST_S))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with os.fdopen(read) as told:
        return set(told.read().split())


def check(path: Path, safe: set[str]) -> None:
    """Every acknowledged batch is there once, no batch is there in part."""
    store = open_store(path)
    if not store.runs.list():
        assert not safe
        store.close()
        return
    found = Counter(case for case, _ in store.runs.done("run"))
    assert safe <= set(found), safe - set(found)
    assert set(found.values()) <= {BATCH}, found
    rows = store.stats().rows
    trials = BATCH * len(found)
    assert (rows["trials"], rows["readings"], rows["traces"]) == (trials, 2 * trials, trials)
    store.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert not connection.execute("PRAGMA foreign_key_check").fetchall()
    connection.close()


def crash(path: Path) -> None:
    rng = Random(7)
    safe: set[str] = set()
    for life in range(KILLS):
        safe |= live_and_die(path, life, rng, write_until_killed)
        check(path, safe)
    assert len(safe) >= KILLS / 2, "the writers were killed before they wrote anything"


def grade_until_killed(path: Path, _life: int, acknowledge: int) -> NoReturn:
    """Grade the run again, from where the writer before was killed; then finish."""
    store = open_store(path)
    with suppress(DuplicateName):
        store.runs.begin_grading(Grading(run="run", number=1, started_at=1.0, cases=()))
    left = sorted(set(store.runs.done("run")) - set(store.runs.graded("run", 1)))
    for case in sorted({case for case, _ in left}):
        readings = {place: NEW_READINGS for place in left if place[0] == case}
        assert store.runs.append_readings("run", 1, readings) == BATCH
        os.write(acknowledge, f"{case}\n".encode())
    os.write(acknowledge, b"finishing\n")
    store.runs.finish_grading("run", 1, at=2.0)
    os.write(acknowledge, b"finished\n")
    signal.pause()
    raise AssertionError


def graded_cases(path: Path, safe: set[str]) -> int:
    """Every acknowledged batch is read once, none in part, and counts wait for the end."""
    store = open_store(path)
    gradings = store.runs.gradings("run")
    found = Counter(case for case, _ in store.runs.graded("run", 1)) if gradings else Counter()
    assert safe - {"finishing", "finished"} <= set(found)
    assert set(found.values()) <= {BATCH}, found
    rows, row = store.stats().rows, store.runs.load("run")
    store.close()
    graded, total = BATCH * len(found), BATCH * REGRADED
    assert (rows["graded_trials"], rows["graded_readings"]) == (graded, graded * len(NEW_READINGS))
    finished = any(grading.finished_at is not None for grading in gradings)
    assert finished or "finished" not in safe
    assert not finished or ("finishing" in safe and graded == total)
    assert (row.passed, row.failed) == ((0, total) if finished else (total, 0))
    return len(found)


def regrade(path: Path) -> None:
    rng = Random(7)
    store = open_store(path)
    store.runs.create(a_run())
    for number in range(REGRADED):
        store.runs.append(a_batch("run", f"{number:03}"))
    store.close()
    safe: set[str] = set()
    graded = [0]
    while "finished" not in safe:
        safe |= live_and_die(path, len(graded), rng, grade_until_killed)
        graded.append(graded_cases(path, safe))
    halves = set(graded) - {0, REGRADED}
    assert halves, "no writer was killed in the middle"


def write_a_run(path: Path, name: str) -> None:
    store = open_store(path)
    store.runs.create(a_run(name))
    for number in range(5):
        assert store.runs.append(a_batch(name, f"case-{number}")) == BATCH
        assert len(list(store.runs.results(name))) == BATCH * (number + 1)
    store.close()


def together(path: Path) -> None:
    ready, go = os.pipe()
    writers = []
    for number in range(WRITERS):
        pid = os.fork()
        if not pid:
            os.close(go)
            os.read(ready, 1)  # ends for all at once, when the parent closes its side
            write_a_run(path, f"run-{number}")
            os._exit(0)
        writers.append(pid)
    os.close(go)
    assert [os.waitpid(pid, 0)[1] for pid in writers] == [0] * WRITERS
    store = open_store(path)
    assert [row.passed for row in store.runs.list()] == [5 * BATCH] * WRITERS
    store.close()


if __name__ == "__main__":
    {"crash": crash, "regrade": regrade, "together": together}[sys.argv[1]](Path(sys.argv[2]))
