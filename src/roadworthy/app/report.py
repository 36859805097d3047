"""What `eval show` tells of a run: rates with intervals, stops, and why trials failed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from roadworthy.app.app import App
from roadworthy.app.calibration.corrected_rates import JudgedRate, JudgedRates
from roadworthy.app.calibration.standings import standings
from roadworthy.app.capability_profile import ProfileLine, capability_profile
from roadworthy.app.failures import FailedCase, Failure, Failures
from roadworthy.app.prompt_sensitivity import PromptSensitivity, prompt_sensitivity
from roadworthy.app.regrading.regraded_run import (
    GradingLine,
    graded_run,
    grading_lines,
    unread_trials,
)
from roadworthy.app.run_state import shown_state
from roadworthy.app.verdicts import named_run
from roadworthy.base.ids import natural_key
from roadworthy.gate.gather import gather
from roadworthy.gate.rates import deepest_k, pass_at_k, pass_hat_k, pass_rate
from roadworthy.gate.trust import as_read
from roadworthy.gate.wording import counted, names
from roadworthy.records.decision import Rate
from roadworthy.records.evidence import CaseEvidence, RunEvidence
from roadworthy.records.finding import Severity
from roadworthy.records.run import RunState
from roadworthy.records.trial_result import TrialResult
from roadworthy.records.usage import Usage, total_usage
from roadworthy.store.ports import RunRow

LEVEL = 0.95
K_MOST = 10

Ends: TypeAlias = tuple[float | None, float | None]
"""Low and high end of a 95 % interval."""
Watch: TypeAlias = Callable[[TrialResult], None]


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One case of the run."""

    case: str
    kind: str
    tier: str
    passed: int
    measured: int
    unmeasured: int
    planned: int


class RunReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything `eval show` prints; the documented shape of its `--json`."""

    run: str
    suite: str
    target: str
    version: str
    state: str
    origin: str
    started_at: float
    cases: int
    planned: int
    trials: int
    pass_rate: Rate
    pass_hat_k: dict[str, float | None]
    pass_hat_k_interval: dict[str, Ends]
    pass_at_k: dict[str, float | None]
    pass_at_k_interval: dict[str, Ends]
    pass_k_cases: int  # measured cases; every k rests on all of them
    pass_k_left_out: str | None  # why no deeper k is told, where some cases have more trials
    unmeasured: int
    infrastructure: int
    refused: int  # records of the imported files that were not taken
    stops: dict[str, int]
    tool_calls: int | None
    tool_errors: int | None
    usage: Usage
    findings: dict[str, int]
    case_results: tuple[CaseLine, ...]
    not_passed: int  # trials; `failed_cases` covers them all, `failures` the first of them
    failed_cases: tuple[FailedCase, ...]
    failures: tuple[Failure, ...]
    grading: int  # number of the grading that gave these verdicts; 0 was made as it ran
    judged: tuple[JudgedRate, ...]  # pass rates by judges, corrected for their errors
    gradings: tuple[GradingLine, ...] = ()
    ungraded: int = 0  # trials that the grading in force has not read
    sensitivity: tuple[PromptSensitivity, ...] = ()  # of cases that were run with messy variants
    profile: tuple[ProfileLine, ...] = ()  # pass rate by category, difficulty, tag and more


def show_run(app: App, name: str, *, failures: int = 20, grading: int | None = None) -> RunReport:
    """Report on a run, a baseline or ``latest``, with at most `failures` that did not pass.

    Raises:
        UnknownName: no such run or grading.
    """
    return with_profile(app, *read_run(app, name, failures=failures, grading=grading))


def with_profile(app: App, report: RunReport, measured: RunEvidence) -> RunReport:
    """The report with the pass rates of groups of cases; reads the files of the suite."""
    run = app.store.runs.load(report.run).run
    profile = capability_profile(app, run, as_read(measured).cases)
    return msgspec.structs.replace(report, profile=profile)


def read_run(
    app: App,
    name: str,
    *,
    failures: int = 20,
    grading: int | None = None,
    watch: Watch | None = None,
) -> tuple[RunReport, RunEvidence]:
    """The report and the evidence of a run, from one pass over its results; `watch` sees each.

    `grading` is the number of the grading that is told; `None` is the one in force.
    """
    row = app.store.runs.load(named_run(app, name))
    seen = graded_run(app, row, grading)
    walk = _Walk(limit=failures, also=watch)
    results = walk.watch(app.store.runs.results(row.run.id, grading=seen.number))
    measured = gather(
        seen.run,
        results,
        finished=row.state is RunState.FINISHED,
        standing_of=standings(app, row.run.suite),
    )
    measured = seen.told(measured)
    report = _report(row, as_read(measured), walk, _findings(app, row))
    judged = walk.judged.rates(app, row.run)
    told = msgspec.structs.replace(
        report,
        state=shown_state(app, row),
        judged=judged,
        gradings=grading_lines(app, row),
        ungraded=unread_trials(app, row),
    )
    return told, measured


def _findings(app: App, row: RunRow) -> dict[str, int]:
    """How many there are of each kind: those with the worst first, then the most frequent."""
    counts = app.store.findings.counts(run=row.run.id)
    order = list(Severity)
    kinds = sorted(
        (min(map(order.index, each)), -sum(each.values()), kind) for kind, each in counts.items()
    )
    return {kind: -count for _, count, kind in kinds}


def _report(
    row: RunRow, measured: RunEvidence, walk: "_Walk", findings: dict[str, int]
) -> RunReport:
    run, cases = row.run, measured.cases
    ks = range(1, min(deepest_k(cases), K_MOST) + 1)
    hats = {str(k): pass_hat_k(cases, k, level=LEVEL) for k in ks}
    ats = {str(k): pass_at_k(cases, k, level=LEVEL) for k in ks}
    stops: Counter[str] = Counter()
    for case in cases:
        stops.update(case.stops)
    return RunReport(
        run=run.id,
        suite=run.suite,
        target=run.target,
        version=run.fingerprint.version,
        state=row.state.value,
        origin=run.origin.value,
        started_at=run.started_at,
        cases=len(run.cases),
        planned=run.planned_trials,
        trials=row.passed + row.failed + row.unmeasured,
        grading=measured.grading,
        pass_rate=pass_rate(cases, level=LEVEL),
        pass_hat_k={k: rate.value for k, rate in hats.items()},
        pass_hat_k_interval={k: (rate.low, rate.high) for k, rate in hats.items()},
        pass_at_k={k: rate.value for k, rate in ats.items()},
        pass_at_k_interval={k: (rate.low, rate.high) for k, rate in ats.items()},
        pass_k_cases=sum(case.measured > 0 for case in cases),
        pass_k_left_out=_left_out(cases),
        unmeasured=sum(case.unmeasured for case in cases),
        infrastructure=sum(case.infrastructure for case in cases),
        refused=measured.refused,
        stops=dict(stops.most_common()),
        tool_calls=walk.tool_calls,
        tool_errors=walk.tool_errors,
        usage=walk.usage,
        findings=findings,
        case_results=tuple(_line(case) for case in _in_order(cases)),
        not_passed=walk.failures.total,
        failed_cases=walk.failures.by_case(),
        failures=tuple(walk.failures.single),
        judged=(),
        sensitivity=prompt_sensitivity(run.cases, cases),
    )


class _Walk:
    """Sees every result once on its way to the evidence; keeps sums and what did not pass."""

    def __init__(self, *, limit: int, also: Watch | None = None) -> None:
        self._also = also
        self.failures = Failures(limit=limit)
        self.judged = JudgedRates()
        self.usage = Usage()
        self.tool_calls: int | None = None
        self.tool_errors: int | None = None

    def watch(self, results: Iterable[TrialResult]) -> Iterator[TrialResult]:
        """Pass `results` through."""
        for count, result in enumerate(results):
            trial = result.trial
            both = (self.usage, trial.usage)
            self.usage = trial.usage if count == 0 else total_usage(both)
            if trial.tool_calls is not None:
                self.tool_calls = (self.tool_calls or 0) + trial.tool_calls
                self.tool_errors = (self.tool_errors or 0) + (trial.tool_errors or 0)
            self.failures.add(result)
            self.judged.add(result)
            if self._also is not None:
                self._also(result)
            yield result


def _left_out(cases: Sequence[CaseEvidence]) -> str | None:
    """Why k ends where it does; `None` when no case has trials for a deeper one."""
    deepest = deepest_k(cases)
    if deepest >= min(max((case.measured for case in cases), default=0), K_MOST):
        return None
    short = [case.case for case in _in_order(cases) if case.measured == deepest]
    has = "has" if len(short) == 1 else "have"
    trials = counted(deepest, "measured trial")
    return (
        f"k ends at {deepest}: {names(short)} {has} no more than {trials}, "
        "and over fewer cases a deeper k would not be comparable"
    )


def _in_order(cases: Sequence[CaseEvidence]) -> list[CaseEvidence]:
    return sorted(cases, key=lambda case: natural_key(case.case))


def _line(case: CaseEvidence) -> CaseLine:
    return CaseLine(
        case=case.case,
        kind=case.kind.value,
        tier=case.tier,
        passed=case.passed,
        measured=case.measured,
        unmeasured=case.unmeasured,
        planned=case.planned,
    )
