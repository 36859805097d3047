"""How SQLite finds gradings and labels: by an index, however large the store has grown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from roadworthy.records.grading import Grading
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.ports import PruneRule
from roadworthy.store.sql import SqlStore, open_store
from roadworthy.store.sql.graded_rows import _FIND
from roadworthy.testing import a_run, a_trial

ASKS: dict[str, Callable[[SqlStore], object]] = {
    "graded": lambda store: store.runs.graded("run", 1),
    "counts": lambda store: store.runs.load("run"),
    "results": lambda store: list(store.runs.results("run", case="case")),
    "history": lambda store: store.runs.case_history("suite", "case"),
    "labels of a question": lambda store: store.labels.list(question="tone", domain="refunds"),
    "labels of a domain": lambda store: store.labels.list(domain="refunds"),
    "labels of an item": lambda store: store.labels.list(items=["run/case/0"]),
    "calibration": lambda store: store.calibrations.newest("tone@1 m:x", "refunds"),
    "judgement": lambda store: store.judgements.of(["k"]),
}


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    store = open_store(tmp_path / "store.db")
    store.runs.create(a_run())
    store.runs.append([TrialResult(trial=a_trial(None), readings=())])
    store.runs.begin_grading(Grading(run="run", number=1, started_at=1.0, cases=()))
    store.runs.finish_grading("run", 1, at=2.0)
    return store


def plans(store: SqlStore, ask: Callable[[SqlStore], object]) -> list[str]:
    """How each SELECT that is asked meanwhile goes about it."""
    found: list[str] = []

    def explain(
        connection: Connection, _: object, statement: str, values: Any, *__: object
    ) -> None:
        if statement.startswith("SELECT"):
            driver = connection.connection.cursor()
            driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            found.extend(row[3] for row in driver.fetchall())

    engine = store.database._engine
    event.listen(engine, "before_cursor_execute", explain)
    ask(store)
    event.remove(engine, "before_cursor_execute", explain)
    return found


@pytest.mark.parametrize("name", ASKS)
def test_no_table_is_read_from_end_to_end(store: SqlStore, name: str) -> None:
    steps = plans(store, ASKS[name])

    assert steps
    assert not [step for step in steps if step.startswith("SCAN")]
    store.close()


def test_a_trial_to_grade_is_looked_up_by_itself(store: SqlStore) -> None:
    with store.database.raw() as connection:
        steps = connection.execute(f"EXPLAIN QUERY PLAN {_FIND}", (1, 1, "case", 0)).fetchall()

    assert "(run=? AND case_id=? AND repeat=?)" in steps[0][3]
    store.close()


def test_whether_a_label_keeps_a_trace_is_asked_of_an_index(store: SqlStore) -> None:
    steps = plans(store, lambda store: store.prune(PruneRule(before=1.0)))

    assert [step for step in steps if "labels" in step] == [
        "SEARCH labels USING INDEX ix_labels_trace (trace=?)"
    ]
    store.close()
