"""A judge of unknown error may be read, and not gated by."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
import pytest

from roadworthy.gate.decide import decide
from roadworthy.gate.gather import gather
from roadworthy.gate.policy import GatePolicy
from roadworthy.gate.trust import StandingOf, Trust, as_read
from roadworthy.records.calibration import Standing
from roadworthy.records.decision import Decision, Verdict
from roadworthy.records.evidence import RunEvidence
from roadworthy.records.reading import Cause, Grade, Reading, TrialReading, Unmeasured
from roadworthy.records.trial_result import TrialResult
from roadworthy.testing import a_case, a_run, a_trial

JUDGE = "correctness@1/openai:m\N{MULTIPLICATION SIGN}1"
PASSED = Grade(passed=True, score=1.0, why="good")
FAILED = Grade(passed=False, score=0.0, why="bad")
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def judged(reading: Reading, *, required: bool = True, instrument: str = JUDGE) -> TrialReading:
    return TrialReading(
        grader="rubric", version=1, reading=reading, required=required, instrument=instrument
    )


def checked(reading: Reading) -> TrialReading:
    return TrialReading(grader="exact", version=1, reading=reading)


def knows(standings: Mapping[str, Standing]) -> StandingOf:
    return standings.get


def measure(
    *trials: tuple[TrialReading, ...],
    standing: Standing | None = None,
    exception: str = "",
) -> RunEvidence:
    """One case for each trial, in a run whose judge stands so."""
    cases = [a_case(f"c{number}") for number in range(len(trials))]
    run = msgspec.structs.replace(a_run(cases=cases), uncalibrated=exception)
    results = [
        TrialResult(trial=a_trial(case=f"c{number}"), readings=readings)
        for number, readings in enumerate(trials)
    ]
    known = {} if standing is None else {JUDGE: standing}
    return gather(run, results, finished=True, standing_of=knows(known))


def gate(evidence: RunEvidence) -> Decision:
    return decide(evidence, base=None, policy=GatePolicy(fail_under=0.5), now=NOW)


@pytest.mark.parametrize(
    "standing", [None, *(one for one in Standing if one is not Standing.CALIBRATED)]
)
@pytest.mark.parametrize("reading", [PASSED, FAILED])
def test_a_verdict_that_hangs_on_a_judge_nobody_vouches_for_is_unmeasured(
    standing: Standing | None, reading: Grade
) -> None:
    (case,) = measure((judged(reading),), standing=standing).cases

    assert (case.passed, case.failed, case.unmeasured) == (0, 0, 1)
    assert (case.untrusted_passed, case.untrusted_failed) == (reading.passed, not reading.passed)


def test_a_calibrated_judge_gates() -> None:
    evidence = measure((judged(PASSED),), (judged(FAILED),), standing=Standing.CALIBRATED)

    assert [(case.passed, case.failed) for case in evidence.cases] == [(1, 0), (0, 1)]
    assert evidence.judges == {JUDGE: "calibrated"}
    assert gate(measure((judged(PASSED),), standing=Standing.CALIBRATED)).verdict is Verdict.PASS


def test_a_trial_that_a_check_without_a_judge_fails_has_failed() -> None:
    (case,) = measure((checked(FAILED), judged(PASSED))).cases

    assert (case.failed, case.unmeasured) == (1, 0)
    assert gate(measure((checked(FAILED), judged(PASSED)))).verdict is Verdict.FAIL


def test_a_judge_that_is_only_shown_changes_nothing() -> None:
    evidence = measure((checked(PASSED), judged(FAILED, required=False)))

    assert evidence.cases[0].passed == 1
    assert evidence.judges == {}
    assert not [one for one in gate(evidence).reasons if one.rule == "calibrated"]


def test_a_decision_on_such_a_judge_is_unmeasured_and_names_judge_standing_and_next_step() -> None:
    decision = gate(measure((judged(PASSED),), standing=Standing.DRIFTED))

    assert decision.verdict is Verdict.UNMEASURED
    first = decision.reasons[0]
    assert first.rule == "calibrated"
    assert JUDGE in first.why
    assert "drifted since it was calibrated" in first.why
    assert "roadworthy judge calibrate" in first.why
    assert "uncalibrated_judges" in first.why


def test_the_reading_says_it_too() -> None:
    (entry,) = Trust(knows({})).trusted((judged(PASSED),))

    assert isinstance(entry.reading, Unmeasured)
    assert entry.reading.cause is Cause.UNCALIBRATED
    assert "never calibrated" in entry.reading.why
    assert "roadworthy judge calibrate" in entry.reading.why


def test_a_suite_may_gate_with_it_in_writing_and_every_verdict_shows_the_reason() -> None:
    evidence = measure((judged(PASSED),), exception="only a smoke test")

    decision = gate(evidence)

    assert decision.verdict is Verdict.PASS
    (said,) = [one.why for one in decision.reasons if one.rule == "calibrated"]
    assert "only a smoke test" in said
    assert JUDGE in said


def test_an_exception_says_nothing_where_every_judge_is_calibrated() -> None:
    evidence = measure((judged(PASSED),), standing=Standing.CALIBRATED, exception="whatever")

    assert "calibrated" not in {one.rule for one in gate(evidence).reasons}


def test_all_judges_behind_a_combined_grader_must_be_calibrated() -> None:
    both = judged(PASSED, instrument=f"{JUDGE} & tone@2/openai:m\N{MULTIPLICATION SIGN}1")

    (case,) = measure((both,), standing=Standing.CALIBRATED).cases

    assert case.untrusted_passed == 1


def test_what_was_read_can_still_be_shown() -> None:
    evidence = measure((judged(PASSED),), (judged(FAILED),), (checked(PASSED),))

    shown = as_read(evidence)

    assert [(case.passed, case.failed, case.unmeasured) for case in shown.cases] == [
        (1, 0, 0),
        (0, 1, 0),
        (1, 0, 0),
    ]


def test_a_reading_that_measured_nothing_keeps_its_own_cause() -> None:
    silent = Unmeasured(cause=Cause.JUDGE_UNREADABLE, why="no verdict")

    (entry,) = Trust(knows({})).trusted((judged(silent),))

    assert entry.reading == silent


def test_names_of_judges_cannot_write_to_the_terminal() -> None:
    evil = judged(PASSED, instrument="evil\x1b[2J")

    assert "\x1b" not in "".join(one.why for one in gate(measure((evil,))).reasons)
