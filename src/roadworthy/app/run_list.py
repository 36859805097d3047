"""Runs as a list: filtered, page by page, with the rate of each."""

from roadworthy.app.app import App
from roadworthy.app.evidence_cache import evidence_of
from roadworthy.app.run_state import GOES_ON, shown_state
from roadworthy.app.verdicts import check_gate
from roadworthy.gate.rates import pass_rate
from roadworthy.gate.trust import as_read
from roadworthy.records.decision import Rate, Verdict
from roadworthy.records.record import Record
from roadworthy.records.run import RunState
from roadworthy.store.ports import RunRow

LEVEL = 0.95
PAGE = 25
SCANNED = 2000  # runs looked through for a filter; older ones are not offered


class RunQuery(Record, frozen=True, kw_only=True):
    """Which runs, and which page of them, from 1."""

    suite: str | None = None
    state: RunState | None = None
    page: int = 1


class RunLine(Record, frozen=True, kw_only=True):
    """One run of the list."""

    row: RunRow
    state: str  # `shown_state`
    rate: Rate
    verdict: Verdict | None  # by its own tiers; None while it goes on
    findings: int

    @property
    def made(self) -> int:
        """Trials with a result."""
        return self.row.passed + self.row.failed + self.row.unmeasured

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to end; `None` while it runs, and for what was imported."""
        ended = self.row.ended_at
        imported = self.row.run.origin.value == "imported"
        return None if ended is None or imported else max(0.0, ended - self.row.run.started_at)


class RunPage(Record, frozen=True, kw_only=True):
    """A page of runs: those that run stand first."""

    lines: tuple[RunLine, ...]
    has_more: bool
    suites: tuple[str, ...]


def list_runs(app: App, query: RunQuery, *, size: int = PAGE) -> RunPage:
    """The page that was asked for, of `size` runs; running runs come before all others."""
    known = app.store.runs.list(limit=SCANNED)
    suites = sorted({row.run.suite for row in known})
    rows = [
        row
        for row in known
        if (query.suite is None or row.run.suite == query.suite)
        and (query.state is None or row.state is query.state)
    ]
    rows.sort(key=lambda row: row.state is not RunState.RUNNING)  # stable: newest stay first
    start = (query.page - 1) * size
    shown = rows[start : start + size]
    return RunPage(
        lines=tuple(run_line(app, row) for row in shown),
        has_more=len(rows) > start + size,
        suites=tuple(suites),
    )


def run_line(app: App, row: RunRow) -> RunLine:
    """A run with its rate, its verdict and how many findings its traces have."""
    found = app.store.findings.counts(run=row.run.id)
    measured, state = evidence_of(app, row), shown_state(app, row)
    verdict = None
    if state != GOES_ON:
        verdict = check_gate(app, measured, against=None, fail_under=None).verdict
    return RunLine(
        row=row,
        state=state,
        rate=pass_rate(as_read(measured).cases, level=LEVEL),
        verdict=verdict,
        findings=sum(sum(each.values()) for each in found.values()),
    )
