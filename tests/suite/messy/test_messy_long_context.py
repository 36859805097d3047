"""Long contexts are made of what was really said, and leave what is asked at the end."""

import msgspec
import pytest

from roadworthy.base.codec import Json
from roadworthy.records.recording import RecordedCall, Recording
from roadworthy.suite.messy.long_context import LEAST_TOKENS, LEAST_TURNS
from roadworthy.suite.messy.tokens import estimated_tokens
from roadworthy.suite.messy.variant import Intensity, Material, Messy, NotApplicable
from roadworthy.testing.messy_cases import MATERIAL, a_messy, applied


@pytest.mark.parametrize("intensity", Intensity)
def test_a_long_history_is_forty_messages_or_more_of_stored_conversations(
    intensity: Intensity,
) -> None:
    messy = applied(a_messy("What about order 7?"), "long-history", intensity=intensity)

    assert isinstance(messy.input, list)
    *past, asked = messy.input
    assert asked == {"role": "user", "content": "What about order 7?"}
    assert len(past) >= LEAST_TURNS
    said = {text for talk in MATERIAL.conversations for exchange in talk for text in exchange}
    assert all(isinstance(one, dict) and one["content"] in said for one in past)
    roles = [one["role"] for one in past if isinstance(one, dict)]
    assert roles == ["user", "assistant"] * (len(past) // 2)


def test_what_the_system_says_stays_first() -> None:
    said: list[Json] = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Where is it?"},
    ]
    messy = applied(a_messy("x", input=said), "long-history")

    assert isinstance(messy.input, list)
    assert [messy.input[0], messy.input[-1]] == said


def test_messages_inside_json_get_the_history() -> None:
    said: Json = {"user": 7, "messages": [{"role": "user", "content": "Where is it?"}]}
    messy = applied(a_messy("x", input=said), "long-history")

    assert isinstance(messy.input, dict)
    assert messy.input["user"] == 7
    assert isinstance(messy.input["messages"], list)
    assert len(messy.input["messages"]) > LEAST_TURNS


def test_without_enough_stored_conversations_there_is_no_long_history() -> None:
    with pytest.raises(NotApplicable, match="hold 0 exchanges of user and agent, 40 are needed"):
        applied(a_messy("Where is it?"), "long-history", material=Material())


@pytest.mark.parametrize(
    "result", [{"paid": 180}, ["a", 1], "a plain text", '{"paid": 180}', "{not json"]
)
def test_a_long_result_still_holds_what_it_held(result: Json) -> None:
    recording = Recording(calls=(RecordedCall(tool="find", arguments={}, result=result),))
    case = Messy(fields={"input": "Where is it?"}, recording=recording)
    messy = applied(case, "long-results")

    assert messy.recording is not None
    grown = messy.recording.calls[0].result
    assert estimated_tokens(grown) >= LEAST_TOKENS
    match result, grown:
        case dict(), dict():
            assert result.items() <= grown.items()
        case list(), list():
            assert grown[: len(result)] == result
        case str(), str() if result.endswith("}"):
            assert msgspec.json.decode(grown)["paid"] == 180
        case str(), str():
            assert grown.startswith(result)
        case _:
            pytest.fail("it is of another form now")


def test_errors_and_plain_numbers_do_not_grow() -> None:
    calls = (
        RecordedCall(tool="find", arguments={}, error="not found"),
        RecordedCall(tool="count", arguments={}, result=3),
    )
    case = Messy(fields={"input": "Where is it?"}, recording=Recording(calls=calls))

    with pytest.raises(NotApplicable, match="no result that could grow"):
        applied(case, "long-results")


def test_a_field_that_is_there_already_is_not_overwritten() -> None:
    result: Json = {"earlier_records": "mine"}
    recording = Recording(calls=(RecordedCall(tool="find", arguments={}, result=result),))
    messy = applied(Messy(fields={"input": "x y z"}, recording=recording), "long-results")

    assert messy.recording is not None
    grown = messy.recording.calls[0].result
    assert isinstance(grown, dict)
    assert grown["earlier_records"] == "mine"


def test_an_instruction_is_given_early_and_taken_back_right_before_the_request() -> None:
    messy = applied(a_messy("Where is order 7?"), "competing-instructions")

    assert isinstance(messy.input, list)
    first, last = messy.input[0], messy.input[-1]
    assert isinstance(first, dict)
    assert isinstance(last, dict)
    assert "From now on" in str(first["content"]) or "until I say" in str(first["content"])
    assert str(last["content"]).endswith("Where is order 7?")
    assert len(str(last["content"])) > len("Where is order 7?")
    assert len(messy.input) == 2 * 11 + 1


def test_four_characters_are_taken_for_a_token() -> None:
    assert estimated_tokens("x" * 32_000) == 8_000
    assert estimated_tokens({"a": 1}) == len('{"a":1}') // 4
