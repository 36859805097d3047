"""The decision engine: evidence and policy in, a verdict with its reasons out.

Every rule gives a reason that argues for one verdict, and the gravest wins:

1. FAIL: a rule was broken, and no missing evidence could mend it.
2. UNMEASURED: too little could be measured to say anything.
3. INCONCLUSIVE: what was measured does not answer the question (the run did not end, nothing
   could be compared, nothing gates).
4. PASS: at least one rule could have failed, and none did.

So thin evidence never passes, and never hides a break that is proved. Pure: the same evidence,
policy and `now` give the same decision, whatever the order of cases.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from roadworthy.base.codec import canonical
from roadworthy.base.errors import TooFewSamples
from roadworthy.base.ids import hex_digest
from roadworthy.gate.caveats import caveats
from roadworthy.gate.changes import BROKEN
from roadworthy.gate.compare import compare
from roadworthy.gate.coverage import coverage_reasons, unmeasured_reason
from roadworthy.gate.policy import GatePolicy
from roadworthy.gate.rates import expected_trials, pass_rate, share_measured
from roadworthy.gate.regressions import (
    Gated,
    broken_reason,
    comparable_reasons,
    drop_reason,
    gated_part,
    unbroken_reason,
)
from roadworthy.gate.scope import Scope, scope_of
from roadworthy.gate.set_aside import set_aside_reasons
from roadworthy.gate.thresholds import fail_under_reason, tier_reasons, tier_results
from roadworthy.gate.trust import trust_reasons
from roadworthy.gate.waste import efficiency_reasons, stops_reason
from roadworthy.gate.wording import counted, percent
from roadworthy.records.decision import Comparison, Decision, Rate, Reason, TierResult, Verdict
from roadworthy.records.evidence import RunEvidence
from roadworthy.stats.power import smallest_drop

_GRAVEST_FIRST = (Verdict.FAIL, Verdict.UNMEASURED, Verdict.INCONCLUSIVE, Verdict.PASS)


class _Compared(NamedTuple):
    comparison: Comparison | None = None
    reasons: Sequence[Reason] = ()
    smallest_drop: float | None = None


def decide(
    candidate: RunEvidence, *, base: RunEvidence | None, policy: GatePolicy, now: datetime
) -> Decision:
    """Decide whether `candidate` may go ahead; with `base`, whether it is no worse than that."""
    scope = scope_of(candidate, base, policy)
    rate = pass_rate(scope.rated, level=policy.level)
    share = share_measured(scope.judged, finished=candidate.finished, refused=candidate.refused)
    tiers = tier_results(candidate, scope, policy) if policy.use_tiers else ()
    compared = _against_base(base, candidate, scope, policy)
    reasons = [
        *trust_reasons(candidate, scope.judged),
        *_measured(candidate, scope, share),
        *_nothing_gates(scope, tiers, base, policy),
        *compared.reasons,
        *_thresholds(candidate, scope, rate, tiers, policy),
        *_unfinished(candidate),
        *set_aside_reasons(candidate, base, now),
    ]
    reasons.sort(key=lambda reason: _GRAVEST_FIRST.index(reason.verdict))
    return Decision(
        verdict=reasons[0].verdict,
        reasons=tuple(reasons),
        run=candidate.run,
        decided_at=now.timestamp(),
        rate=rate,
        seed=None if candidate.imported else candidate.seed,
        suite_version=_suite_version(candidate),
        tiers=tiers,
        comparison=compared.comparison,
        share_measured=share,
        smallest_drop=compared.smallest_drop,
    )


def _measured(candidate: RunEvidence, scope: Scope, share: float | None) -> list[Reason]:
    """A run that could not be measured never passes."""
    cases = scope.judged or candidate.cases
    measured = sum(case.measured for case in cases)
    expected = candidate.refused
    expected += sum(expected_trials(case, finished=candidate.finished) for case in cases)
    enough = share is None or share >= candidate.min_measured
    if measured and enough:
        reason = unmeasured_reason(scope.judged, finished=candidate.finished)
        return [] if reason is None else [reason]
    lost = sum(case.infrastructure for case in cases)
    why = (
        f"{measured} of {counted(expected, 'trial')} that count could be measured, "
        f"{percent(candidate.min_measured)} are needed for a verdict"
    )
    why += f"; {lost} were lost to infrastructure" if lost else ""
    refused = counted(candidate.refused, "record")
    why += f"; {refused} could not be imported" if candidate.refused else ""
    return [Reason(verdict=Verdict.UNMEASURED, why=why, rule="measured")]


def _nothing_gates(
    scope: Scope, tiers: Sequence[TierResult], base: RunEvidence | None, policy: GatePolicy
) -> list[Reason]:
    """A gate in which no rule could have failed has not been passed."""
    used = {case.tier for case in scope.gating}
    by_tier = any(tier.threshold is not None and tier.tier in used for tier in tiers)
    by_rate = policy.fail_under is not None and bool(scope.rated)
    by_base = base is not None and bool(scope.gating)
    if by_tier or by_rate or by_base:
        return []
    if scope.gating:
        why = "nothing gates: no tier with a threshold, no pass rate to reach and no baseline"
        why += "; give a rate to fail under, a baseline to compare with, or the tier a threshold"
    else:
        why = "nothing gates: no case of kind regression"
        why += "; graduate a case (kind: regression), or give a rate to fail under"
    return [Reason(verdict=Verdict.INCONCLUSIVE, why=why, rule="gates")]


def _thresholds(
    candidate: RunEvidence,
    scope: Scope,
    rate: Rate,
    tiers: Sequence[TierResult],
    policy: GatePolicy,
) -> list[Reason]:
    reasons = tier_reasons(candidate, scope, tiers) if policy.use_tiers else []
    if policy.fail_under is not None:
        reason = fail_under_reason(candidate, scope, rate, policy.fail_under)
        reasons += [reason] if reason else []
    return reasons


def _unfinished(candidate: RunEvidence) -> list[Reason]:
    if candidate.finished:
        return []
    made = sum(case.measured + case.unmeasured for case in candidate.cases)
    planned = sum(case.planned for case in candidate.cases)
    how = (
        "import its file again"
        if candidate.imported
        else f"`roadworthy eval resume {candidate.run}`"
    )
    why = f"the run ended after {made} of {counted(planned, 'planned trial')}; "
    if candidate.unpriced:
        why += (
            "none of them said what it used, so its budget cannot be kept; have the agent report "
        )
        why += "usage, also where it fails, or name its model under [prices]; to try further: "
    else:
        why += "finish it: "
    why += how
    return [Reason(verdict=Verdict.INCONCLUSIVE, why=why, rule="finished")]


def _against_base(
    base: RunEvidence | None, candidate: RunEvidence, scope: Scope, policy: GatePolicy
) -> _Compared:
    if base is None:
        return _Compared()
    comparison = compare(base, candidate, policy)
    gated = gated_part(base, candidate, comparison, scope)
    covered = coverage_reasons(base, candidate, gated.pairs)
    if not scope.gating:
        return _Compared(comparison, covered)
    held = [
        pair
        for pair, change in zip(gated.pairs, gated.changes, strict=True)
        if pair.measured and change.change != BROKEN
    ]
    found = (
        broken_reason(gated, policy),
        drop_reason(gated, policy),
        unbroken_reason(gated),
        stops_reason(gated.measured, policy),
    )
    reasons = [
        *(reason for reason in found if reason is not None),
        *covered,
        *comparable_reasons(base, candidate, comparison, gated),
        *efficiency_reasons(held, policy),
        *caveats(comparison, gated, policy),
    ]
    return _Compared(comparison, reasons, _smallest_drop(gated, policy))


def _suite_version(run: RunEvidence) -> str:
    """Equal where two runs asked and expected the same of the same cases."""
    return hex_digest(canonical(sorted([case.case, case.digest] for case in run.cases)))


def _smallest_drop(gated: Gated, policy: GatePolicy) -> float | None:
    """What this comparison would have shown four times in five; `None`: no drop at all."""
    pairs = gated.measured
    if not pairs:
        return None
    rate = sum(pair.base.passed / pair.base.measured for pair in pairs) / len(pairs)
    shares = [1 / case.measured for pair in pairs for case in pair]
    try:
        return smallest_drop(
            min(1.0, rate),
            clusters=len(pairs),
            repeats=len(shares) / sum(shares),
            level=policy.level,
        )
    except TooFewSamples:
        return None
