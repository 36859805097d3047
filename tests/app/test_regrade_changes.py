"""What changed between two gradings, and which grader made it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from roadworthy.app.regrading.changes import Changes, joined, paired
from roadworthy.records.reading import Cause, Grade, Reading, TrialReading, Unmeasured
from roadworthy.records.trial_result import TrialResult
from roadworthy.testing import a_trial

YES = Grade(passed=True, score=1.0, why="it is there")
NO = Grade(passed=False, score=0.0, why="it is not there")
OPEN = Unmeasured(cause=Cause.NO_TRACE, why="nothing to read")

readings = st.builds(
    TrialReading,
    grader=st.sampled_from(["a", "b", "c"]),
    version=st.integers(1, 2),
    reading=st.sampled_from([YES, NO, OPEN]),
    required=st.booleans(),
    options=st.sampled_from(["", "x"]),
)


def entry(grader: str, reading: Reading, **fields: object) -> TrialReading:
    return replace(TrialReading(grader=grader, version=1, reading=reading), **fields)


def result(*found: TrialReading, repeat: int = 0) -> TrialResult:
    return TrialResult(trial=a_trial(None, repeat=repeat), readings=found)


def causes(before: TrialResult, after: TrialResult) -> list[tuple[str, str]]:
    changes = Changes()
    changes.add(before, after)
    return [(one.grader, one.cause) for one in changes.trials[0].graders]


@given(st.lists(readings, max_size=6))
def test_a_grading_beside_itself_shows_no_change(found: list[TrialReading]) -> None:
    changes = Changes()

    changes.add(result(*found), result(*found))

    assert changes.trials == []
    assert all(one.before == one.after for one in changes.tallies())
    assert not any(one.other_mind for one in changes.tallies())


@given(st.lists(readings, max_size=6), st.lists(readings, max_size=6))
def test_every_reading_is_paired_once_and_only_with_one_of_its_name(
    before: list[TrialReading], after: list[TrialReading]
) -> None:
    pairs = list(paired(before, after))

    assert [pair.after for pair in pairs if pair.after is not None] == after
    taken = sorted(repr(pair.before) for pair in pairs if pair.before is not None)
    assert taken == sorted(map(repr, before))
    assert all(p.before.grader == p.after.grader for p in pairs if p.before and p.after)


@given(st.lists(readings, max_size=6), st.lists(readings, max_size=6))
def test_a_verdict_that_changed_is_explained_by_a_grader(
    before: list[TrialReading], after: list[TrialReading]
) -> None:
    changes = Changes()

    changes.add(result(*before), result(*after))

    assert all(one.graders for one in changes.trials)
    assert bool(changes.trials) == (result(*before).verdict is not result(*after).verdict)


@pytest.mark.parametrize(
    ("other", "cause"),
    [
        ({"version": 2}, "version"),
        ({"options": "x"}, "options"),
        ({"instrument": "judge"}, "judge"),
        ({}, "mind"),
    ],
)
def test_why_a_grader_says_something_else_is_told(other: dict[str, object], cause: str) -> None:
    before, after = result(entry("a", YES)), result(entry("a", NO, **other))

    assert causes(before, after) == [("a", cause)]


def test_a_reading_that_counts_only_now_is_told() -> None:
    before = result(entry("a", YES), entry("b", NO, required=False))

    assert causes(before, result(entry("a", YES), entry("b", NO))) == [("b", "required")]


def test_only_graders_that_speak_for_the_verdict_are_named() -> None:
    before = result(entry("a", YES))
    after = result(entry("a", YES), entry("b", YES), entry("c", NO))

    assert causes(before, after) == [("c", "new")]


def test_of_several_graders_of_one_name_the_one_that_is_asked_alike_is_the_same() -> None:
    before = result(entry("a", YES, options="x"), entry("a", NO, options="y"))
    after = result(entry("a", YES, options="x"))

    assert causes(before, after) == [("a", "gone")]


def test_a_trial_that_came_in_between_is_left_out() -> None:
    before = [result(entry("a", YES), repeat=number) for number in (0, 2)]
    after = [result(entry("a", NO), repeat=number) for number in (0, 1, 2, 3)]

    pairs = [(was.trial.repeat, now.trial.repeat) for was, now in joined(before, after)]

    assert pairs == [(0, 0), (2, 2)]


def test_a_trial_that_the_later_grading_has_not_read_hides_none_that_follow() -> None:
    before = [result(entry("a", YES), repeat=number) for number in range(5)]
    after = [result(entry("a", NO), repeat=number) for number in (0, 2, 4)]

    pairs = [(was.trial.repeat, now.trial.repeat) for was, now in joined(before, iter(after))]

    assert pairs == [(0, 0), (2, 2), (4, 4)]
