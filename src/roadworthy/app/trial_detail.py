"""One trial with everything that is known of it."""

from roadworthy.app.app import App
from roadworthy.app.regrading.regraded_run import finished_gradings
from roadworthy.app.verdicts import named_run
from roadworthy.base.errors import UnknownName
from roadworthy.records.finding import Finding
from roadworthy.records.reading import Grade, Reading, TrialReading, Unmeasured
from roadworthy.records.record import Record
from roadworthy.records.run import PlannedCase, Run
from roadworthy.records.trace import Trace
from roadworthy.records.trial_result import TrialResult
from roadworthy.suite.load import find_suites
from roadworthy.suite.suite_folder import CASES


class TrialDetail(Record, frozen=True, kw_only=True):
    """A trial in its run; `repeats` are those of the case that have a result."""

    run: Run
    planned: PlannedCase
    result: TrialResult
    repeats: tuple[int, ...]
    grading: int  # number of the grading that gave the readings
    gradings: tuple[int, ...]  # all that are finished
    findings: tuple[Finding, ...]
    trace: Trace | None
    has_file: (
        bool  # whether the project holds the case's file; that of an imported run is elsewhere
    )

    @property
    def readings(self) -> list[TrialReading]:
        """What the graders said: required ones first, then what speaks against the trial."""
        return sorted(
            self.result.readings, key=lambda entry: (not entry.required, _weight(entry.reading))
        )


def load_trial(
    app: App, run: str, case: str, repeat: int, *, grading: int | None = None
) -> TrialDetail:
    """One trial, by run, case and repeat from 0, as a grading or the one in force read it.

    Raises:
        UnknownName: no such run, case, trial or grading.
    """
    row = app.store.runs.load(named_run(app, run))
    planned = next((one for one in row.run.cases if one.id == case), None)
    if planned is None:
        raise UnknownName(f"run {row.run.id} has no case {case!r}", hint="its page lists its cases")
    stored = app.store.runs.results(row.run.id, case=case, grading=grading)
    results = {one.trial.repeat: one for one in stored}
    if repeat not in results:
        raise UnknownName(
            f"run {row.run.id} has no trial {repeat + 1} of case {case!r}",
            hint=f"{planned.repeats} are planned, {len(results)} have a result",
        )
    result = results[repeat]
    trace_id = result.trial.trace_id
    found = () if trace_id is None else tuple(app.store.findings.list(trace=trace_id))
    return TrialDetail(
        run=row.run,
        grading=row.grading if grading is None else grading,
        gradings=finished_gradings(app, row),
        planned=planned,
        result=result,
        repeats=tuple(sorted(results)),
        findings=found,
        trace=_trace(app, trace_id),
        has_file=_has_file(app, row.run.suite, case),
    )


def _has_file(app: App, suite: str, case: str) -> bool:
    """Names come from imports: they are looked up among the files there are, never made a path."""
    folders = [folder for folder in find_suites(app.project) if folder.name == suite]
    return any(path.stem == case for folder in folders for path in (folder / CASES).glob("*.yaml"))


def _weight(reading: Reading) -> int:
    match reading:
        case Grade(passed=False):
            return 0
        case Unmeasured():
            return 1
        case _:
            return 2


def _trace(app: App, trace_id: str | None) -> Trace | None:
    """The trial's trace; `None` where there was none or it is no longer stored."""
    try:
        return None if trace_id is None else app.store.traces.load(trace_id)
    except UnknownName:
        return None
