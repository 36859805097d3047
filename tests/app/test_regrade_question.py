"""Whether a case still asks what a trial was asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from roadworthy.app.regrading.question import Question, asked_digest, question
from roadworthy.records.case import Case, Divergent
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.probe_spec import FileLook, ProbeSpec
from roadworthy.records.recording import RecordedCall, Recording
from roadworthy.records.run import PlannedCase
from roadworthy.suite.read_case import case_digest

EXPECTED = (GraderSpec(grader="contains", options={"text": "yes"}),)
OTHER = (GraderSpec(grader="exact", options={"text": "no"}),)
SEEN = ProbeSpec(name="file", look=FileLook(path="out.txt"))
MOVED = ProbeSpec(name="file", look=FileLook(path="elsewhere.txt"))
MORE = ProbeSpec(name="log", look=FileLook(path="log.txt"))


def a_full_case(
    text: str = "hello",
    *,
    graders: tuple[GraderSpec, ...] = EXPECTED,
    recording: Recording | None = None,
    on_divergence: Divergent = "unmeasured",
    probes: tuple[ProbeSpec, ...] = (),
) -> Case:
    """A case with the digest that its file would have."""
    return Case(
        id="case",
        digest=case_digest(text, graders, recording, on_divergence, probes),
        input=text,
        graders=graders,
        recording=recording,
        on_divergence=on_divergence,
        probes=probes,
    )


def planned(case: Case, *, old: bool = False) -> PlannedCase:
    asked = "" if old else asked_digest(case)
    return PlannedCase(id=case.id, digest=case.digest, repeats=1, graders=case.graders, asked=asked)


def replies(result: str) -> Recording:
    return Recording(calls=(RecordedCall(tool="look", arguments={}, result=result),))


@given(st.text(max_size=20), st.sampled_from([EXPECTED, OTHER, ()]), st.booleans())
def test_other_expectations_leave_the_question_as_it_was(
    text: str, graders: tuple[GraderSpec, ...], old: bool
) -> None:
    then = planned(a_full_case(text), old=old)

    assert question(then, a_full_case(text, graders=graders)) is Question.SAME


@given(st.text(max_size=20), st.text(max_size=20), st.booleans())
def test_another_input_is_never_taken_for_the_same(then: str, now: str, old: bool) -> None:
    found = question(planned(a_full_case(then), old=old), a_full_case(now, graders=OTHER))

    assert (found is Question.SAME) == (then == now)


@pytest.mark.parametrize(("old", "found"), [(False, Question.CHANGED), (True, Question.UNPROVED)])
def test_other_replies_of_the_tools_make_it_another_question(old: bool, found: Question) -> None:
    then = planned(a_full_case(recording=replies("late")), old=old)

    assert question(then, a_full_case(recording=replies("on time"))) is found


@pytest.mark.parametrize("old", [True, False])
def test_what_leaving_the_recording_means_is_an_expectation(old: bool) -> None:
    then = planned(a_full_case(recording=replies("late")), old=old)

    now = a_full_case(recording=replies("late"), on_divergence="fail")

    assert question(then, now) is Question.SAME


def test_a_look_that_was_added_since_leaves_the_looks_that_were_made() -> None:
    then = planned(a_full_case(probes=(SEEN,)), old=True)

    assert question(then, a_full_case(probes=(SEEN, MORE)), looks=["file"]) is Question.SAME


@pytest.mark.parametrize(
    ("old", "found"), [(False, Question.SAME_UNSEEN), (True, Question.UNPROVED)]
)
def test_a_look_elsewhere_under_the_same_name_is_not_what_was_seen(
    old: bool, found: Question
) -> None:
    then = planned(a_full_case(probes=(SEEN,)), old=old)

    assert question(then, a_full_case(probes=(MOVED,)), looks=["file"]) is found


def test_the_digest_of_the_question_does_not_depend_on_what_is_expected() -> None:
    case = a_full_case()

    assert asked_digest(case) == asked_digest(replace(case, graders=OTHER, probes=(SEEN,)))
    assert asked_digest(case) != asked_digest(replace(case, recording=replies("late")))
