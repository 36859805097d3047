"""Quarantined cases are told with every verdict, and cases that are gone hold it back."""

from datetime import UTC, datetime

import pytest

from roadworthy.base.errors import InvalidRecord
from roadworthy.gate.decide import decide
from roadworthy.gate.policy import GatePolicy
from roadworthy.records.case import DEFAULT_TIERS, Kind
from roadworthy.records.decision import Decision, Reason, Verdict
from roadworthy.records.evidence import CaseEvidence, RunEvidence
from roadworthy.records.quarantine import Quarantine

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def measured(name: str, kind: Kind = Kind.REGRESSION, until: str | None = None) -> CaseEvidence:
    aside = None if until is None else Quarantine(owner="ada", until=until, why="flaky")
    return CaseEvidence(case=name, digest=name, kind=kind, planned=3, passed=3, quarantine=aside)


def decided(
    *cases: CaseEvidence, missing: tuple[str, ...] = (), base: tuple[CaseEvidence, ...] = ()
) -> Decision:
    run = RunEvidence(
        run="now", suite="s", version="v2", cases=cases, tiers=DEFAULT_TIERS, missing=missing
    )
    before = RunEvidence(run="before", suite="s", version="v1", cases=base) if base else None
    return decide(run, base=before, policy=GatePolicy(), now=NOW)


def reason(decision: Decision, rule: str) -> Reason:
    (found,) = [one for one in decision.reasons if one.rule == rule]
    return found


def test_a_quarantined_case_is_named_with_its_owner_and_day() -> None:
    decision = decided(measured("a"), measured("b", Kind.QUARANTINED, "2026-12-01"))

    assert decision.verdict is Verdict.PASS
    assert reason(decision, "quarantined").why == (
        "1 quarantined case does not gate: b (owner ada, review by 2026-12-01)"
    )


def test_an_overdue_review_is_said() -> None:
    decision = decided(measured("a"), measured("b", Kind.QUARANTINED, "2026-11-19"))

    assert "1 quarantined case whose review is overdue does not gate" in (
        reason(decision, "quarantined").why
    )


def test_a_case_set_aside_by_hand_is_overdue_at_once() -> None:
    decision = decided(measured("a"), measured("b", Kind.QUARANTINED))

    assert "b (no owner, no date of review)" in reason(decision, "quarantined").why
    assert "overdue" in reason(decision, "quarantined").why


def test_the_day_of_review_itself_is_in_time() -> None:
    assert not Quarantine(owner="a", until="2026-11-20").is_overdue(NOW)


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="2026-12-24"):
        Quarantine(owner="a", until="tomorrow")


def test_a_case_that_is_gone_keeps_a_run_from_passing() -> None:
    decision = decided(measured("a"), missing=("gone",))

    assert decision.verdict is Verdict.INCONCLUSIVE
    assert "may be broken unseen: gone; put its file back" in reason(decision, "missing").why


def test_a_case_that_a_baseline_names_already_is_told_once() -> None:
    decision = decided(measured("a"), missing=("gone",), base=(measured("a"), measured("gone")))

    assert decision.verdict is Verdict.INCONCLUSIVE
    assert "missing" not in {one.rule for one in decision.reasons}
