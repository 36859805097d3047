"""One order of messages and calls, and each call once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.codec import Json
from roadworthy.records import semconv
from roadworthy.records.message import Message, Part
from roadworthy.records.span import Span
from roadworthy.records.told_path import ToldTurn, tell
from roadworthy.records.trajectory import ToolCall, Trajectory, read_trajectory


def called(tool: str, arguments: Json = None, *, call_id: str | None = None) -> ToolCall:
    return ToolCall(tool=tool, arguments=arguments or {}, span="a" * 16, call_id=call_id)


def says(role: str, *parts: Part) -> Message:
    return Message(role=role, parts=parts)


def text(content: str) -> Part:
    return {"type": "text", "content": content}


def makes(tool: str, arguments: Json = None, call_id: Json = None) -> Part:
    return {"type": "tool_call", "id": call_id, "name": tool, "arguments": arguments or {}}


def answers(response: Json, call_id: Json = None) -> Part:
    return {"type": "tool_call_response", "id": call_id, "response": response}


def in_short(turns: tuple[ToldTurn, ...]) -> list[str]:
    """A role for each message, a tool for each call, ``?`` for each part that is left."""
    return [
        one
        for turn in turns
        for one in (
            *(() if turn.message is None else (turn.message.role,)),
            *(call.tool for call in turn.calls),
            *("?" for _ in turn.parts),
        )
    ]


@pytest.mark.parametrize(
    ("part_id", "reply_id", "call_id"),
    [
        ("c1", "c1", "c1"),
        (None, None, None),
        (None, "find", "adk-1"),
        (None, "adk-1", "adk-1"),
        ("toolu_1", "toolu_1", None),
        ("toolu_1", "toolu_1", "run-7"),
        (7, 7, "run-7"),
    ],
)
def test_a_call_that_messages_and_a_span_tell_of_is_told_once(
    part_id: Json, reply_id: Json, call_id: str | None
) -> None:
    """Whoever leaves out ids, or numbers them otherwise."""
    path = Trajectory(
        messages=(
            says("user", text("go")),
            says("assistant", makes("find", {"id": 7}, part_id)),
            says("tool", answers("found", reply_id)),
            says("assistant", text("done")),
        ),
        calls=(called("find", {"id": 7}, call_id=call_id),),
    )

    assert in_short(tell(path)) == ["user", "assistant", "find", "tool", "assistant"]


def test_equal_calls_without_ids_stand_in_their_order() -> None:
    calls = tuple(ToolCall(tool="poll", arguments={}, span=f"{n:016x}", result=n) for n in range(3))
    messages = [says("assistant", makes("poll")) for _ in calls]

    turns = tell(Trajectory(messages=tuple(messages), calls=calls))

    assert [turn.calls[0].result for turn in turns] == [0, 1, 2]


def test_of_equal_calls_the_last_ones_are_the_traces() -> None:
    """The first were made in an earlier turn, which is another trace."""
    messages = (
        says("assistant", makes("find", None, "old")),
        says("tool", answers("old reply", "old")),
        says("assistant", makes("find", None, "new")),
    )

    turns = tell(Trajectory(messages=messages, calls=(called("find"),)))

    assert [len(turn.calls) for turn in turns] == [0, 0, 1]
    assert [len(turn.parts) for turn in turns] == [1, 1, 0]


def test_arguments_tell_calls_of_one_tool_apart() -> None:
    messages = (says("assistant", makes("find", {"id": 2}), makes("find", '{"id": 1}')),)
    calls = (called("find", {"id": 1}), called("find", {"id": 2}))

    (turn,) = tell(Trajectory(messages=messages, calls=calls))

    assert [call.arguments for call in turn.calls] == [{"id": 2}, {"id": 1}]


def test_calls_that_no_message_mentions_stand_before_the_last_answer() -> None:
    messages = (
        says("user", text("go")),
        says("assistant", text("I look.")),
        says("assistant", text("done")),
        says("user", text("thanks")),
    )

    turns = tell(Trajectory(messages=messages, calls=(called("find"), called("pay"))))

    assert in_short(turns) == ["user", "assistant", "find", "pay", "assistant", "user"]


def test_calls_that_no_message_mentions_keep_their_order_among_those_that_one_does() -> None:
    messages = (
        says("user", text("go")),
        says("assistant", makes("ask")),
        says("assistant", makes("pay")),
        says("assistant", text("done")),
    )
    calls = (called("ask"), called("inner"), called("pay"), called("log"))

    turns = tell(Trajectory(messages=messages, calls=calls))

    assert in_short(turns) == [
        *("user", "assistant", "ask", "inner", "assistant", "pay", "log", "assistant")
    ]


def test_a_reply_to_nobody_is_left_as_it_is() -> None:
    odd = answers("late", "nobody")

    turns = tell(Trajectory(messages=(says("tool", odd),), calls=(called("find"),)))

    assert [(turn.parts, len(turn.calls)) for turn in turns] == [((odd,), 0), ((), 1)]


def test_a_reply_that_only_the_messages_hold_is_the_calls_result() -> None:
    tool = Span(
        id="2" * 16,
        name="execute_tool find",
        start_ns=2,
        end_ns=3,
        attributes={semconv.OPERATION: semconv.EXECUTE_TOOL, semconv.TOOL_NAME: "find"},
    )
    chat = Span(
        id="3" * 16,
        name="chat",
        start_ns=4,
        end_ns=5,
        attributes={
            semconv.OPERATION: semconv.CHAT,
            semconv.INPUT_MESSAGES: [
                {"role": "assistant", "parts": [dict(makes("find"))]},
                {"role": "tool", "parts": [dict(answers("found"))]},
            ],
        },
    )

    (call,) = read_trajectory([tool, chat]).calls

    assert call.result == "found"


def test_a_tool_that_gave_back_nothing_is_not_given_a_reply() -> None:
    tool = Span(
        id="2" * 16,
        name="t",
        start_ns=2,
        end_ns=3,
        attributes={
            semconv.OPERATION: semconv.EXECUTE_TOOL,
            semconv.TOOL_NAME: "find",
            semconv.TOOL_RESULT: None,
            semconv.TRANSCRIPT: [
                {"role": "assistant", "parts": [dict(makes("find"))]},
                {"role": "tool", "parts": [dict(answers("null"))]},
            ],
        },
    )

    (call,) = read_trajectory([tool]).calls

    assert call.result is None


PARTS = st.one_of(
    st.builds(text, st.sampled_from(["", "hi"])),
    st.builds(
        makes, st.sampled_from("ab"), st.none() | st.integers(0, 1), st.none() | st.just("1")
    ),
    st.builds(answers, st.integers(0, 1), st.sampled_from([None, "1", "2", "a"])),
)
MESSAGES = st.lists(
    st.builds(
        lambda role, parts: Message(role=role, parts=tuple(parts)),
        st.sampled_from(["user", "assistant", "tool"]),
        st.lists(PARTS, max_size=3),
    ),
    max_size=6,
)
CALLS = st.lists(
    st.builds(
        lambda tool, number, call_id: called(tool, {"n": number}, call_id=call_id),
        st.sampled_from("ab"),
        st.integers(0, 1),
        st.sampled_from([None, "1", "2"]),
    ),
    max_size=6,
)


@given(MESSAGES, CALLS)
def test_every_message_and_every_call_is_told_exactly_once(
    messages: list[Message], calls: list[ToolCall]
) -> None:
    path = Trajectory(messages=tuple(messages), calls=tuple(calls))

    turns = tell(path)

    assert [turn.message for turn in turns if turn.message is not None] == messages
    found = [id(call) for turn in turns for call in turn.calls]
    assert sorted(found) == sorted(map(id, path.calls))
