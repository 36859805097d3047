"""A run that is stored, held against the policy of a suite; nothing is stored by it.

The run may have been executed elsewhere and imported. Each breach names its trial and spans, and
each rule how often it was broken in trials that the run's own graders passed or failed: a rule that
agrees with nothing is wrong, or sees what the graders do not.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from roadworthy.app.app import App
from roadworthy.app.regrading.readings import with_trace
from roadworthy.app.verdicts import named_run
from roadworthy.base.errors import BadRequest
from roadworthy.grade.grade_trial import BuiltGrader, grade_trial
from roadworthy.grade.registry import build, check_grader
from roadworthy.records.reading import Grade, TrialReading, TrialVerdict, Unmeasured, trial_verdict
from roadworthy.records.record import Record
from roadworthy.records.span import SpanId, TraceId
from roadworthy.records.trial import Trial
from roadworthy.records.trial_result import TrialResult
from roadworthy.suite.policy import load_suite_graders
from roadworthy.suite.policy_item import rule_of
from roadworthy.suite.suite_folder import SUITE_FILE


class PolicyBreach(Record, frozen=True, kw_only=True):
    """One rule that one trial broke; `spans` lead into its trace, the worst first."""

    rule: str
    case: str
    repeat: int
    trace_id: TraceId | None
    why: str
    spans: tuple[SpanId, ...]
    required: bool
    verdict: TrialVerdict  # what the run's own graders said


class RuleTally(Record, frozen=True, kw_only=True):
    """How the trials of a run did on one rule."""

    rule: str
    required: bool
    kept: int = 0
    broken: int = 0
    unmeasured: int = 0
    broken_and_passed: int = 0  # broken in trials that the run's own graders passed


class PolicyReport(Record, frozen=True, kw_only=True):
    """A run held against a policy."""

    run: str
    trials: int
    rules: tuple[RuleTally, ...]
    breaches: tuple[PolicyBreach, ...]
    verdicts: dict[str, int]  # of the run's own graders, over all trials

    def broken(self, verdict: TrialVerdict) -> int:
        """Trials with this verdict that broke a rule that is required."""
        return len(
            {(b.case, b.repeat) for b in self.breaches if b.required and b.verdict is verdict}
        )


async def hold_against(app: App, run: str, suite: Path) -> PolicyReport:
    """Read the policy of the suite in the folder `suite` and apply it to every trial of `run`.

    Raises:
        BadFile: with everything that is wrong with the policy.
        BadRequest: the suite has no policy.
        UnknownName: no such run.
    """
    specs = load_suite_graders(suite / SUITE_FILE, check_grader)
    rules = [(spec, build(spec)) for spec in specs if rule_of(spec) is not None]
    if not rules:
        raise BadRequest(f"{suite.name} has no policy", hint="rules stand under `policy`")
    row = app.store.runs.load(named_run(app, run))
    seen = _Tallies(rules)
    for result in app.store.runs.results(row.run.id):
        seen.take(result, await grade_trial(rules, with_trace(app, result.trial)))
    return seen.report(row.run.id)


class _Tallies:
    """Counts readings by rule."""

    def __init__(self, rules: Sequence[BuiltGrader]) -> None:
        self._rules = [(rule_of(spec) or spec.grader, spec.required) for spec, _ in rules]
        self._counts = [[0, 0, 0, 0] for _ in rules]  # kept, broken, unmeasured, broken and passed
        self._verdicts: dict[str, int] = {}
        self._breaches: list[PolicyBreach] = []

    def take(self, result: TrialResult, readings: Sequence[TrialReading]) -> None:
        """Count one trial."""
        verdict = trial_verdict(result.readings)
        self._verdicts[verdict.value] = self._verdicts.get(verdict.value, 0) + 1
        self._breaches += self._count(result.trial, verdict, readings)

    def _count(
        self, trial: Trial, verdict: TrialVerdict, readings: Sequence[TrialReading]
    ) -> Iterator[PolicyBreach]:
        for (rule, required), counts, entry in zip(
            self._rules, self._counts, readings, strict=True
        ):
            match entry.reading:
                case Unmeasured():
                    counts[2] += 1
                case Grade(passed=True):
                    counts[0] += 1
                case Grade() as grade:
                    counts[1] += 1
                    counts[3] += verdict is TrialVerdict.PASSED
                    yield PolicyBreach(
                        rule=rule,
                        case=trial.case,
                        repeat=trial.repeat,
                        trace_id=trial.trace_id,
                        why=grade.why,
                        spans=grade.evidence,
                        required=required,
                        verdict=verdict,
                    )

    def report(self, run: str) -> PolicyReport:
        """What was counted."""
        tallies = tuple(
            RuleTally(
                rule=rule,
                required=required,
                kept=kept,
                broken=broken,
                unmeasured=unmeasured,
                broken_and_passed=passed,
            )
            for (rule, required), (kept, broken, unmeasured, passed) in zip(
                self._rules, self._counts, strict=True
            )
        )
        return PolicyReport(
            run=run,
            trials=sum(self._verdicts.values()),
            rules=tallies,
            breaches=tuple(self._breaches),
            verdicts=self._verdicts,
        )
