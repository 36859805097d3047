"""A store of schema 0002, made by its own migrations, opened today."""

import sqlite3
from pathlib import Path

from alembic.command import upgrade
from alembic.config import Config

from roadworthy.records.grading import Grading
from roadworthy.records.label import Label
from roadworthy.records.reading import Grade, TrialReading
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.ports import PruneRule, Store
from roadworthy.store.sql import open_store, schema
from roadworthy.store.sql.engine import Database
from roadworthy.testing import a_run, a_trace, a_trial

PASSED = TrialReading(
    grader="exact", version=1, reading=Grade(passed=True, score=1.0, why="as expected")
)
FAILED = TrialReading(
    grader="exact", version=2, reading=Grade(passed=False, score=0.0, why="stricter")
)
RESULTS = [
    TrialResult(trial=a_trial([("look", n)], repeat=n), readings=(PASSED,)) for n in range(20)
]


def an_old_store(path: Path, filled: Path) -> None:
    """Make a store by the first two migrations and fill it from one of today."""
    database = Database(path)
    schema._write_ahead(database)
    with database.write() as alembic:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.attributes["connection"] = alembic
        upgrade(config, "0002")
        schema._mark(alembic)
    database.close()
    connection = sqlite3.connect(path)
    connection.execute("ATTACH ? AS filled", (str(filled),))
    tables = connection.execute(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
        " AND name <> 'alembic_version'"
    ).fetchall()
    for (table,) in tables:
        connection.execute(f"DELETE FROM main.{table}")  # an index of words begins with some rows
        connection.execute(f"INSERT INTO main.{table} SELECT * FROM filled.{table}")
    connection.commit()
    connection.close()


def filled(path: Path) -> Path:
    store = open_store(path)
    store.runs.create(a_run())
    store.runs.append(RESULTS)
    store.traces.append([a_trace(seed="labelled"), a_trace(seed="gone")])
    store.close()
    return path


def upgraded(tmp_path: Path) -> Store:
    an_old_store(tmp_path / "old.db", filled(tmp_path / "new.db"))
    return open_store(tmp_path / "old.db")


def told(store: Store) -> list[tuple[int, tuple[TrialReading, ...]]]:
    return [(one.trial.repeat, one.readings) for one in store.runs.results("run")]


def test_a_store_of_0002_holds_what_it_held_and_its_readings_are_grading_0(tmp_path: Path) -> None:
    store = upgraded(tmp_path)

    assert store.stats().schema == schema.HEAD
    assert told(store) == [(n, (PASSED,)) for n in range(20)]
    row = store.runs.load("run")
    assert (row.grading, row.passed, list(store.runs.gradings("run"))) == (0, 20, [])
    store.close()


def test_a_run_of_0002_is_graded_again_and_what_is_labelled_stays(tmp_path: Path) -> None:
    store = upgraded(tmp_path)
    labelled = a_trace(seed="labelled").id

    store.runs.begin_grading(Grading(run="run", number=1, started_at=1.0, cases=()))
    store.runs.append_readings("run", 1, {("case", n): [FAILED] for n in range(15)})
    store.runs.finish_grading("run", 1, at=2.0)
    store.labels.add([Label(id="l", item="i", question="tone", annotator="ann", trace_id=labelled)])

    row = store.runs.load("run")
    assert (row.grading, row.passed, row.failed, row.unmeasured) == (1, 0, 15, 5)
    assert [one.readings for one in store.runs.results("run", grading=0)] == [(PASSED,)] * 20
    assert store.prune(PruneRule(before=1e12)) == 1
    assert labelled in set(store.traces.ids())
    store.close()


def test_the_old_and_the_new_store_have_the_same_tables(tmp_path: Path) -> None:
    upgraded(tmp_path).close()

    def tables(path: Path) -> list[tuple[str, str]]:
        connection = sqlite3.connect(path)
        found = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        connection.close()
        return found

    assert tables(tmp_path / "old.db") == tables(tmp_path / "new.db")
