"""Trials and readings as rows: the path that every trial of every run takes."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from roadworthy.records.reading import Grade, TrialReading
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.admission import without_trace
from roadworthy.store.encoding import encoded
from roadworthy.store.sql.insertion import Insertion, Values
from roadworthy.store.sql.tables import readings, trials
from roadworthy.store.sql.trace_rows import TraceRows

_add_trials = Insertion(
    trials, ("id", "run", "case_id", "repeat", "verdict", "trace", "data"), verb="OR IGNORE"
)
READING_COLUMNS: Final = (
    *("position", "grader", "version", "options"),
    *("required", "passed", "score", "data"),
)
_add_readings = Insertion(readings, ("trial", *READING_COLUMNS))
_last_id = select(func.coalesce(func.max(trials.c.id), 0))
_added = select(trials.c.id).where(trials.c.id >= bindparam("first"))


class TrialRows:
    """Results encoded before the write lock is taken, and written under it.

    Raises:
        InvalidRecord: a result that JSON cannot hold, or whose trace has another id.
    """

    def __init__(self, results: Sequence[TrialResult]) -> None:
        self.runs = {result.trial.run for result in results}
        self._results = results
        self._trials = [_trial_row(result) for result in results]
        self._readings = [reading_rows(result.readings) for result in results]
        self._traces = TraceRows(
            result.trial.trace for result in results if result.trial.trace is not None
        )

    def write(self, connection: Connection, run_keys: Mapping[str, int], *, at: float) -> int:
        """Insert the trials that are not there yet with all that is theirs; returns how many."""
        first = connection.execute(_last_id).scalar_one() + 1
        rows = [
            (first + place, run_keys[self._results[place].trial.run], *row)
            for place, row in enumerate(self._trials)
        ]
        written = _add_trials.write(connection, rows)
        places: Sequence[int] = range(len(self._trials))
        if written < len(self._trials):
            ids = connection.execute(_added, {"first": first}).scalars()
            places = [found - first for found in ids]
        self._write_theirs(connection, first, places, at=at)
        return written

    def _write_theirs(
        self, connection: Connection, first: int, places: Sequence[int], *, at: float
    ) -> None:
        _add_readings.write(
            connection,
            [(first + place, *reading) for place in places for reading in self._readings[place]],
        )
        traces = [self._results[place].trial.trace for place in places]
        only = {trace.id for trace in traces if trace is not None}
        self._traces.write(connection, at=at, only=only)


def _trial_row(result: TrialResult) -> Values:
    trial = without_trace(result.trial)
    return (
        trial.case,
        trial.repeat,
        result.verdict.value,
        trial.trace_id,
        encoded(trial, f"trial {trial.repeat} of case {trial.case!r}"),
    )


def reading_rows(found: Sequence[TrialReading]) -> list[Values]:
    """The readings of one trial, in order, as `READING_COLUMNS`.

    Raises:
        InvalidRecord: a reading that JSON cannot hold.
    """
    return [_reading_row(entry, place) for place, entry in enumerate(found)]


def _reading_row(entry: TrialReading, position: int) -> Values:
    grade = entry.reading if isinstance(entry.reading, Grade) else None
    return (
        position,
        entry.grader,
        entry.version,
        entry.options,
        entry.required,
        None if grade is None else grade.passed,
        None if grade is None else grade.score,
        encoded(entry, f"a reading of {entry.grader!r}"),
    )
