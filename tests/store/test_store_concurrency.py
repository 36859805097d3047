"""Several threads and processes on one store, and processes that die in the middle."""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from roadworthy.base.errors import DuplicateName
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.sql import open_store, schema
from roadworthy.testing import a_run, a_trace, a_trial

PROGRAM = Path(__file__).with_name("store_processes.py")


def run_program(task: str, path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), task, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def results(case: str, numbers: Iterable[int]) -> list[TrialResult]:
    return [
        TrialResult(trial=a_trial([("look", {})], case=case, repeat=number), readings=())
        for number in numbers
    ]


def test_a_writer_killed_at_twenty_random_moments_leaves_whole_batches(tmp_path: Path) -> None:
    run_program("crash", tmp_path / "store.db")


def test_a_grading_killed_at_random_moments_is_taken_up_until_it_is_whole(tmp_path: Path) -> None:
    run_program("regrade", tmp_path / "store.db")


def test_eight_processes_make_one_store_at_once_and_write_to_it(tmp_path: Path) -> None:
    run_program("together", tmp_path / "store.db")


def test_threads_write_and_read_one_store(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db")
    store.runs.create(a_run())

    def work(thread: int) -> int:
        added = 0
        for start in range(0, 100, 20):
            added += store.runs.append(results(f"case-{thread}", range(start, start + 20)))
            assert len(list(store.runs.results("run", case=f"case-{thread}"))) == start + 20
        return added

    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(work, range(8)))

    assert added == [100] * 8
    assert store.runs.load("run").unmeasured == 800
    store.close()


def test_of_threads_that_write_the_same_each_record_is_new_to_one_of_them(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db")
    store.runs.create(a_run())
    traces = [a_trace([("look", n)], seed=str(n)) for n in range(60)]

    def work(_: int) -> tuple[int, int]:
        return store.runs.append(results("case", range(60))), store.traces.append(traces)

    with ThreadPoolExecutor(4) as pool:
        counted = list(pool.map(work, range(4)))

    assert [sum(counts) for counts in zip(*counted, strict=True)] == [60, 60]
    store.close()


def test_a_name_that_two_threads_want_goes_to_one(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db")

    def create(_: int) -> bool:
        try:
            store.runs.create(a_run())
        except DuplicateName:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(8))) == 1
    store.close()


def test_an_older_store_opened_by_several_at_once_is_upgraded_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.db"
    open_store(path).close()
    shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    later = f"{int(schema.HEAD) + 1:04}"
    (tmp_path / "migrations" / "versions" / f"{later}_next.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision, down_revision = '{later}', '{schema.HEAD}'\n"
        "def upgrade():\n    op.create_table('extra', sa.Column('id', sa.Integer))\n"
    )
    monkeypatch.setattr(schema, "MIGRATIONS", tmp_path / "migrations")
    monkeypatch.setattr(schema, "HEAD", later)

    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: open_store(path), range(6)))

    assert {store.stats().schema for store in opened} == {later}
    for store in opened:
        store.close()


def test_an_abandoned_reader_does_not_keep_the_log_from_being_folded_in(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db")
    store.runs.create(a_run())
    store.runs.append(results("case", range(400)))
    abandoned = store.runs.results("run")
    next(abandoned)

    with store.database.raw() as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    assert busy == 0
    store.close()
