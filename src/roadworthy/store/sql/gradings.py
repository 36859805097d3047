"""Later gradings in SQL: what other graders found on trials that were made before.

A grading is put in force by a column of its own row, in one write however many trials it read;
which one that is, is asked for when counts and readings are told.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, insert, select, update

from roadworthy.base.codec import decode
from roadworthy.records.grading import Grading
from roadworthy.records.reading import TrialReading
from roadworthy.store.encoding import encoded_readably
from roadworthy.store.grading_refusals import (
    AS_IT_RAN,
    check_beginning,
    finished_grading,
    taken_grading,
    unknown_grading,
)
from roadworthy.store.sql.engine import Database
from roadworthy.store.sql.graded_rows import GradedRows
from roadworthy.store.sql.run_keys import run_key
from roadworthy.store.sql.tables import graded_trials, gradings, trials

_add = insert(gradings).prefix_with("OR IGNORE")
_one = select(gradings.c.id, gradings.c.number, gradings.c.finished_at).where(
    gradings.c.run == bindparam("key"), gradings.c.number == bindparam("wanted")
)
_of_run = (
    select(gradings.c.number, gradings.c.finished_at, gradings.c.data)
    .where(gradings.c.run == bindparam("key"))
    .order_by(gradings.c.number)
)
_finished = (
    select(gradings.c.run, gradings.c.id, gradings.c.number, gradings.c.finished_at)
    .where(
        gradings.c.run.in_(bindparam("keys", expanding=True)), gradings.c.finished_at.is_not(None)
    )
    .order_by(gradings.c.run, gradings.c.number)
)
_graded = (
    select(trials.c.case_id, trials.c.repeat)
    .join(graded_trials, graded_trials.c.trial == trials.c.id)
    .where(graded_trials.c.grading == bindparam("grading"))
)
_finish = (
    update(gradings)
    .where(gradings.c.id == bindparam("grading"), gradings.c.finished_at.is_(None))
    .values(finished_at=bindparam("at"))
)


class GradingRow(NamedTuple):
    """A row of `gradings`, without what it planned."""

    id: int
    number: int
    finished_at: float | None


class SqlGradings:
    """The part of `RunStore` that grades again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, grading: Grading) -> None:
        """Write a grading that is about to be made."""
        check_beginning(grading)
        data = encoded_readably(grading, f"grading {grading.number} of run {grading.run!r}")
        with self._database.write() as connection:
            key = run_key(connection, grading.run)
            row = {"run": key, "number": grading.number, "data": data}
            if not connection.execute(_add, row).rowcount:
                raise taken_grading(grading.run, grading.number)

    def append(
        self, run_id: str, number: int, readings: Mapping[tuple[str, int], Sequence[TrialReading]]
    ) -> int:
        """Add readings, all or none; returns how many trials were new to the grading."""
        rows = GradedRows(readings)
        with self._database.write() as connection:
            key = run_key(connection, run_id)
            grading = _grading(connection, run_id, key, number)
            if grading.finished_at is not None:
                raise finished_grading(run_id, number)
            return rows.write(connection, run_id, key, grading.id)

    def graded(self, run_id: str, number: int) -> Collection[tuple[str, int]]:
        """The (case, repeat) pairs that the grading has read already."""
        with self._database.read() as connection:
            grading = _grading(connection, run_id, run_key(connection, run_id), number)
            pairs = connection.execute(_graded, {"grading": grading.id})
            return {(row.case_id, row.repeat) for row in pairs}

    def finish(self, run_id: str, number: int, *, at: float) -> None:
        """Put a grading in force; one that is finished stays as it is."""
        with self._database.write() as connection:
            grading = _grading(connection, run_id, run_key(connection, run_id), number)
            connection.execute(_finish, {"grading": grading.id, "at": at})

    def list(self, run_id: str) -> Sequence[Grading]:
        """Later gradings of the run, by number."""
        with self._database.read() as connection:
            rows = connection.execute(_of_run, {"key": run_key(connection, run_id)})
            return [replace(decode(Grading, row.data), finished_at=row.finished_at) for row in rows]


def gradings_in_force(connection: Connection, keys: Collection[int]) -> dict[int, GradingRow]:
    """The grading in force of each run, by the run's row; runs that only have 0 are absent."""
    rows = connection.execute(_finished, {"keys": list(keys)})
    return {row.run: GradingRow(*row[1:]) for row in rows}  # the highest number comes last


def chosen_grading(connection: Connection, run_id: str, key: int, number: int | None) -> int | None:
    """The row of the grading whose readings are asked for; `None` for those made as the run went.

    Raises:
        UnknownName: the run has no grading of this number.
    """
    if number == AS_IT_RAN:
        return None
    if number is not None:
        return _grading(connection, run_id, key, number).id
    in_force = gradings_in_force(connection, [key]).get(key)
    return None if in_force is None else in_force.id


def _grading(connection: Connection, run_id: str, key: int, number: int) -> GradingRow:
    found = connection.execute(_one, {"key": key, "wanted": number}).first()
    if found is None:
        known = connection.execute(_of_run, {"key": key}).scalars().all()
        raise unknown_grading(run_id, number, known)
    return GradingRow(*found)
