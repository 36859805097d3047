"""Runs under different gradings: never a change of the agent, and how to grade them alike."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from roadworthy.gate.decide import decide
from roadworthy.gate.pairing import pair_cases
from roadworthy.gate.policy import GatePolicy
from roadworthy.records.case import Kind
from roadworthy.records.decision import Decision, Verdict
from roadworthy.records.evidence import CaseEvidence, RunEvidence

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TRIALS = 5


def a_graded_run(
    run: str,
    *,
    passed: int = TRIALS,
    grader: str = "exact@1/",
    asked: str = "the question",
    grading: int = 0,
    graded_at: float = 1.0,
    graded_from: str = "/suites/main",
) -> RunEvidence:
    """One case; its digest covers what is asked and by what it is graded."""
    case = CaseEvidence(
        case="a",
        digest=f"{asked} {grader}",
        asked=asked,
        kind=Kind.REGRESSION,
        planned=TRIALS,
        passed=passed,
        failed=TRIALS - passed,
        graders=(grader,),
    )
    return RunEvidence(
        run=run,
        suite="suite",
        version="v",
        cases=(case,),
        grading=grading,
        graded_at=graded_at,
        graded_from=graded_from,
    )


def compared(base: RunEvidence, candidate: RunEvidence) -> Decision:
    return decide(candidate, base=base, policy=GatePolicy(use_tiers=False), now=NOW)


@given(st.integers(0, TRIALS), st.integers(0, TRIALS), st.booleans())
def test_the_same_trials_under_two_gradings_are_never_a_change_of_the_agent(
    before: int, after: int, other_grader: bool
) -> None:
    grader = "exact@2/" if other_grader else "exact@1/"
    base = a_graded_run("one", passed=before)
    candidate = a_graded_run("one", passed=after, grader=grader, grading=1)

    decision = compared(base, candidate)

    assert decision.comparison is not None
    assert decision.comparison.changes == ()
    assert decision.verdict not in (Verdict.PASS, Verdict.FAIL)
    assert decision.comparison.not_comparable == (
        "these are the same trials under gradings 0 and 1: the grading changed, the agent did not",
    )


def test_one_question_under_other_graders_is_a_difference_of_the_grading() -> None:
    base = a_graded_run("old run")
    candidate = a_graded_run("new", passed=0, grader="exact@2/", graded_at=2.0)

    assert pair_cases(base, candidate).left_out == (
        "graded differently (exact@1 → exact@2): a",
        (
            "the grading changed, which says nothing of the agent; to grade both alike: "
            "roadworthy eval regrade 'old run'"
        ),
    )


def test_the_run_that_was_graded_earlier_is_the_one_to_grade_again() -> None:
    base = a_graded_run("old", grader="exact@2/", graded_at=9.0, graded_from="/suites/its own")
    candidate = a_graded_run("new", graded_at=2.0)

    assert (
        pair_cases(base, candidate)
        .left_out[-1]
        .endswith("roadworthy eval regrade new --suite '/suites/its own'")
    )


def test_another_question_is_no_difference_of_the_grading() -> None:
    base = a_graded_run("old")
    candidate = a_graded_run("new", asked="another", grader="exact@2/", graded_at=2.0)

    assert pair_cases(base, candidate).left_out == ("what the case asks or expects has changed: a",)


def test_nothing_is_offered_where_no_suite_is_known() -> None:
    base = a_graded_run("old")
    candidate = a_graded_run("new", grader="exact@2/", graded_at=2.0, graded_from="")

    assert pair_cases(base, candidate).left_out == ("graded differently (exact@1 → exact@2): a",)


def test_a_long_list_of_graders_is_cut_with_their_number() -> None:
    base, plain = a_graded_run("old"), a_graded_run("new").cases[0]
    graders = (*plain.graders, *(f"rule{number}@1/" for number in range(8)))
    candidate = replace(a_graded_run("new"), cases=(replace(plain, graders=graders),))

    assert pair_cases(base, candidate).left_out == (
        (
            "graded differently (no such grader → rule0@1, rule1@1, rule2@1, rule3@1, rule4@1 "
            "and 3 more): a"
        ),
    )
