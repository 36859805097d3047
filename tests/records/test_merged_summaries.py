"""A summary that grew by parts against the one of the whole."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.codec import Json
from roadworthy.records import semconv
from roadworthy.records.span import Span, SpanStatus
from roadworthy.records.trace import Trace
from roadworthy.records.trace_summary import merge_summaries, summarise

OPERATIONS = (semconv.CHAT, semconv.EXECUTE_TOOL, "other")


def a_message(role: str, text: str, tool: str | None = None) -> Json:
    parts: list[Json] = [{"type": "text", "content": text}]
    if tool is not None:
        parts.append({"type": "tool_call", "id": tool, "name": tool, "arguments": {}})
    return {"role": role, "parts": parts}


def a_span(
    number: int,
    operation: str,
    tool: str,
    tokens: int,
    *,
    failed: bool,
    talk: Sequence[Json] = (),
) -> Span:
    """A step; a model call was sent all the `talk` before."""
    attributes: dict[str, Json] = {semconv.OPERATION: operation}
    if operation == semconv.CHAT:
        attributes |= {
            semconv.INPUT_TOKENS: tokens,
            semconv.OUTPUT_TOKENS: 1,
            semconv.REQUEST_MODEL: f"model {tool}",
            semconv.INPUT_MESSAGES: [*talk],
            semconv.OUTPUT_MESSAGES: [a_message("assistant", f"answer {number}", tool)],
        }
    elif operation == semconv.EXECUTE_TOOL:
        attributes |= {semconv.TOOL_NAME: tool}
    return Span(
        id=f"{number:016x}",
        name="step",
        start_ns=number * 10**9,
        end_ns=(number + tokens) * 10**9,
        status=SpanStatus.ERROR if failed else SpanStatus.UNSET,
        attributes=attributes,
    )


steps = st.tuples(
    st.sampled_from(OPERATIONS), st.sampled_from("abc"), st.integers(0, 9), st.booleans()
)


@given(drawn=st.lists(steps, min_size=1, max_size=9), places=st.lists(st.integers(0, 3)))
def test_a_summary_of_parts_is_that_of_the_whole(
    drawn: list[tuple[str, str, int, bool]], places: list[int]
) -> None:
    spans: list[Span] = []
    talk: list[Json] = []
    for number, (operation, tool, tokens, failed) in enumerate(drawn):
        talk.append(a_message("user", f"{number}"))
        spans.append(a_span(number, operation, tool, tokens, failed=failed, talk=talk))
        if operation == semconv.CHAT:
            talk.append(a_message("assistant", f"answer {number}", tool))
    parts: list[list[Span]] = [[], [], [], []]
    for number, span in enumerate(spans):
        parts[places[number] if number < len(places) else 0].append(span)
    whole = Trace(id="ab" * 16, spans=tuple(spans), source="otlp", version="v1")

    merged = summarise(msgspec.structs.replace(whole, spans=()))
    for part in parts:
        added = summarise(msgspec.structs.replace(whole, spans=tuple(part)))
        merged = merge_summaries(merged, added)

    exact = summarise(whole)
    assert merged.started_at == pytest.approx(exact.started_at)
    assert merged.duration_s == pytest.approx(exact.duration_s)
    times = {"started_at": exact.started_at, "duration_s": exact.duration_s}
    assert msgspec.structs.replace(merged, **times) == exact


def test_parts_of_a_conversation_that_tell_only_what_is_new_are_pieces_of_it() -> None:
    """The question stays that of the first, the answer becomes that of the last."""

    def a_turn(number: int) -> Trace:
        said = (a_message("user", f"question {number}"), a_message("assistant", f"{number}!"))
        chat = Span(
            id=f"{number:016x}",
            name="chat",
            start_ns=number * 10**9,
            end_ns=number * 10**9 + 1,
            attributes={
                semconv.OPERATION: semconv.CHAT,
                semconv.INPUT_MESSAGES: [said[0]],
                semconv.OUTPUT_MESSAGES: [said[1]],
            },
        )
        return Trace(id="ab" * 16, spans=(chat,), source="otlp")

    turns = [a_turn(number) for number in (1, 2, 3)]
    whole = summarise(
        msgspec.structs.replace(turns[0], spans=tuple(span for t in turns for span in t.spans))
    )

    merged = summarise(turns[0])
    for turn in (turns[2], turns[1]):
        merged = merge_summaries(merged, summarise(turn))

    assert (merged.question, merged.messages) == (whole.question, whole.messages)
    assert whole.question == "question 1"
    assert whole.answer == "3!"


def test_tool_spans_that_come_late_take_the_place_of_calls_in_messages() -> None:
    chat = Trace(id="ab" * 16, spans=(a_span(1, semconv.CHAT, "a", 1, failed=False),), source="x")
    tool = msgspec.structs.replace(
        chat, spans=(a_span(2, semconv.EXECUTE_TOOL, "b", 1, failed=True),)
    )

    merged = merge_summaries(summarise(chat), summarise(tool))

    assert (merged.tools, merged.tool_calls, merged.tool_errors) == (("b",), 1, 1)


def test_of_very_many_names_the_first_fifty_are_kept() -> None:
    summary = summarise(Trace(id="ab" * 16, spans=(), source="x"))
    many = tuple(f"m{n:02}" for n in range(50))
    more = tuple(f"k{n:02}" for n in range(50))

    merged = merge_summaries(
        msgspec.structs.replace(summary, models=many), msgspec.structs.replace(summary, models=more)
    )

    assert merged.models == more
