"""The loop at a glance: traffic, findings, suites, runs, and what waits for a person."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from roadworthy.app.app import App
from roadworthy.app.reviewing.needs import waiting_reviews
from roadworthy.app.run_list import RunLine, RunQuery, list_runs
from roadworthy.app.run_state import CUT_SHORT
from roadworthy.app.suite_detail import SuiteOverview, list_suite_overviews
from roadworthy.records.calibration import Calibration, Standing
from roadworthy.records.case import Kind
from roadworthy.records.decision import Verdict
from roadworthy.records.finding import Finding
from roadworthy.records.record import Record
from roadworthy.records.run import RunOrigin, RunState
from roadworthy.records.trace_query import TraceQuery
from roadworthy.records.trace_summary import TraceSummary

FLAGGED_SHOWN: Final = 8
RUNS_SHOWN: Final = 6
RESUMABLE: Final = (RunState.INTERRUPTED.value, RunState.STOPPED_BY_BUDGET.value, CUT_SHORT)

NeedSort: TypeAlias = Literal[
    "interrupted", "unmeasured", "candidate", "broken_file", "review", "drifted"
]


class FlaggedTrace(Record, frozen=True, kw_only=True):
    """A trace with its worst finding."""

    trace: TraceSummary
    worst: Finding
    findings: int


class Need(Record, frozen=True, kw_only=True):
    """Something that only a person can move on."""

    sort: NeedSort
    suite: str
    why: str
    run: str | None = None
    case: str | None = None
    command: str | None = None  # what to type


class Overview(Record, frozen=True, kw_only=True):
    """Everything on Home but the traffic."""

    suites: tuple[SuiteOverview, ...]
    runs: tuple[RunLine, ...]  # running ones first, then newest first
    flagged: tuple[FlaggedTrace, ...]  # newest first
    needs: tuple[Need, ...]
    is_empty: bool  # no trace, no run, no suite


def overview(app: App) -> Overview:
    """Read what Home shows."""
    suites = list_suite_overviews(app)
    runs = list_runs(app, RunQuery(), size=RUNS_SHOWN).lines
    anything = bool(suites or runs) or bool(app.store.traces.search(TraceQuery(), limit=1).rows)
    return Overview(
        suites=tuple(suites),
        runs=tuple(runs),
        flagged=tuple(_flagged(app)) if anything else (),
        needs=(*_drifted(app), *_needs(suites, runs), *_reviews(app, runs)),
        is_empty=not anything,
    )


def _flagged(app: App) -> Iterator[FlaggedTrace]:
    rows = app.store.traces.search(TraceQuery(finding="any"), limit=FLAGGED_SHOWN).rows
    found = app.store.findings.of_traces([row.id for row in rows])
    for row in rows:
        if seen := found.get(row.id):
            yield FlaggedTrace(trace=row, worst=seen.worst, findings=seen.count)


def _needs(suites: Sequence[SuiteOverview], runs: Sequence[RunLine]) -> Iterator[Need]:
    for line in runs:
        run = line.row.run
        if line.state in RESUMABLE and run.origin is not RunOrigin.IMPORTED:
            left = run.planned_trials - line.made
            yield Need(
                sort="interrupted",
                suite=run.suite,
                run=run.id,
                why=f"{left} of {run.planned_trials} trials are still to be made",
                command=f"roadworthy eval resume {run.id}",
            )
    for suite in suites:
        yield from _needs_of(suite)


def _needs_of(suite: SuiteOverview) -> Iterator[Need]:
    if suite.errors:
        why = f"{_counted(suite.errors, 'error')} in its files"
        yield Need(sort="broken_file", suite=suite.name, why=why, command="roadworthy suite lint")
    if suite.decision is not None and suite.decision.verdict is Verdict.UNMEASURED:
        why = suite.decision.reasons[0].why if suite.decision.reasons else "nothing was measured"
        run = None if suite.judged is None else suite.judged.row.run.id
        yield Need(sort="unmeasured", suite=suite.name, run=run, why=why)
    for one in suite.cases:
        if one.case.kind is Kind.CANDIDATE:
            yield Need(
                sort="candidate",
                suite=suite.name,
                case=one.case.id,
                why=one.case.title or "a candidate",
                command=f"roadworthy case verify {one.case.id} --red TARGET --green TARGET",
            )


def _drifted(app: App) -> Iterator[Need]:
    """Judges that have changed since they were calibrated: they gate nothing until then."""
    newest: dict[tuple[str, str], Calibration] = {}
    for one in app.store.calibrations.list():
        newest.setdefault((one.instrument, one.domain), one)
    for one in newest.values():
        if one.standing is Standing.DRIFTED:
            why = one.reasons[0] if one.reasons else "the judge has drifted"
            command = f"roadworthy judge calibrate --question {one.rubric} --suite {one.domain}"
            yield Need(sort="drifted", suite=one.domain, why=why, command=command)


def _reviews(app: App, runs: Sequence[RunLine]) -> Iterator[Need]:
    for one in waiting_reviews(app, [line.row.run for line in runs]):
        yield Need(sort="review", suite=one.suite, why=one.why, command=one.command)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
