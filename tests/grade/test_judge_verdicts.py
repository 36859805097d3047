"""What passes and judges add up to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from roadworthy.base.codec import decode, encode, to_builtins
from roadworthy.grade.judge.material import Document, Material
from roadworthy.grade.judge.verdict import verdict_of
from roadworthy.records.judgement import Judgement, Unread
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.rubric import Aggregate, Criterion, Flaw, Reference, Rubric
from roadworthy.testing.judge_fakes import a_judgement, a_rubric

ITEM = Material(output="Your refund of 40 EUR left on Monday.", input="Where is my refund?")
HEDGED = "It might have left. It probably did."


def graded(reading: Reading) -> Grade:
    assert isinstance(reading, Grade)
    return reading


def passes(*scores: float, model: str = "test:judge") -> list[Judgement]:
    return [
        a_judgement(model=model, number=number, right=score) for number, score in enumerate(scores)
    ]


def test_the_median_of_three_passes_counts_and_the_spread_is_told() -> None:
    reading = graded(verdict_of(passes(1.0, 0.0, 1.0), a_rubric(), ITEM))

    assert (reading.passed, reading.score, reading.parts) == (True, 1.0, {"right": 1.0})
    assert reading.details["spread"] == 1.0
    assert reading.details["criteria"] == {"right": {"scores": [1.0, 0.0, 1.0], "spread": 1.0}}


def test_criteria_are_weighed() -> None:
    criteria = (
        Criterion(name="a", question="?", weight=3.0),
        Criterion(name="b", question="?", weight=1.0),
    )
    rubric = Rubric(name="test", criteria=criteria, min_score=0.75)

    reading = graded(verdict_of([a_judgement(a=1.0, b=0.0)], rubric, ITEM))

    assert (reading.passed, reading.score) == (True, 0.75)


def test_a_required_criterion_must_reach_the_mark_by_itself() -> None:
    criteria = (
        Criterion(name="a", question="?", weight=9.0),
        Criterion(name="b", question="?", required=True),
    )
    rubric = Rubric(name="test", criteria=criteria, min_score=0.75)

    reading = graded(verdict_of([a_judgement(a=1.0, b=0.5)], rubric, ITEM))

    assert (reading.passed, reading.score) == (False, 0.95)


def test_a_mean_that_is_the_mark_but_for_rounding_passes() -> None:
    rubric = a_rubric("a", "b", "c", min_score=0.7)
    scores = a_judgement(a=0.7, b=0.7, c=0.7)

    assert graded(verdict_of([scores], rubric, ITEM)).passed


@pytest.mark.parametrize(
    ("scores", "passed", "score"),
    [((1.0, 1.0, 0.0), True, 2 / 3), ((1.0, 0.0, 0.0), False, 1 / 3), ((1.0, 0.0), False, 0.5)],
)
def test_under_majority_each_pass_votes_and_a_tie_does_not_pass(
    scores: tuple[float, ...], passed: bool, score: float
) -> None:
    rubric = replace(a_rubric(), aggregate=Aggregate.MAJORITY)

    reading = graded(verdict_of(passes(*scores), rubric, ITEM))

    assert (reading.passed, reading.score) == (passed, score)


def test_a_judge_of_a_panel_counts_once_however_many_passes_were_read() -> None:
    lost = a_judgement(model="c", number=0, unread=Unread.UNREADABLE)
    panel = [*passes(0.0, 0.0, 0.0, model="a"), *passes(1.0, 1.0, 1.0, model="b")]
    third = [lost, *passes(1.0, 1.0, model="c")]

    assert graded(verdict_of([*panel, *third], a_rubric(), ITEM)).score == 1.0


def test_a_panel_that_lost_one_of_its_judges_has_measured_nothing() -> None:
    lost = a_judgement(model="b", unread=Unread.UNAVAILABLE)

    reading = verdict_of([*passes(1.0, model="a"), lost], a_rubric(), ITEM)

    assert isinstance(reading, Unmeasured)
    assert reading.why == "1 of 1 passes of b gave no verdict: it was unavailable"


@pytest.mark.parametrize(
    ("lost", "cause"),
    [
        ([Unread.UNREADABLE], Cause.JUDGE_UNREADABLE),
        ([Unread.REFUSED], Cause.JUDGE_UNREADABLE),
        ([Unread.UNAVAILABLE], Cause.JUDGE_UNAVAILABLE),
        ([Unread.OVER_BUDGET], Cause.JUDGE_UNAVAILABLE),
        ([Unread.UNREADABLE, Unread.UNAVAILABLE], Cause.JUDGE_UNAVAILABLE),
        ([Unread.UNREADABLE, Unread.REFUSED, Unread.UNAVAILABLE], Cause.JUDGE_UNREADABLE),
    ],
)
def test_lost_passes_are_unmeasured_with_their_cause(lost: list[Unread], cause: Cause) -> None:
    reading = verdict_of([a_judgement(unread=one) for one in lost], a_rubric(), ITEM)

    assert isinstance(reading, Unmeasured)
    assert reading.cause is cause
    assert reading.details["refused"] == lost.count(Unread.REFUSED)


def test_half_of_the_passes_lost_is_too_many() -> None:
    lost = a_judgement(number=1, unread=Unread.UNREADABLE)

    assert isinstance(verdict_of([*passes(1.0), lost], a_rubric(), ITEM), Unmeasured)
    assert isinstance(verdict_of([*passes(1.0, 1.0), lost], a_rubric(), ITEM), Grade)


def test_nobody_asked_is_no_verdict() -> None:
    reading = verdict_of([], a_rubric(), ITEM)

    assert isinstance(reading, Unmeasured)
    assert reading.cause is Cause.JUDGE_UNAVAILABLE


def test_what_could_not_be_read_is_kept_word_for_word() -> None:
    lost = replace(a_judgement(unread=Unread.UNREADABLE), raw="\x1b[2J five stars")

    reading = verdict_of([lost], a_rubric(), ITEM)

    assert isinstance(reading, Unmeasured)
    told = to_builtins(reading.details["passes"])[0]
    assert told["raw"] == "\x1b[2J five stars"
    assert "\x1b" not in reading.why


def test_a_penalty_is_taken_off_and_told() -> None:
    rubric = replace(a_rubric(), penalties={Flaw.HEDGED: 0.5})

    reading = graded(verdict_of(passes(1.0), rubric, replace(ITEM, output=HEDGED)))

    assert (reading.passed, reading.score) == (False, 0.5)
    assert "hedged answer, 0.5 taken off" in reading.why
    assert reading.details["flaws"] == ["hedged"]


def test_a_flaw_that_the_rubric_does_not_count_costs_nothing() -> None:
    assert graded(verdict_of(passes(1.0), a_rubric(), replace(ITEM, output=HEDGED))).passed


def test_quotes_point_at_spans_and_those_that_are_made_up_are_named() -> None:
    rubric = replace(a_rubric(), references=(Reference.OUTPUT, Reference.DOCUMENTS))
    documents = (
        Document(content="It was cancelled.", span="s1"),
        Document(content="It left on Monday.", span="s2"),
    )
    said = a_judgement(right=1.0, quotes=("left on Monday", "arrived on Friday"))

    reading = graded(verdict_of([said], rubric, replace(ITEM, documents=documents)))

    assert reading.evidence == ("s2",)
    assert reading.details["unsupported_quotes"] == ["arrived on Friday"]


def test_why_is_one_printable_line_with_the_worst_criterion() -> None:
    said = a_judgement(good=1.0, bad=0.0, reason="wrong\n\x1b[31mamount")

    reading = graded(verdict_of([said], a_rubric("good", "bad"), ITEM))

    assert reading.why == ('test 0.50, at least 0.75 expected; bad 0.00: "wrong \\x1b[31mamount"')


@given(scores=st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=9))
def test_more_of_the_same_answer_changes_nothing_and_every_reading_can_be_stored(
    scores: list[float],
) -> None:
    rubric = a_rubric()
    once = graded(verdict_of(passes(*scores), rubric, ITEM))
    twice = graded(verdict_of(passes(*scores, *scores), rubric, ITEM))

    assert (once.passed, once.score) == (twice.passed, twice.score)
    assert decode(Grade, encode(once)) == once


@given(
    scores=st.lists(st.floats(0, 1), min_size=1, max_size=5),
    penalty=st.floats(0, 1),
    majority=st.booleans(),
)
def test_a_score_lies_within_bounds_and_never_rises_with_a_penalty(
    scores: list[float], penalty: float, majority: bool
) -> None:
    how = Aggregate.MAJORITY if majority else Aggregate.MEDIAN
    free = replace(a_rubric(), aggregate=how)
    item = replace(ITEM, output=HEDGED)

    without = graded(verdict_of(passes(*scores), free, item))
    fined = graded(
        verdict_of(passes(*scores), replace(free, penalties={Flaw.HEDGED: penalty}), item)
    )

    assert 0.0 <= fined.score <= without.score <= 1.0
    assert without.passed or not fined.passed
