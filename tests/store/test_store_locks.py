"""The locks that tell other processes that a store is in use, and what would lose them."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from roadworthy.app.app import App
from roadworthy.base.errors import StoreError
from roadworthy.store.ports import PruneRule
from roadworthy.store.sql import open_store, upgrade
from roadworthy.testing import a_trace

THREADS = 8
IN_USE = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)  # SQLite's shared range
    except BlockingIOError:
        print("in use")
"""
OPENS_OF_THE_STORE = """
import sys
from pathlib import Path
opened = []
sys.addaudithook(lambda name, args: opened.append(str(args[0])) if name == "open" else None)
from roadworthy.app.app import App
from roadworthy.store.ports import PruneRule
from roadworthy.testing import a_trace
for _ in range(2):
    with App(Path(sys.argv[1])) as app:
        app.store.traces.append([a_trace(seed="one")])
        app.store.stats()
        app.store.prune(PruneRule(keep_bytes=0))
assert opened
print([path for path in opened if "store.db" in path])
"""


def said_by(program: str, path: Path) -> str:
    """What another process says."""
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def is_in_use(path: Path) -> bool:
    return said_by(IN_USE, path) == "in use"


def test_an_open_store_is_seen_to_be_in_use_and_a_closed_one_is_not(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db")
    store.traces.append([a_trace()])
    assert is_in_use(tmp_path / "store.db")

    store.close()

    assert not is_in_use(tmp_path / "store.db")


def test_a_second_store_of_a_process_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_store(path)
    store.traces.append([a_trace(seed="first")])

    second = open_store(path)
    second.traces.append([a_trace(seed="second")])
    second.stats()
    second.prune(PruneRule(keep_bytes=1))
    second.close()
    upgrade(path)

    assert is_in_use(path)
    store.close()


def test_a_second_app_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    with App(tmp_path) as app:
        app.store.traces.append([a_trace()])

        with App(tmp_path) as other:
            other.store.traces.count()

        assert is_in_use(tmp_path / ".roadworthy" / "store.db")


def test_threads_that_ask_an_app_for_its_store_at_once_get_one(tmp_path: Path) -> None:
    with App(tmp_path) as made:
        made.store.traces.append([a_trace()])
    with App(tmp_path) as app, ThreadPoolExecutor(THREADS) as pool:
        together = Barrier(THREADS)

        def ask(_: int) -> tuple[int, int]:
            together.wait()
            return id(app.store), app.store.traces.count()

        found = set(pool.map(ask, range(THREADS)))

        assert found == {(id(app.store), 1)}
        assert is_in_use(tmp_path / ".roadworthy" / "store.db")


def test_nobody_but_sqlite_opens_the_file_of_a_store(tmp_path: Path) -> None:
    """Closing any other descriptor of it would give up the locks of this process."""
    assert said_by(OPENS_OF_THE_STORE, tmp_path) == "[]"


@pytest.mark.parametrize("size", [1, 16, 511])
def test_what_is_too_short_for_a_database_is_refused_and_not_touched(
    tmp_path: Path, size: int
) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"S" * size)

    with pytest.raises(StoreError, match="no SQLite database"):
        open_store(path)

    assert path.read_bytes() == b"S" * size


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize("store", ["the parent's", "its own"])
def test_a_forked_child_holds_locks_of_its_own(tmp_path: Path, store: str) -> None:
    path = tmp_path / "store.db"
    parent = open_store(path)
    parent.traces.append([a_trace(seed="parent")])
    ready, tell = os.pipe()
    stay, go = os.pipe()
    child = os.fork()
    if not child:
        os.close(go)
        mine = parent if store == "the parent's" else open_store(path)
        mine.traces.append([a_trace(seed="child")])
        os.write(tell, b"x")
        os.read(stay, 1)
        os._exit(0)

    os.read(ready, 1)
    parent.close()
    still_in_use = is_in_use(path)
    os.close(go)
    assert os.waitpid(child, 0)[1] == 0
    for end in (ready, tell, stay):
        os.close(end)

    assert still_in_use
    with closing(open_store(path)) as again:
        assert again.traces.count() == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_child_that_is_forked_while_the_store_is_in_use_is_refused_it(tmp_path: Path) -> None:
    parent = open_store(tmp_path / "store.db")
    with parent.database.read():
        child = os.fork()
        if not child:
            try:
                open_store(tmp_path / "store.db")
            except StoreError:
                os._exit(0)
            os._exit(1)

    assert os.waitpid(child, 0)[1] == 0
    assert parent.traces.count() == 0
    parent.close()
