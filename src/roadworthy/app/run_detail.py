"""One run with its verdict, and each of its cases with its trials: what the page of a run shows."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from enum import StrEnum

from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.report import RunReport, read_run
from roadworthy.app.run_state import GOES_ON
from roadworthy.app.verdicts import check_gate, named_run
from roadworthy.base.ids import natural_key
from roadworthy.gate.trust import as_read
from roadworthy.records.decision import Decision
from roadworthy.records.evidence import CaseEvidence
from roadworthy.records.reading import Grade, TrialReading, TrialVerdict, Unmeasured
from roadworthy.records.record import Record
from roadworthy.records.run import PlannedCase
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.ports import RunRow


class Standing(StrEnum):
    """Where a case stands in a run, what needs a look first."""

    FAILED = "failed"  # at least one trial did
    UNMEASURED = "unmeasured"  # none failed, at least one has no verdict
    WAITING = "waiting"  # some trials are still to come
    PASSED = "passed"


class TrialLine(Record, frozen=True, kw_only=True):
    """One trial in a list; `why` is the first thing said against it."""

    case: str
    repeat: int
    verdict: TrialVerdict
    why: str = ""
    grader: str = ""
    trace: str | None = None


class CaseStanding(Record, frozen=True, kw_only=True):
    """One case of the run with the trials made so far."""

    planned: PlannedCase
    evidence: CaseEvidence
    trials: tuple[TrialLine, ...]

    @property
    def standing(self) -> Standing:
        """The worst that can be said."""
        if self.evidence.failed:
            return Standing.FAILED
        if self.evidence.unmeasured:
            return Standing.UNMEASURED
        return Standing.WAITING if len(self.trials) < self.planned.repeats else Standing.PASSED

    @property
    def why(self) -> str:
        """The first thing said against any of its trials."""
        return next((trial.why for trial in self.trials if trial.why), "")


class RunDetail(Record, frozen=True, kw_only=True):
    """A run, judged by its own tiers; `cases` start with those that need a look.

    All its numbers come from one pass over the results: those of a run that goes on agree.
    """

    row: RunRow
    state: str  # `shown_state`
    report: RunReport
    decision: Decision
    cases: tuple[CaseStanding, ...]

    @property
    def goes_on(self) -> bool:
        """Whether a process drives it right now; what `decision` says is then not said yet."""
        return self.state == GOES_ON


def load_run_detail(app: App, name: str, *, grading: int | None = None) -> RunDetail:
    """Read a run, a baseline or ``latest``, by a grading or the one in force.

    Raises:
        UnknownName: no such run or grading.
    """
    row = app.store.runs.load(named_run(app, name))
    trials: dict[str, list[TrialLine]] = defaultdict(list)
    report, measured = read_run(
        app,
        row.run.id,
        failures=0,
        grading=grading,
        watch=lambda result: trials[result.trial.case].append(_line(result)),
    )
    planned = {case.id: case for case in row.run.cases}
    cases = [
        CaseStanding(
            planned=planned[case.case], evidence=case, trials=tuple(trials.get(case.case, ()))
        )
        for case in as_read(measured).cases
        if case.case in planned
    ]
    order = list(Standing)
    cases.sort(key=lambda case: (order.index(case.standing), natural_key(case.planned.id)))
    row, report = _counted(row, report, [line for each in trials.values() for line in each])
    return RunDetail(
        row=row,
        state=report.state,
        report=report,
        decision=check_gate(app, measured, against=None, fail_under=None),
        cases=tuple(cases),
    )


def _counted(
    row: RunRow, report: RunReport, lines: Sequence[TrialLine]
) -> tuple[RunRow, RunReport]:
    """Both with the counts of the trials that were seen; a run that goes on had fewer before."""
    seen = Counter(line.verdict for line in lines)
    passed, failed = seen[TrialVerdict.PASSED], seen[TrialVerdict.FAILED]
    unmeasured = seen[TrialVerdict.UNMEASURED]
    return (
        replace(row, passed=passed, failed=failed, unmeasured=unmeasured),
        replace(report, trials=len(lines), unmeasured=unmeasured),
    )


def _line(result: TrialResult) -> TrialLine:
    trial = result.trial
    against = None if result.verdict is TrialVerdict.PASSED else _against(result)
    return TrialLine(
        case=trial.case,
        repeat=trial.repeat,
        verdict=result.verdict,
        why=against.reading.why if against else "",
        grader=against.grader if against else "",
        trace=trial.trace_id,
    )


def _against(result: TrialResult) -> TrialReading | None:
    """The first required reading that failed the trial; where none did, that left it open."""
    required = [entry for entry in result.readings if entry.required]
    failed = [e for e in required if isinstance(e.reading, Grade) and not e.reading.passed]
    unmeasured = [e for e in required if isinstance(e.reading, Unmeasured)]
    return next(iter(failed or unmeasured), None)
