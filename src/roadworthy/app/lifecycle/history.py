"""What the store knows of the cases of a suite, as the rules of graduation want it.

Only runs count in which a case was asked what it is asked today, by the digest, and that came
after the last change of its kind: a case starts anew with each. Trials whose verdict hangs on a
judge that may not gate are unmeasured here as they are for a gate.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from roadworthy.app.app import App
from roadworthy.app.evidence_cache import evidence_of
from roadworthy.gate.graduation_evidence import HORIZON, RunCounts
from roadworthy.records.evidence import CaseEvidence
from roadworthy.records.run import RunPurpose, RunState
from roadworthy.store.ports import RunRow
from roadworthy.suite.read_case import ReadCase

_ROWS_READ: Final = 3 * HORIZON  # runs that prove a case are among them


class Past(NamedTuple):
    """Runs of a case, oldest first; `whole` if the store holds none further back."""

    runs: tuple[RunCounts, ...] = ()
    whole: bool = True


def pasts(app: App, suite: str, cases: Iterable[ReadCase]) -> dict[str, Past]:
    """The past of each case by its id, from the last `HORIZON` runs of the suite."""
    rows = app.store.runs.list(suite=suite, limit=_ROWS_READ)
    made = [row for row in rows if _counts(row)]
    kept = made[:HORIZON][::-1]
    measured = [{one.case: one for one in evidence_of(app, row).cases} for row in kept]
    everything = len(made) <= HORIZON and len(rows) < _ROWS_READ
    return {case.case.id: _past(case, kept, measured, everything=everything) for case in cases}


def changed_at(case: ReadCase) -> float:
    """When the case last changed its kind, seconds since 1970, UTC; 0: not known."""
    for entry in reversed(case.file.history):
        try:
            moment = datetime.fromisoformat(entry.at)
        except ValueError:
            continue  # written by hand
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return 0.0


def _counts(row: RunRow) -> bool:
    return row.run.purpose is RunPurpose.EVALUATE and row.state is not RunState.RUNNING


def _past(
    case: ReadCase,
    rows: Sequence[RunRow],
    measured: Sequence[dict[str, CaseEvidence]],
    *,
    everything: bool,
) -> Past:
    since = changed_at(case)
    runs = tuple(
        _run_counts(row, found)
        for row, by_case in zip(rows, measured, strict=True)
        if (found := by_case.get(case.case.id)) is not None
        and found.digest == case.case.digest
        and row.run.started_at >= since
    )
    began_within = bool(rows and runs) and runs[0].run != rows[0].run.id
    return Past(runs, everything or began_within)


def _run_counts(row: RunRow, found: CaseEvidence) -> RunCounts:
    return RunCounts(
        run=row.run.id,
        started_at=row.run.started_at,
        version=row.run.fingerprint.digest,
        passed=found.passed,
        failed=found.failed,
        unmeasured=found.unmeasured,
    )
