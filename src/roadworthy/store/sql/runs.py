"""Runs in SQL, with the trials and readings that they gather."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import delete, insert, select, update

from roadworthy.base.codec import decode
from roadworthy.base.errors import BadRequest, DuplicateName
from roadworthy.records.finding import Finding
from roadworthy.records.grading import Grading
from roadworthy.records.reading import TrialReading
from roadworthy.records.run import Run, RunOrigin, RunState
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.encoding import encoded
from roadworthy.store.ports import CaseResult, RunRow
from roadworthy.store.sql.engine import Database
from roadworthy.store.sql.findings import add_findings, finding_rows
from roadworthy.store.sql.gradings import SqlGradings, chosen_grading
from roadworthy.store.sql.result_pages import result_pages
from roadworthy.store.sql.run_counts import case_results, with_counts
from roadworthy.store.sql.run_keys import no_such_run, run_key, run_keys
from roadworthy.store.sql.tables import runs, trials
from roadworthy.store.sql.trial_rows import TrialRows

_add_run = insert(runs).prefix_with("OR IGNORE")


class SqlRunStore:
    """See `RunStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._gradings = SqlGradings(database)

    def create(self, run: Run) -> None:
        """Write a run in state RUNNING."""
        row = {
            "run": run.id,
            "suite": run.suite,
            "state": RunState.RUNNING.value,
            "started_at": run.started_at,
            "data": encoded(run, f"run {run.id!r}"),
        }
        with self._database.write() as connection:
            if not connection.execute(_add_run, row).rowcount:
                raise DuplicateName(f"a run called {run.id!r} is there already")

    def load(self, run_id: str) -> RunRow:
        """Load one run with its counts."""
        with self._database.read() as connection:
            row = connection.execute(select(runs).where(runs.c.run == run_id)).first()
            if row is None:
                raise no_such_run(connection, run_id)
            return with_counts(connection, [row])[0]

    def list(self, *, suite: str | None = None, limit: int = 50) -> Sequence[RunRow]:
        """Newest start first."""
        newest = select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
        if suite is not None:
            newest = newest.where(runs.c.suite == suite)
        with self._database.read() as connection:
            return with_counts(connection, connection.execute(newest).all())

    def extend(self, run: Run) -> None:
        """Replace the plan of an imported run. The plan of one that we executed is fixed."""
        data = encoded(run, f"run {run.id!r}")
        with self._database.write() as connection:
            key = run_key(connection, run.id)
            kept = connection.execute(select(runs.c.data).where(runs.c.id == key)).scalar_one()
            if decode(Run, kept).origin is not RunOrigin.IMPORTED:
                raise BadRequest(
                    f"run {run.id!r} was not imported, so its plan is fixed",
                    hint="choose another name for the imported run",
                )
            connection.execute(update(runs).where(runs.c.id == key).values(data=data))

    def discard(self, run_id: str) -> None:
        """Take back a run without a trial."""
        with self._database.write() as connection:
            key = run_key(connection, run_id)
            has_trial = select(trials.c.id).where(trials.c.run == key).exists()
            connection.execute(delete(runs).where(runs.c.id == key, ~has_trial))

    def set_state(self, run_id: str, state: RunState, *, at: float) -> None:
        """Record where the run stands; a run that is running again has not ended."""
        ended_at = None if state is RunState.RUNNING else at
        with self._database.write() as connection:
            key = run_key(connection, run_id)
            change = update(runs).where(runs.c.id == key)
            connection.execute(change.values(state=state.value, ended_at=ended_at))

    def append(self, results: Sequence[TrialResult], findings: Sequence[Finding] = ()) -> int:
        """Store trials with traces, readings and findings in one transaction."""
        if not results:
            return 0
        rows, found = TrialRows(results), finding_rows(findings)
        with self._database.write() as connection:
            new = rows.write(
                connection,
                run_keys(connection, rows.runs),
                at=self._database.clock().timestamp(),
            )
            add_findings(connection, found)
            return new

    def case_history(self, suite: str, case: str, *, limit: int = 20) -> Sequence[CaseResult]:
        """The last runs of a suite in which the case has a trial, newest first."""
        with self._database.read() as connection:
            return case_results(connection, suite, case, limit=limit)

    def done(self, run_id: str) -> Collection[tuple[str, int]]:
        """The (case, repeat) pairs that have a result."""
        with self._database.read() as connection:
            key = run_key(connection, run_id)
            pairs = select(trials.c.case_id, trials.c.repeat).where(trials.c.run == key)
            return {(row.case_id, row.repeat) for row in connection.execute(pairs)}

    def results(
        self, run_id: str, *, case: str | None = None, grading: int | None = None
    ) -> Iterator[TrialResult]:
        """Stream results page by page; what is written meanwhile may appear further on."""
        with self._database.read() as connection:
            key = run_key(connection, run_id)
            chosen = chosen_grading(connection, run_id, key, grading)
        return result_pages(self._database, key, case=case, grading=chosen)

    def begin_grading(self, grading: Grading) -> None:
        """Write a grading that is about to be made."""
        self._gradings.begin(grading)

    def append_readings(
        self, run_id: str, number: int, readings: Mapping[tuple[str, int], Sequence[TrialReading]]
    ) -> int:
        """Add readings to an unfinished grading; returns how many trials were new to it."""
        return self._gradings.append(run_id, number, readings)

    def graded(self, run_id: str, number: int) -> Collection[tuple[str, int]]:
        """The (case, repeat) pairs that the grading has read already."""
        return self._gradings.graded(run_id, number)

    def finish_grading(self, run_id: str, number: int, *, at: float) -> None:
        """Put a grading in force; one that is finished stays as it is."""
        self._gradings.finish(run_id, number, at=at)

    def gradings(self, run_id: str) -> Sequence[Grading]:
        """Later gradings of the run, by number."""
        return self._gradings.list(run_id)
