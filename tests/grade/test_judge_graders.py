"""The graders `rubric` and `pairwise`: without judges, with them, and what they show."""

import pytest
from msgspec.structs import replace

from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest
from roadworthy.grade.grade_trial import grade_trial
from roadworthy.grade.judge.answer_form import Position
from roadworthy.grade.judge.judge_item import compare_item, consistent, judge_item
from roadworthy.grade.judge.material import MAX_CHARACTERS, Material
from roadworthy.grade.judge.rubric_grader import bind
from roadworthy.grade.judge.same_model import same_model
from roadworthy.grade.registry import build, check_grader
from roadworthy.records import semconv
from roadworthy.records.grader_spec import BadOptions, GraderSpec
from roadworthy.records.judgement import Unread
from roadworthy.records.losses import SPANS_DROPPED
from roadworthy.records.reading import Cause, Grade, Reading, TrialReading, Unmeasured
from roadworthy.records.rubric import Flaw, Reference, Rubric
from roadworthy.records.span import Span
from roadworthy.records.trial import Ending, Trial
from roadworthy.testing import a_call, a_trial
from roadworthy.testing.judge_fakes import ScriptedJudge, ScriptedJudges, a_judgement, a_rubric

DOCUMENTS = replace(a_rubric(), references=(Reference.OUTPUT, Reference.DOCUMENTS))
TRANSCRIPT = replace(a_rubric(), references=(Reference.OUTPUT, Reference.TRANSCRIPT))


def a_judge(score: float = 1.0, *, model: str = "test:judge") -> ScriptedJudge:
    return ScriptedJudge(says=lambda *_: score, model=model)


async def graded(
    trial: Trial,
    *judges: ScriptedJudge,
    rubric: Rubric | None = None,
    grader: str = "rubric",
    asked: Json = None,
    **options: Json,
) -> TrialReading:
    spec = GraderSpec(grader=grader, options={"rubric": "test", **options})
    service = ScriptedJudges(judges=judges, only=rubric or a_rubric())
    (reading,) = await grade_trial([(spec, bind(build(spec), service, asked=asked))], trial)
    return reading


async def shown(trial: Trial, rubric: Rubric, **options: Json) -> Material:
    judge = a_judge()
    await graded(trial, judge, rubric=rubric, grader="rubric", asked=None, **options)
    return judge.asked[0][0]


def cause(reading: Reading) -> Cause | None:
    return reading.cause if isinstance(reading, Unmeasured) else None


@pytest.mark.parametrize("options", [{"rubric": "correctness"}, "correctness"])
def test_a_rubric_may_be_named_alone(options: Json) -> None:
    assert check_grader("rubric", options) == {"rubric": "correctness"}


async def test_without_judges_nothing_is_measured() -> None:
    for name, more in (("rubric", {}), ("pairwise", {"against": "x"})):
        grader = build(GraderSpec(grader=name, options={"rubric": "tone", **more}))

        assert cause(await grader.grade(a_trial())) is Cause.JUDGE_UNAVAILABLE


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"rubric": " "}, "rubric"),
        ({"judge": "a", "panel": ["b"]}, "panel"),
        ({"panel": ["b", "b"]}, "panel"),
        ({"passes": 0}, "passes"),
        ({"passes": 26}, "passes"),
        ({"min_score": 75.0}, "min_score"),
        ({"aggregate": "mean"}, "aggregate"),
        ({"pases": 3}, "pases"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(options: dict[str, Json], place: str) -> None:
    with pytest.raises(BadOptions) as caught:
        check_grader("rubric", {"rubric": "tone", **options})

    assert [one.place for one in caught.value.problems] == [place]


def test_every_wrong_option_of_a_comparison_is_told_at_once() -> None:
    with pytest.raises(BadOptions) as caught:
        check_grader("pairwise", {"rubric": "", "against": "", "passes": 0})

    assert {one.place for one in caught.value.problems} == {"rubric", "against", "passes"}


async def test_a_reading_says_with_what_it_was_measured() -> None:
    reading = await graded(a_trial(), a_judge(), a_judge(model="other:x"), passes=2)

    assert reading.instrument.startswith("test@")
    assert reading.instrument.endswith("/other:x+test:judge\N{MULTIPLICATION SIGN}2")


async def test_every_judge_is_asked_every_pass() -> None:
    first, second = a_judge(), a_judge(model="other:x")

    await graded(a_trial(), first, second, passes=3)

    assert [number for _, number, _ in first.asked] == [0, 1, 2]
    assert [number for _, number, _ in second.asked] == [0, 1, 2]


async def test_the_item_may_set_another_pass_mark_which_is_another_instrument() -> None:
    strict = await graded(a_trial(), a_judge(0.8), min_score=0.9)
    usual = await graded(a_trial(), a_judge(0.8))

    assert isinstance(strict.reading, Grade)
    assert not strict.reading.passed
    assert isinstance(usual.reading, Grade)
    assert usual.reading.passed
    assert strict.instrument != usual.instrument


@pytest.mark.parametrize("output", ["", "  \n", None])
async def test_an_empty_answer_is_put_to_no_judge(output: Json) -> None:
    judge = a_judge()
    strict = replace(a_rubric(), penalties={Flaw.VACUOUS: 0.5})

    usual = await graded(a_trial(output=output), judge)
    failed = await graded(a_trial(output=output), judge, rubric=strict)

    assert cause(usual.reading) is Cause.NO_OUTPUT
    assert isinstance(failed.reading, Grade)
    assert not failed.reading.passed
    assert judge.asked == []


async def test_an_agent_that_was_stopped_gave_nothing_to_judge() -> None:
    reading = await graded(a_trial(ending=Ending.TIMEOUT), a_judge())

    assert cause(reading.reading) is Cause.NO_OUTPUT


async def test_the_cases_input_is_shown_before_what_the_trace_says() -> None:
    rubric = replace(a_rubric(), references=(Reference.INPUT, Reference.OUTPUT))
    judge = a_judge()

    await graded(a_trial(), judge, rubric=rubric, asked=[{"role": "user", "content": "hi"}])
    await graded(a_trial(), judge, rubric=rubric)

    assert [item.input for item, _, _ in judge.asked] == [
        [{"role": "user", "content": "hi"}],
        "What is the state of my order?",
    ]


async def test_an_input_that_nobody_knows_is_not_made_up() -> None:
    rubric = replace(a_rubric(), references=(Reference.INPUT, Reference.OUTPUT))

    reading = await graded(a_trial(None), a_judge(), rubric=rubric)

    assert cause(reading.reading) is Cause.NO_TRACE


async def test_documents_are_what_tools_returned_and_what_was_retrieved() -> None:
    found = Span(
        id="f" * 16,
        name="search",
        start_ns=10**12,
        end_ns=10**12,
        attributes={semconv.RETRIEVAL_DOCUMENTS: [{"content": "Bags: 23 kg."}]},
    )
    trial = a_trial([("lookup", {"id": 7}, "sent"), a_call("pay", error="no funds"), found])

    item = await shown(trial, DOCUMENTS)

    assert item.documents is not None
    assert [(one.source, one.content) for one in item.documents] == [
        ("pay", {"error": "no funds"}),
        ("lookup", "sent"),
        ("search", [{"content": "Bags: 23 kg."}]),
    ]


async def test_no_documents_is_something_to_judge_and_no_trace_is_not() -> None:
    assert (await shown(a_trial([]), DOCUMENTS)).documents == ()
    reading = await graded(a_trial(None), a_judge(), rubric=DOCUMENTS)
    assert cause(reading.reading) is Cause.NO_TRACE


async def test_a_path_that_lost_spans_cannot_show_that_nothing_supports_an_answer() -> None:
    trial = a_trial([])
    assert trial.trace is not None
    trial = replace(trial, trace=replace(trial.trace, attributes={SPANS_DROPPED: 2}))

    reading = await graded(trial, a_judge(), rubric=DOCUMENTS)

    assert cause(reading.reading) is Cause.INCOMPLETE_TRACE


async def test_the_transcript_has_both_sides() -> None:
    item = await shown(a_trial(output="It left."), TRANSCRIPT)

    assert item.transcript is not None
    assert [one["role"] for one in item.transcript if isinstance(one, dict)] == [
        "user",
        "assistant",
    ]


async def test_what_is_too_long_is_not_cut_but_left() -> None:
    judge = a_judge()

    reading = await graded(a_trial(output="x" * MAX_CHARACTERS), judge)

    assert cause(reading.reading) is Cause.JUDGE_UNAVAILABLE
    assert judge.asked == []


async def test_expectation_and_policy_come_from_the_item() -> None:
    rubric = replace(a_rubric(), optional=(Reference.EXPECTED, Reference.POLICY))

    item = await shown(a_trial(), rubric, expected={"total": 3}, policy="Be brief.")

    assert (item.expected, item.policy) == ({"total": 3}, "Be brief.")


async def test_an_item_that_lacks_what_the_rubric_shows_is_not_judged() -> None:
    with pytest.raises(BadRequest, match="shows documents"):
        await judge_item([a_judge()], DOCUMENTS, Material(output="x"), 1)


async def test_a_judge_that_prefers_the_agent_in_both_orders_passes_it() -> None:
    reading = await graded(a_trial(), a_judge(1.0), grader="pairwise", against="other")

    assert isinstance(reading.reading, Grade)
    assert (reading.reading.passed, reading.reading.score) == (True, 1.0)
    assert reading.instrument.startswith("pairwise:test@")


async def test_a_judge_that_always_prefers_the_first_says_nothing() -> None:
    judge = ScriptedJudge(says=lambda _, __, position: float(position is Position.FIRST))

    reading = await graded(a_trial(), judge, grader="pairwise", against="other", min_score=0.6)

    assert isinstance(reading.reading, Grade)
    assert (reading.reading.passed, reading.reading.score) == (False, 0.5)
    assert [position for _, _, position in judge.asked] == [Position.FIRST, Position.SECOND]


async def test_a_comparison_needs_something_to_compare_with() -> None:
    with pytest.raises(BadRequest, match="no other answer"):
        await compare_item([a_judge()], a_rubric(), Material(output="x", input="y"), 1)


def test_an_order_that_was_not_read_leaves_the_pass_unread() -> None:
    read, lost = a_judgement(right=1.0), a_judgement(unread=Unread.UNREADABLE)

    assert consistent(read, lost).unread is Unread.UNREADABLE
    assert consistent(lost, read).unread is Unread.UNREADABLE


async def test_a_model_that_judges_its_own_work_is_told_once_and_marked() -> None:
    call = Span(
        id="c" * 16,
        name="chat",
        start_ns=1,
        end_ns=2,
        attributes={semconv.OPERATION: semconv.CHAT, semconv.RESPONSE_MODEL: "gpt-4.1-2025-04-14"},
    )
    trial = a_trial([call])
    service = ScriptedJudges(judges=[a_judge(model="openai:gpt-4.1 t=0")])
    grader = bind(build(GraderSpec(grader="rubric", options={"rubric": "test"})), service)

    reading = await grader.grade(trial)

    assert reading.details["judge_is_agent"] == "gpt-4.1-2025-04-14"
    assert service.notes == [
        "judge and agent are the same model, gpt-4.1-2025-04-14: models favour their own answers"
    ]


@pytest.mark.parametrize(
    ("judge", "agent", "is_same"),
    [
        ("openai:gpt-4.1", "gpt-4.1", True),
        ("openai:gpt-4.1", "openai/GPT-4.1-2025-04-14", True),
        ("anthropic:claude-x-20250219", "claude-x-latest", True),
        ("openai:gpt-4.1", "gpt-4.1-mini", False),
    ],
)
def test_models_are_the_same_whatever_their_release_and_provider(
    judge: str, agent: str, is_same: bool
) -> None:
    assert (same_model([judge], [agent]) is not None) is is_same
