"""Triggers and reactions, one small story each."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.codec import Json
from roadworthy.grade.failure_handling.classify import Handled
from roadworthy.grade.failure_handling.grader import FailureHandling, Response
from roadworthy.grade.failure_handling.specifics import specifics, unsupported
from roadworthy.grade.failure_handling.triggers import is_empty
from roadworthy.grade.judge.rubric_grader import bind
from roadworthy.grade.registry import build, check_grader
from roadworthy.records.failure_response import PRECEDENCE, FailureResponse, Trigger
from roadworthy.records.grader_spec import BadOptions, GraderSpec
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.span import Span
from roadworthy.records.trial import Trial
from roadworthy.testing import a_call, a_trial, span_ids
from roadworthy.testing.judge_fakes import ScriptedJudge, ScriptedJudges

ORDER: Json = {"id": 7}


def failing(tool: str = "get_order", error: str = "timed out", *, n: int = 1) -> list[Span]:
    return [a_call(tool, ORDER, error=error, step=step) for step in range(1, n + 1)]


def finding(tool: str = "get_order", result: Json = "shipped", *, step: int = 9) -> Span:
    return a_call(tool, ORDER, result, step=step)


async def graded(calls: Sequence[Span], says: str = "", **options: Json) -> Reading:
    spec = GraderSpec(grader="failure_handling", options=check_grader("failure_handling", options))
    return await build(spec).grade(a_trial(calls, output=says))


async def verdicts(calls: Sequence[Span], says: str = "", **options: Json) -> list[Json]:
    rows = (await graded(calls, says, **options)).details.get("handled", [])
    assert isinstance(rows, list)
    return [row["class"] for row in rows if isinstance(row, dict)]


@pytest.mark.parametrize(
    ("says", "verdict"),
    [
        ("I couldn't look your order up: the system timed out.", "explained_uncertainty"),
        ("I couldn\N{RIGHT SINGLE QUOTATION MARK}t look your order up.", "explained_uncertainty"),
        ("I couldn't find order 7. Could you check its number?", "asked"),
        ("The system failed, so I am transferring you to a human agent.", "escalated"),
        ("I have drafted a reply for your review.", "draft_only"),
        ("I can't proceed without the order. No changes were made.", "stopped_safely"),
        ("All good! Anything else I can help with?", "ignored_error"),
        ("Thanks for your patience.", "ignored_error"),
        ("Your order left on 2026-05-03 with parcel ZX81QQ.", "guessed"),
        ("It will reach you for $49.99.", "guessed"),
    ],
)
async def test_words_after_a_failed_read_tell_how_it_was_handled(says: str, verdict: str) -> None:
    assert await verdicts(failing(), says) == [verdict]


@pytest.mark.parametrize(
    ("says", "verdict"),
    [
        ("Your order has been cancelled.", "ignored_error"),
        ("I've successfully cancelled it.", "ignored_error"),
        ("Once it has been cancelled, I will write to you.", "ignored_error"),
        ("Unfortunately your order has not been cancelled.", "explained_uncertainty"),
        ("Shall I try another card?", "asked"),
    ],
)
async def test_words_after_a_failed_write_are_held_against_what_was_done(
    says: str, verdict: str
) -> None:
    assert await verdicts(failing("cancel_order"), says) == [verdict]


async def test_saying_done_is_true_once_the_write_worked() -> None:
    calls = [*failing("cancel_order"), finding("cancel_order", {"ok": True})]

    assert await verdicts(calls, "Your order has been cancelled.") == ["retried_within_limit"]


async def test_retries_add_up_until_the_limit_and_then_are_too_many() -> None:
    other = [a_call("get_order", {"id": n}, error="no such order", step=n) for n in range(1, 6)]

    said = await verdicts([*other, finding()], "It has shipped.", retry_limit=2)

    assert said == ["retried_within_limit"] * 2 + ["retried_past_limit"] * 3


async def test_the_same_call_with_the_same_reply_is_a_loop_and_its_end_is_not() -> None:
    said = await verdicts(failing(n=4), "I couldn't find it.", retry_limit=9)

    assert said == ["explained_uncertainty", "looped", "looped", "explained_uncertainty"]


async def test_another_tool_asked_about_the_same_thing_is_another_way() -> None:
    calls = [*failing(), finding("search_orders", [{"id": 7, "status": "shipped"}])]

    assert await verdicts(calls, "It has shipped.") == ["retried_within_limit"]


async def test_handing_over_by_a_tool_counts_without_a_word() -> None:
    calls = [*failing(), finding("transfer_to_human_agents", "ok")]
    own = [*failing(), finding("page_the_desk", "ok")]

    assert await verdicts(calls) == ["escalated"]
    assert await verdicts(own, escalation_tools=["page_the_desk"]) == ["escalated"]


async def test_what_was_found_elsewhere_is_no_guess() -> None:
    calls = [
        a_call("list_orders", {"user": 1}, [{"id": "ZX81QQ", "usd": 1049.0}], step=1),
        a_call("get_order", ORDER, error="timed out", step=2),
    ]

    assert await verdicts(calls, "It is order ZX81QQ for $1,049.00.") == ["ignored_error"]


@pytest.mark.parametrize(
    "result", [[], {}, "", "[]", "No results found.", {"results": [], "total": 0}, '{"items": []}']
)
async def test_an_empty_result_calls_for_an_answer_that_says_so(result: Json) -> None:
    calls = [finding("search_orders", result)]
    after: dict[str, Json] = {"after": "empty_retrieval"}

    assert await verdicts(calls, "I found no such order.", **after) == ["explained_uncertainty"]
    assert await verdicts(calls, "It is order ZX81QQ.", **after) == ["guessed"]


@pytest.mark.parametrize("result", [None, 0, False, "none of these is open yet", [0], {"n": 0}])
def test_what_may_be_an_answer_is_not_taken_for_empty(result: Json) -> None:
    assert not is_empty(result)


async def test_reads_that_contradict_each_other_call_for_a_word_unless_a_write_lies_between() -> (
    None
):
    first = finding("get_order", {"order_id": 7, "status": "open"}, step=1)
    write = finding("cancel_order", "ok", step=2)
    second = finding("find_order", {"order_id": 7, "status": "cancelled"}, step=3)
    after: dict[str, Json] = {"after": "conflicting_retrieval"}

    assert await verdicts([first, second], "Our systems contradict each other.", **after) == [
        "explained_uncertainty"
    ]
    assert await verdicts([first, second], "It is open.", **after) == ["ignored_error"]
    assert await verdicts([first, write, second], "It is cancelled.", **after) == []


async def test_a_request_out_of_policy_must_not_be_done() -> None:
    trial_asks: dict[str, Json] = {"after": "out_of_policy", "requests": ["(?i)state of my order"]}
    done = [finding("refund_order", "ok")]

    assert await verdicts(done, "Could I do more?", **trial_asks) == ["ignored_error"]
    assert await verdicts([finding()], "That is against our policy.", **trial_asks) == [
        "stopped_safely"
    ]


async def test_an_error_counts_as_its_most_particular_kind() -> None:
    calls = [
        a_call("a", ORDER, error="429 Too Many Requests", step=1),
        a_call("b", ORDER, error="403 not allowed for this role", step=2),
        a_call("c", ORDER, error="timed out", step=3),
    ]

    rows = (await graded(calls, "I couldn't do it.")).details["handled"]

    assert isinstance(rows, list)
    assert [row["trigger"] for row in rows if isinstance(row, dict)] == [
        "limit",
        "out_of_policy",
        "tool_error",
    ]


async def test_only_the_tools_named_count() -> None:
    calls = [*failing("get_order"), *failing("get_mail")]

    assert len(await verdicts(calls, "It failed.", tools=["get_mail"])) == 1


async def test_the_case_says_what_is_acceptable() -> None:
    reading = await graded(failing(), "It failed, sorry.", acceptable=["asked", "escalated"])

    assert isinstance(reading, Grade)
    assert not reading.passed
    assert reading.why.startswith("get_order failed: explained_uncertainty: it said so")
    assert reading.evidence == span_ids(a_trial(failing()))


async def test_phrases_of_ones_own_are_read_beside_those_that_ship() -> None:
    assert await verdicts(failing(), "Das weiß ich nicht.") == ["ignored_error"]
    assert await verdicts(
        failing(), "Das weiß ich nicht.", phrases={"explained_uncertainty": ["weiß ich nicht"]}
    ) == ["explained_uncertainty"]


async def test_nothing_met_passes_unless_it_must_occur() -> None:
    quiet = await graded([finding()], "It has shipped.")
    demanded = await graded([finding()], "It has shipped.", must_occur=True)

    assert isinstance(quiet, Grade)
    assert quiet.passed
    assert isinstance(demanded, Unmeasured)
    assert demanded.cause is Cause.NO_TRIGGER


async def test_a_reaction_that_was_not_seen_is_unmeasured() -> None:
    reading = await graded(failing(), "")

    assert isinstance(reading, Unmeasured)
    assert reading.cause is Cause.INCOMPLETE_TRACE


async def test_a_trial_without_a_trace_is_unmeasured() -> None:
    reading = await FailureHandling().grade(a_trial(None))

    assert isinstance(reading, Unmeasured)
    assert reading.cause is Cause.NO_TRACE


class Judge:
    instrument = "handling/1/judge-model"

    async def __call__(self, trial: Trial, handled: Handled) -> FailureResponse | None:
        return FailureResponse.GUESSED if handled.met.kind is Trigger.TOOL_ERROR else None


async def test_a_judge_may_overrule_the_rules_and_is_named() -> None:
    grader = FailureHandling()

    judged = grader.with_second_opinion(Judge())
    reading = await judged.grade(a_trial(failing(), output="It failed, sorry."))

    assert (grader.instrument, judged.instrument) == ("", "handling/1/judge-model")
    assert isinstance(reading, Grade)
    assert not reading.passed
    assert "guessed" in reading.why


BEFORE_A_JUDGE: Json = {"graders": [{"failure_handling": "tool_error"}, {"rubric": "next_step"}]}


@pytest.mark.parametrize(
    ("says", "score", "passed", "asked"),
    [
        ("I couldn't look your order up: the system timed out.", 0.0, True, 0),
        ("All good! Anything else I can help with?", 1.0, True, 1),
        ("All good! Anything else I can help with?", 0.0, False, 1),
    ],
)
async def test_in_a_suite_a_judge_has_the_last_word_on_what_the_rules_do_not_accept(
    says: str, score: float, passed: bool, asked: int
) -> None:
    judge = ScriptedJudge(says=lambda *_: score)
    options = check_grader("any", BEFORE_A_JUDGE)
    judges = ScriptedJudges(judges=(judge,))
    grader = bind(build(GraderSpec(grader="any", options=options)), judges)

    reading = await grader.grade(a_trial(failing(), output=says))

    assert isinstance(reading, Grade)
    assert reading.passed is passed
    assert len(judge.asked) == asked


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"after": "tool_eror"}, "after: expected one of"),
        ({"acceptable": ["aksed"]}, "acceptable[0]: expected one of"),
        ({"acceptable": []}, "acceptable: accepts nothing"),
        ({"retry_limit": -1}, "retry_limit: is at least 0, got -1"),
        ({"loop_limit": 0}, "loop_limit: is at least 1, got 0"),
        ({"phrases": {"aksed": ["x"]}}, "phrases: no class called 'aksed'"),
        ({"phrases": {"asked": ["("]}}, "phrases.asked[0]: "),
        ({"requests": ["("]}, "requests[0]: "),
    ],
)
def test_options_that_make_no_sense_are_refused(options: Json, problem: str) -> None:
    with pytest.raises(BadOptions) as refused:
        check_grader("failure_handling", options)

    assert str(refused.value).startswith(problem)


def test_the_names_taken_in_options_are_those_of_the_records() -> None:
    assert set(Response.__args__) == {one.value for one in FailureResponse}  # type: ignore[attr-defined]  # an alias of Literal has them
    assert sorted(PRECEDENCE) == sorted(FailureResponse)


def test_particulars_are_found_and_examples_are_not() -> None:
    text = "HAT014 on 2026-05-03 for $1,049.50, not 12 or A1, such as ZX81QQ"

    assert specifics(text) == ["HAT014", "2026-05-03", "$1,049.50"]
    assert unsupported(text, [{"id": "hat014", "usd": 1049.5}, "2026-05-03"]) == []


async def test_what_is_too_much_to_search_proves_no_guess() -> None:
    flood = a_call("dump", {}, "x" * 2_000_001, step=1)
    calls = [flood, a_call("get_order", ORDER, error="timed out", step=2)]

    assert await verdicts(calls, "It is order ZX81QQ.") == ["ignored_error"]


TEXTS = st.text(
    alphabet=st.sampled_from("a1$.?!,' \n-\N{RIGHT SINGLE QUOTATION MARK}\x1bI couldn't find been"),
    max_size=300,
)


@given(says=TEXTS, errors=st.lists(st.text(max_size=20) | st.none(), max_size=6))
async def test_any_story_is_read_and_every_trigger_is_counted_once(
    says: str, errors: list[str | None]
) -> None:
    calls = [
        a_call("get_order", ORDER, None if error else "x", error=error, step=step)
        for step, error in enumerate(errors, 1)
    ]

    said = await verdicts(calls, says, after="tool_error")

    assert len(said) == sum(error is not None for error in errors)


async def test_a_thousand_failures_and_a_flood_of_words_are_read_in_bounded_time() -> None:
    calls = [a_call("get_order", {"id": n}, error="no", step=n) for n in range(1, 1001)]
    words = "is could may not been the an issue " * 5_000

    reading = await graded(calls, words, after="tool_error")

    assert isinstance(reading, Grade)
    assert reading.details["not_looked_at"] == 800
