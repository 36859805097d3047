"""From stored trials to evidence, in one pass.

Memory grows with cases and a few numbers per trial, never with what agents said. The order
of results does not matter.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from roadworthy.base.errors import InvalidRecord
from roadworthy.gate.trust import StandingOf, Trust, nobody_calibrated
from roadworthy.records.evidence import CaseEvidence, RunEvidence
from roadworthy.records.reading import (
    Grade,
    TrialReading,
    TrialVerdict,
    grader_identity,
    trial_verdict,
)
from roadworthy.records.run import Budget, PlannedCase, Run, RunOrigin
from roadworthy.records.trial import Ending, Trial
from roadworthy.records.trial_result import TrialResult

UNRECORDED = "unrecorded"


def gather(
    run: Run,
    results: Iterable[TrialResult],
    *,
    finished: bool,
    standing_of: StandingOf = nobody_calibrated,
) -> RunEvidence:
    """Count what `results` say of the cases that `run` planned; `finished` is the run's state.

    A trial lost to infrastructure is unmeasured, whatever its readings say. So is one whose
    verdict hangs on a judge that `standing_of` does not know as calibrated, unless the run's
    suite lets it gate.

    Raises:
        InvalidRecord: a result belongs to another run, or to a case that was not planned.
    """
    imported = run.origin is RunOrigin.IMPORTED
    made = priced = False
    tallies = {case.id: _Tally(planned=case) for case in run.cases}
    trust = Trust(standing_of, run.uncalibrated)
    for result in results:
        tally = tallies.get(result.trial.case) if result.trial.run == run.id else None
        if tally is None:
            raise InvalidRecord(
                f"run {run.id} holds a trial of case {result.trial.case!r} "
                f"of run {result.trial.run}, which it did not plan"
            )
        tally.add(result, trust, imported=imported)
        priced |= _is_priced(result.trial, run.budget)
        made = True
    return RunEvidence(
        run=run.id,
        suite=run.suite,
        version=run.fingerprint.version,
        cases=tuple(tally.evidence() for tally in tallies.values()),
        tiers=run.tiers,
        min_measured=run.min_measured,
        finished=finished,
        imported=imported,
        seed=run.seed,
        retired=run.retired,
        missing=run.missing,
        refused=sum(run.refused.values()),
        unpriced=made and not priced,
        judges=dict(sorted(trust.judges.items())),
        uncalibrated=run.uncalibrated,
    )


def _is_priced(trial: Trial, budget: Budget) -> bool:
    """Whether the trial said all that the budget asks for."""
    money_known = budget.cost_usd is None or trial.usage.cost_usd is not None
    return money_known and (budget.tokens is None or trial.usage.tokens is not None)


def stop_reason(trial: Trial, *, imported: bool) -> str:
    """Why the trial stopped: in the source's or agent's own word, else by how it ended."""
    if trial.stop:
        return trial.stop
    if imported and trial.ending is Ending.COMPLETED:
        return UNRECORDED
    return trial.ending.value


@dataclass(slots=True, kw_only=True)
class _Tally:
    """Counts of one case while results stream by; series keep their repeat to be sorted by."""

    planned: PlannedCase
    verdicts: Counter[TrialVerdict] = field(default_factory=Counter)
    untrusted: Counter[TrialVerdict] = field(default_factory=Counter)
    infrastructure: int = 0
    graders: set[str] = field(default_factory=set)
    stops: Counter[str] = field(default_factory=Counter)
    durations_s: list[tuple[int, float]] = field(default_factory=list)
    costs_usd: list[tuple[int, float]] = field(default_factory=list)
    tool_calls: list[tuple[int, int]] = field(default_factory=list)
    tool_errors: int = 0
    scores: dict[str, list[tuple[int, float]]] = field(default_factory=dict)

    def add(self, result: TrialResult, trust: Trust, *, imported: bool) -> None:
        trial = result.trial
        lost = trial.ending is Ending.INFRASTRUCTURE
        self.verdicts[TrialVerdict.UNMEASURED if lost else self._verdict(result, trust)] += 1
        self.infrastructure += lost
        self.stops[stop_reason(trial, imported=imported)] += 1
        self.tool_errors += trial.tool_errors or 0
        if trial.duration_s is not None:
            self.durations_s.append((trial.repeat, trial.duration_s))
        if trial.usage.cost_usd is not None:
            self.costs_usd.append((trial.repeat, trial.usage.cost_usd))
        if trial.tool_calls is not None:
            self.tool_calls.append((trial.repeat, trial.tool_calls))
        self._add_readings(trial.repeat, result.readings)

    def _verdict(self, result: TrialResult, trust: Trust) -> TrialVerdict:
        read, counts = result.verdict, trial_verdict(trust.trusted(result.readings))
        if counts is not read:
            self.untrusted[read] += 1
        return counts

    def _add_readings(self, repeat: int, readings: tuple[TrialReading, ...]) -> None:
        parts: dict[str, float] = {}
        for entry in readings:
            if entry.required:
                self.graders.add(grader_identity(entry))
            if isinstance(entry.reading, Grade):
                for part, score in entry.reading.parts.items():
                    parts.setdefault(f"{entry.grader}.{part}", score)
        for name, score in parts.items():
            self.scores.setdefault(name, []).append((repeat, score))

    def evidence(self) -> CaseEvidence:
        case = self.planned
        return CaseEvidence(
            case=case.id,
            digest=case.digest,
            asked=case.asked,
            kind=case.kind,
            tier=case.tier,
            quarantine=case.quarantine,
            planned=case.repeats,
            passed=self.verdicts[TrialVerdict.PASSED],
            failed=self.verdicts[TrialVerdict.FAILED],
            unmeasured=self.verdicts[TrialVerdict.UNMEASURED],
            infrastructure=self.infrastructure,
            untrusted_passed=self.untrusted[TrialVerdict.PASSED],
            untrusted_failed=self.untrusted[TrialVerdict.FAILED],
            graders=tuple(sorted(self.graders)),
            stops=dict(sorted(self.stops.items())),
            durations_s=_by_repeat(self.durations_s),
            costs_usd=_by_repeat(self.costs_usd),
            tool_calls=tuple(count for _, count in sorted(self.tool_calls)),
            tool_errors=self.tool_errors,
            scores={name: _by_repeat(self.scores[name]) for name in sorted(self.scores)},
        )


def _by_repeat(series: list[tuple[int, float]]) -> tuple[float, ...]:
    return tuple(value for _, value in sorted(series))
