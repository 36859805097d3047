"""What graders leave in doubt about a trial, and which label of an annotator counts."""

import pytest

from roadworthy.base.codec import Json
from roadworthy.grade.review_labels import answers, current_labels
from roadworthy.grade.review_signals import signals
from roadworthy.records.label import Label
from roadworthy.records.reading import Cause, Grade, Reading, TrialReading, Unmeasured
from roadworthy.records.rubric import Criterion, Rubric

RUBRIC = Rubric(
    name="tone", criteria=(Criterion(name="polite", question="Is it polite?"),), min_score=0.5
)


def judged(score: float, *passes: float, rubric: str = "tone", spread: Json = 0.0) -> TrialReading:
    details: dict[str, Json] = {
        "rubric": rubric,
        "spread": spread,
        "passes": [{"scores": [{"criterion": "polite", "score": one}]} for one in passes],
    }
    reading = Grade(passed=score >= 0.5, score=score, why="", details=details)
    return TrialReading(grader="rubric", version=1, reading=reading)


def graded(passed: bool, *, name: str = "contains", required: bool = True) -> TrialReading:
    grade = Grade(passed=passed, score=float(passed), why="")
    return TrialReading(grader=name, version=1, reading=grade, required=required)


def test_graders_of_one_mind_leave_nothing_in_doubt() -> None:
    found = signals([judged(1.0, 1.0, 1.0), graded(True)], RUBRIC)

    assert (found.disagreement, found.uncertainty) == (0.0, 0.0)


@pytest.mark.parametrize(
    "readings",
    [
        [judged(1.0, 1.0), graded(False)],
        [judged(1.0, 1.0), judged(0.0, 0.0)],
        [judged(1.0, 1.0, 0.0)],
        [graded(True), graded(False, name="regex")],
    ],
    ids=["judge and grader", "two judges", "two passes", "two graders"],
)
def test_what_is_split_in_half_disagrees_most(readings: list[TrialReading]) -> None:
    assert signals(readings, RUBRIC).disagreement == 1.0


def test_graders_that_are_only_shown_have_no_vote() -> None:
    readings = [graded(True), graded(False, required=False)]

    assert signals(readings, RUBRIC).disagreement == 0.0


def test_that_the_agent_ended_by_itself_is_no_opinion_on_its_answer() -> None:
    readings = [graded(True, name="completed"), judged(0.0, 0.0)]

    assert signals(readings, RUBRIC).disagreement == 0.0


def test_a_score_at_the_pass_mark_is_as_uncertain_as_can_be() -> None:
    assert signals([judged(0.5, 0.5)], RUBRIC).uncertainty == 1.0


def test_scores_that_spread_are_uncertain_whatever_their_middle() -> None:
    assert signals([judged(1.0, 1.0, spread=0.75)], RUBRIC).uncertainty == 0.75


def test_a_judge_that_could_not_be_read_is_uncertain() -> None:
    reading: Reading = Unmeasured(cause=Cause.JUDGE_UNREADABLE, why="", details={"rubric": "tone"})
    entry = TrialReading(grader="rubric", version=1, reading=reading)

    assert signals([entry], RUBRIC).uncertainty == 1.0


def test_another_question_of_the_same_judge_says_nothing_of_this_one() -> None:
    assert signals([judged(0.5, 0.5, rubric="relevance")], RUBRIC).uncertainty == 0.0


@pytest.mark.parametrize("odd", [None, "x", [], {"scores": 3}, [3, None, {"scores": [{}, 7]}]])
def test_details_of_another_shape_are_no_signal(odd: Json) -> None:
    grade = Grade(
        passed=True, score=1.0, why="", details={"rubric": "tone", "passes": odd, "spread": odd}
    )

    found = signals([TrialReading(grader="rubric", version=1, reading=grade)], RUBRIC)

    assert (found.disagreement, found.uncertainty) == (0.0, 0.0)


def a_label(value: str, *, annotator: str = "ann", skipped: bool = False, at: float = 1) -> Label:
    return Label(
        id=f"{value}{annotator}{at}",
        item="run/case/0",
        question="tone",
        annotator=annotator,
        value=value,
        skipped=skipped,
        at=at,
    )


def test_of_several_labels_by_one_annotator_the_newest_counts() -> None:
    said = [a_label("pass"), a_label("pass", annotator="bob"), a_label("fail", at=2)]

    assert [(one.annotator, one.value) for one in current_labels(said)] == [
        ("bob", "pass"),
        ("ann", "fail"),
    ]


def test_who_skips_an_item_after_all_has_not_answered() -> None:
    assert answers([a_label("pass"), a_label("", skipped=True, at=2)]) == []
