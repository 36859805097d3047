"""What the rest of Roadworthy asks of a store. Sync: callers choose the thread.

Every `append`, `add` and `create` is one transaction, durable when it returns, and harmless
when done twice with the same record. Reads see every write that returned before them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from roadworthy.records.api_key import ApiKey
from roadworthy.records.baseline import Baseline
from roadworthy.records.finding import Finding, Severity
from roadworthy.records.grading import Grading
from roadworthy.records.reading import TrialReading
from roadworthy.records.record import Record
from roadworthy.records.run import Run, RunState
from roadworthy.records.trace import Trace
from roadworthy.records.trace_query import TracePage, TraceQuery
from roadworthy.records.trace_summary import TraceSummary
from roadworthy.records.traffic import TrafficStep
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.judging_ports import CalibrationStore, JudgementStore, LabelStore


class RunRow(Record, frozen=True, kw_only=True):
    """One line of `eval list`. `unmeasured` are written trials without a verdict."""

    run: Run
    state: RunState
    ended_at: float | None  # seconds since 1970, UTC; None while it runs
    passed: int
    failed: int
    unmeasured: int
    grading: int = 0  # number of the grading in force: counts of another are no change of the run


class StoreStats(Record, frozen=True, kw_only=True):
    """What `db stats` prints."""

    location: str
    schema: str  # revision of the schema
    bytes: int
    rows: dict[str, int]  # table → rows


class CaseResult(Record, frozen=True, kw_only=True):
    """How one case did in one run; `unmeasured` are trials without a verdict."""

    run: str
    started_at: float  # of the run, seconds since 1970, UTC
    version: str  # of the agent
    passed: int
    failed: int
    unmeasured: int


class TraceFindings(Record, frozen=True, kw_only=True):
    """What was found on one trace; of equally bad findings, `worst` is the one stored first."""

    worst: Finding
    count: int


class TraceStore(Protocol):
    """Traces, with their bodies stored once by content."""

    def append(self, traces: Sequence[Trace]) -> int:
        """Store `traces`; returns how many were new. A known id is left as it is."""

    def extend(self, parts: Sequence[Trace]) -> int:
        """Add spans to traces, new or known, in one transaction; returns how many were new.

        A part holds some spans of its trace, in any order, over any number of calls. A span id
        that the trace has already stays as it is. What a part knows of the whole (name, session,
        version, stop, outcome, attributes) is taken where the trace did not know it yet.
        """

    def search(self, query: TraceQuery, *, cursor: str | None = None, limit: int = 50) -> TracePage:
        """Last stored first, page by page, at most 500 a page.

        A trace keeps its place when spans are added to it, so paging shows each trace once.
        Raises `BadRequest` for a cursor that is none.
        """

    def traffic(self, *, since: float, until: float, step_s: float) -> Sequence[TrafficStep]:
        """Traces that started from `since` to before `until`, by whole steps of time, in order.

        Steps without any are left out, as are traces without times. At most the newest 5,000
        steps. Raises `BadRequest` for a step that is not above 0.
        """

    def count(self) -> int:
        """How many traces there are."""

    def load(self, trace_id: str) -> Trace:
        """Load one trace, equal to what was appended. Raises `UnknownName`."""

    def find(self, prefix: str) -> str:
        """The one id that starts with `prefix` (4 or more digits). Raises `UnknownName`."""

    def list(
        self, *, run: str | None = None, source: str | None = None, limit: int = 50
    ) -> Sequence[TraceSummary]:
        """Newest import first; `run` keeps the traces of that run's trials."""

    def ids(self, *, run: str | None = None, source: str | None = None) -> Iterator[str]:
        """Ids of all matching traces, in order of import."""


class RunStore(Protocol):
    """Runs, their trials and readings.

    A trial is written once, with the readings made as it ran: grading 0. Later gradings add
    readings of the same trials, and nothing is overwritten. The finished grading of the highest
    number is in force: it alone gives counts and verdicts, whichever was finished last. One that
    is under way counts for nothing until it is finished.

    Trials may come after a grading, when a run is resumed or an import adds to it. They bring
    their own readings, of grading 0, and a grading that is under way can still read them. A
    finished one takes nothing more: to it they are unmeasured, since readings of other graders
    would be no answer, until a further grading has read them.
    """

    def create(self, run: Run) -> None:
        """Write a run in state RUNNING. Raises `DuplicateName` if the id is taken."""

    def load(self, run_id: str) -> RunRow:
        """Load by id. Raises `UnknownName` with the nearest id as hint."""

    def list(self, *, suite: str | None = None, limit: int = 50) -> Sequence[RunRow]:
        """Newest first."""

    def extend(self, run: Run) -> None:
        """Replace the plan of an imported run by one that holds more cases or repeats."""

    def discard(self, run_id: str) -> None:
        """Take back a run that could not begin. One that has a trial stays as it is."""

    def set_state(self, run_id: str, state: RunState, *, at: float) -> None:
        """Record where the run stands; `at` is in seconds since 1970, UTC."""

    def append(self, results: Sequence[TrialResult], findings: Sequence[Finding] = ()) -> int:
        """Store trials with traces, readings and the findings on them in one transaction.

        Returns how many trials were new.
        A (run, case, repeat) that is there already is left as it is.
        """

    def case_history(self, suite: str, case: str, *, limit: int = 20) -> Sequence[CaseResult]:
        """The last runs of a suite in which the case has a trial, newest first."""

    def done(self, run_id: str) -> Collection[tuple[str, int]]:
        """The (case, repeat) pairs that have a result."""

    def results(
        self, run_id: str, *, case: str | None = None, grading: int | None = None
    ) -> Iterator[TrialResult]:
        """Stream results by case and repeat, without their traces (see `Trial.trace_id`).

        `grading` is the number of the grading whose readings are told, one under way included;
        `None` is the one in force when the call is made. Every trial is told, one that the
        grading has not read without readings. Raises `UnknownName` for a grading that there is
        not.
        """

    def begin_grading(self, grading: Grading) -> None:
        """Write a grading that is about to be made. Raises `DuplicateName` if it is there.

        Raises `BadRequest` for a number below 1 or one that has ended already.
        """

    def append_readings(
        self, run_id: str, number: int, readings: Mapping[tuple[str, int], Sequence[TrialReading]]
    ) -> int:
        """Add readings of (case, repeat) to an unfinished grading, in one transaction.

        Returns how many trials were new to it. One that it has read already is left as it is;
        one with no readings at all counts as read. Raises `UnknownName` for a run, grading or
        trial that there is not, `BadRequest` for a grading that is finished.
        """

    def graded(self, run_id: str, number: int) -> Collection[tuple[str, int]]:
        """The (case, repeat) pairs that the grading has read already."""

    def finish_grading(self, run_id: str, number: int, *, at: float) -> None:
        """Put a grading in force: counts and verdicts are those of its readings from here on.

        Trials that it has no readings of are unmeasured. Finishing again changes nothing, the
        time included. One with a lower number than the one in force stays behind it.
        """

    def gradings(self, run_id: str) -> Sequence[Grading]:
        """Later gradings of the run, finished or not, by number; grading 0 is not among them."""


class BaselineStore(Protocol):
    """Named pins to runs, with their history."""

    def pin(self, baseline: Baseline) -> None:
        """Add a pin; the newest of a name counts."""

    def load(self, name: str) -> Baseline:
        """The newest pin of `name`. Raises `UnknownName`."""

    def list(self) -> Sequence[Baseline]:
        """The newest pin of each name, by name."""

    def history(self, name: str) -> Sequence[Baseline]:
        """Every pin of `name`, newest first. Raises `UnknownName`."""


class FindingStore(Protocol):
    """Findings on stored traces."""

    def add(self, findings: Sequence[Finding]) -> int:
        """Store findings; returns how many were new."""

    def list(
        self,
        *,
        run: str | None = None,
        trace: str | None = None,
        kind: str | None = None,
        severity: Severity | None = None,
        limit: int | None = None,
    ) -> Sequence[Finding]:
        """Matching findings, worst first, then by case (natural order) and trial.

        A finding belongs to a trace. With `run`, it is told with the case and repeat that the
        trace has in that run. `limit` keeps that many: the worst, and of equally bad ones those
        stored last.
        """

    def counts(self, *, run: str | None = None) -> Mapping[str, Mapping[Severity, int]]:
        """How many findings there are of each kind (in order) and severity that occurs.

        With `run`, they are those that `list` tells of the run.
        """

    def of_traces(self, traces: Collection[str]) -> Mapping[str, TraceFindings]:
        """The worst finding of each trace, and how many it has; traces without are left out."""


class KeyStore(Protocol):
    """API keys; only their hashes."""

    def add(self, key: ApiKey) -> None:
        """Store a key. Raises `DuplicateName` if its id is taken."""

    def load(self, key_id: str) -> ApiKey:
        """One key, revoked or not. Raises `UnknownName`."""

    def list(self) -> Sequence[ApiKey]:
        """All keys, oldest first."""

    def revoke(self, key_id: str, *, at: float) -> ApiKey:
        """Revoke a key; one that is revoked stays as it is. Raises `UnknownName`."""


class PruneRule(Record, frozen=True, kw_only=True):
    """Which traces may go. A trace that a trial, case, label or finding refers to is kept."""

    before: float | None = None  # started (or, without times, stored) before; seconds since 1970
    keep_bytes: int | None = None  # oldest go until the store is about this small
    keep_share: float = 0.0  # of those that may go, this share stays, chosen by trace id
    keep_ids: tuple[str, ...] = ()  # traces that case files refer to


class Store(Protocol):
    """Everything that is kept."""

    @property
    def traces(self) -> TraceStore:
        """Captured traces."""

    @property
    def runs(self) -> RunStore:
        """Runs with their trials."""

    @property
    def baselines(self) -> BaselineStore:
        """Pins of names to runs."""

    @property
    def findings(self) -> FindingStore:
        """Failures seen on traces."""

    @property
    def keys(self) -> KeyStore:
        """API keys."""

    @property
    def labels(self) -> LabelStore:
        """Human judgements."""

    @property
    def calibrations(self) -> CalibrationStore:
        """What is known of judges."""

    @property
    def judgements(self) -> JudgementStore:
        """What judges said."""

    def stats(self) -> StoreStats:
        """Size and row counts."""

    def prune(self, rule: PruneRule, *, dry_run: bool = False) -> int:
        """Delete traces by `rule`, with the bodies that nothing refers to; returns how many."""

    def close(self) -> None:
        """Give back files and connections; the store cannot be used after."""
