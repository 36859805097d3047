"""Streaming the results of a run, page by page: no transaction stays open between pages."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, tuple_

from roadworthy.base.codec import decode
from roadworthy.records.reading import TrialReading
from roadworthy.records.trial import Trial
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.sql.engine import Database
from roadworthy.store.sql.tables import graded_readings, readings, trials

_PAGE: Final = 250  # results per read

_of_run = (
    select(trials.c.id, trials.c.case_id, trials.c.repeat, trials.c.data)
    .where(trials.c.run == bindparam("key"))
    .order_by(trials.c.case_id, trials.c.repeat)
    .limit(_PAGE)
)
_of_case = _of_run.where(trials.c.case_id == bindparam("case"))
_place = tuple_(trials.c.case_id, trials.c.repeat)
_readings = (
    select(readings.c.trial, readings.c.data)
    .where(readings.c.trial.in_(bindparam("trials", expanding=True)))
    .order_by(readings.c.trial, readings.c.position)
)
_graded = (
    select(graded_readings.c.trial, graded_readings.c.data)
    .where(
        graded_readings.c.trial.in_(bindparam("trials", expanding=True)),
        graded_readings.c.grading == bindparam("grading"),
    )
    .order_by(graded_readings.c.trial, graded_readings.c.position)
)


def result_pages(
    database: Database, run: int, *, case: str | None, grading: int | None
) -> Iterator[TrialResult]:
    """Results of the row `run` of runs, with the readings of the row `grading` of gradings.

    Without `grading`, they are those that were made as the run went. What is written meanwhile
    may appear further on; a slow reader never holds the log back.
    """
    values: dict[str, Any] = {"key": run} if case is None else {"key": run, "case": case}
    first = page = _of_run if case is None else _of_case
    while True:
        with database.read() as connection:
            rows = connection.execute(page, values).all()
            found = _readings_of(connection, [row.id for row in rows], grading)
        for row in rows:
            trial = decode(Trial, row.data)
            yield TrialResult(trial=trial, readings=tuple(found.get(row.id, ())))
        if len(rows) < _PAGE:
            return
        page = first.where(_place > tuple_(bindparam("last_case"), bindparam("last_repeat")))
        values |= {"last_case": rows[-1].case_id, "last_repeat": rows[-1].repeat}


def _readings_of(
    connection: Connection, trials_read: Sequence[int], grading: int | None
) -> dict[int, list[TrialReading]]:
    values: dict[str, Any] = {"trials": trials_read}
    asked = _readings
    if grading is not None:
        asked, values["grading"] = _graded, grading
    found: dict[int, list[TrialReading]] = {}
    for row in connection.execute(asked, values):
        found.setdefault(row.trial, []).append(decode(TrialReading, row.data))
    return found
