"""How runs and cases did, counted by the verdicts of the grading in force.

Trials keep the verdict that they got as they ran. Once a later grading is in force, its verdicts
count instead, and a trial that it has not read is unmeasured.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Executable,
    Integer,
    Row,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
)

from roadworthy.base.codec import decode
from roadworthy.records.reading import TrialVerdict
from roadworthy.records.run import Run, RunState
from roadworthy.store.grading_refusals import AS_IT_RAN
from roadworthy.store.ports import CaseResult, RunRow
from roadworthy.store.sql.gradings import GradingRow, gradings_in_force
from roadworthy.store.sql.tables import graded_trials, gradings, runs, trials

_counts = (
    select(trials.c.run, trials.c.verdict, func.count())
    .where(trials.c.run.in_(bindparam("keys", expanding=True)))
    .group_by(trials.c.run, trials.c.verdict)
)
_graded_counts = (
    select(graded_trials.c.grading, graded_trials.c.verdict, func.count())
    .where(graded_trials.c.grading.in_(bindparam("keys", expanding=True)))
    .group_by(graded_trials.c.grading, graded_trials.c.verdict)
)
_in_force = (
    select(gradings.c.id)
    .where(gradings.c.run == runs.c.id, gradings.c.finished_at.is_not(None))
    .order_by(gradings.c.number.desc())
    .limit(1)
    .correlate(runs)
    .scalar_subquery()
)
_verdict = case(
    (gradings.c.id.is_(None), trials.c.verdict),
    else_=func.coalesce(graded_trials.c.verdict, literal(TrialVerdict.UNMEASURED.value)),
)
_history = (
    select(
        runs.c.data,
        *(
            func.sum(cast(_verdict == verdict.value, Integer)).label(verdict.value)
            for verdict in (TrialVerdict.PASSED, TrialVerdict.FAILED, TrialVerdict.UNMEASURED)
        ),
    )
    .join(trials, (trials.c.run == runs.c.id) & (trials.c.case_id == bindparam("case")))
    .outerjoin(gradings, gradings.c.id == _in_force)
    .outerjoin(
        graded_trials,
        (graded_trials.c.trial == trials.c.id) & (graded_trials.c.grading == gradings.c.id),
    )
    .where(runs.c.suite == bindparam("suite"))
    .group_by(runs.c.started_at, runs.c.id)
    .order_by(runs.c.started_at.desc(), runs.c.id.desc())
    .limit(bindparam("limit"))
)
_NONE: Final[dict[str, int]] = {}


def with_counts(connection: Connection, rows: Sequence[Row[Any]]) -> list[RunRow]:
    """Rows of `runs` with the counts of each."""
    keys = [row.id for row in rows]
    as_run = _by_verdict(connection, _counts, keys)
    in_force = gradings_in_force(connection, keys)
    graded = _by_verdict(connection, _graded_counts, [one.id for one in in_force.values()])
    return [_run_row(row, as_run.get(row.id, _NONE), in_force.get(row.id), graded) for row in rows]


def case_results(
    connection: Connection, suite: str, case_id: str, *, limit: int
) -> list[CaseResult]:
    """The last runs of a suite in which the case has a trial, newest first."""
    values = {"suite": suite, "case": case_id, "limit": max(limit, 0)}
    return [_case_result(row) for row in connection.execute(_history, values)]


def _by_verdict(
    connection: Connection, counting: Executable, keys: Sequence[int]
) -> dict[int, dict[str, int]]:
    counts: dict[int, dict[str, int]] = {}
    if keys:
        for key, verdict, count in connection.execute(counting, {"keys": keys}):
            counts.setdefault(key, {})[verdict] = count
    return counts


def _run_row(
    row: Row[Any],
    as_run: dict[str, int],
    in_force: GradingRow | None,
    graded: dict[int, dict[str, int]],
) -> RunRow:
    counts = as_run if in_force is None else graded.get(in_force.id, _NONE)
    passed, failed = counts.get(TrialVerdict.PASSED, 0), counts.get(TrialVerdict.FAILED, 0)
    return RunRow(
        run=decode(Run, row.data),
        state=RunState(row.state),
        ended_at=row.ended_at,
        passed=passed,
        failed=failed,
        unmeasured=sum(as_run.values()) - passed - failed,
        grading=AS_IT_RAN if in_force is None else in_force.number,
    )


def _case_result(row: Row[Any]) -> CaseResult:
    run = decode(Run, row.data)
    return CaseResult(
        run=run.id,
        started_at=run.started_at,
        version=run.fingerprint.version,
        passed=row.passed,
        failed=row.failed,
        unmeasured=row.unmeasured,
    )
