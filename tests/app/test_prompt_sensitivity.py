"""How far pass rates move over messy variants, and when that says little."""

import pytest

from roadworthy.app.prompt_sensitivity import PromptSensitivity, prompt_sensitivity
from roadworthy.records.evidence import CaseEvidence
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.run import PlannedCase

EXPECTS = (GraderSpec(grader="contains", options={"text": "refund"}),)
ELSE = (GraderSpec(grader="regex", options={"pattern": "[?]"}),)


def told(
    *cases: tuple[str, int, int], expects_else: tuple[str, ...] = ()
) -> tuple[PromptSensitivity, ...]:
    """From (case, passed, measured); a name with dashes is a variant of what stands before them."""
    planned = [
        PlannedCase(
            id=name,
            digest="d",
            repeats=10,
            graders=ELSE if name in expects_else else EXPECTS,
            parent=name.partition("--")[0] if "--" in name else "",
        )
        for name, _, _ in cases
    ]
    evidence = [
        CaseEvidence(case=name, digest="d", passed=passed, failed=measured - passed)
        for name, passed, measured in cases
    ]
    return prompt_sensitivity(planned, evidence)


def test_the_spread_is_the_highest_rate_less_the_lowest_the_parents_among_them() -> None:
    (one,) = told(("refund", 20, 20), ("refund--typos", 18, 20), ("refund--anger", 2, 20))

    assert one.parent == "refund"
    assert [rate.case for rate in one.wordings] == ["refund", "refund--anger", "refund--typos"]
    assert one.spread == 0.9
    assert one.drop == pytest.approx(0.5)
    assert one.spread_low is not None
    assert one.spread_high is not None
    assert 0 < one.spread_low < 0.9 < one.spread_high
    assert one.shown_to_differ
    assert one.thin is None


def test_a_variant_that_expects_something_else_is_in_no_number() -> None:
    (one,) = told(
        ("refund", 10, 10),
        ("refund--typos", 10, 10),
        ("refund--missing-fields", 0, 10),
        expects_else=("refund--missing-fields",),
    )

    assert one.spread == 0.0
    assert [rate.case for rate in one.others] == ["refund--missing-fields"]


def test_three_trials_of_a_wording_are_called_thin() -> None:
    (one,) = told(("refund", 3, 3), ("refund--typos", 2, 3))

    assert one.thin == "some wording has only 3 measured trials"
    assert not one.shown_to_differ


def test_a_parent_that_was_not_run_leaves_nothing_to_compare() -> None:
    (one,) = told(("refund--typos", 2, 10), ("refund--anger", 9, 10))

    assert one.spread is None
    assert one.drop is None
    assert one.thin == "the parent was not measured in this run; nothing to compare"


def test_variants_without_a_verdict_are_counted_and_are_no_zero() -> None:
    (one,) = told(("refund", 9, 10), ("refund--typos", 9, 10), ("refund--anger", 0, 0))

    assert one.spread == 0.0
    assert one.thin == "1 variant could not be measured"


def test_a_run_without_variants_tells_of_no_sensitivity() -> None:
    assert told(("refund", 1, 1), ("cancel", 0, 1)) == ()


def test_each_parent_is_told_on_its_own() -> None:
    both = told(
        ("b", 10, 10), ("a", 10, 10), ("b--typos", 0, 10), ("a--typos", 10, 10), ("b--anger", 5, 10)
    )

    assert [(one.parent, one.spread) for one in both] == [("a", 0.0), ("b", 1.0)]
