"""What a later grading found, as rows: those of trials that were written before."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from sqlalchemy import Connection

from roadworthy.records.reading import TrialReading, trial_verdict
from roadworthy.store.grading_refusals import unknown_trial
from roadworthy.store.sql.insertion import Insertion, Values
from roadworthy.store.sql.tables import graded_readings, graded_trials
from roadworthy.store.sql.trial_rows import READING_COLUMNS, reading_rows

Place: TypeAlias = tuple[str, int]
"""A trial of a run: case and repeat."""

_add_trials = Insertion(graded_trials, ("trial", "grading", "verdict"))
_add_readings = Insertion(graded_readings, ("trial", "grading", *READING_COLUMNS))
_FIND: Final = (
    "SELECT trials.id, graded_trials.verdict FROM trials LEFT JOIN graded_trials "
    "ON graded_trials.trial = trials.id AND graded_trials.grading = ? "
    "WHERE trials.run = ? AND trials.case_id = ? AND trials.repeat = ?"
)
"""Asked of the driver, once a trial: with a list of them SQLite would go through the whole run."""


class GradedRows:
    """Readings encoded before the write lock is taken, and written under it.

    Raises:
        InvalidRecord: a reading that JSON cannot hold.
    """

    def __init__(self, readings: Mapping[Place, Sequence[TrialReading]]) -> None:
        self._verdicts = {
            place: trial_verdict(tuple(found)).value for place, found in readings.items()
        }
        self._readings = {place: reading_rows(found) for place, found in readings.items()}

    def write(self, connection: Connection, run_id: str, run: int, grading: int) -> int:
        """Insert what the grading has not read yet; returns how many trials that were.

        Raises:
            UnknownName: a reading is of a trial that the run does not have.
        """
        new = sorted(self._new(connection, run_id, run, grading))
        _add_trials.write(
            connection, [(trial, grading, self._verdicts[place]) for trial, place in new]
        )
        rows: list[Values] = [
            (trial, grading, *reading) for trial, place in new for reading in self._readings[place]
        ]
        _add_readings.write(connection, rows)
        return len(new)

    def _new(
        self, connection: Connection, run_id: str, run: int, grading: int
    ) -> Iterator[tuple[int, Place]]:
        """Rows of the trials that the grading has not read yet, each with its place."""
        cursor = connection.connection.cursor()
        for place in self._verdicts:
            cursor.execute(_FIND, (grading, run, *place))
            found = cursor.fetchone()
            if found is None:
                raise unknown_trial(run_id, *place)
            trial, verdict = found
            if verdict is None:
                yield trial, place
