"""Texts and calls have one order, in comparisons as on the page of a trace."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from roadworthy.base.codec import Json
from roadworthy.diagnose.divergence_point import Parting, lay_side_by_side
from roadworthy.diagnose.path_steps import Said, path_steps
from roadworthy.records import semconv
from roadworthy.records.trace import Trace
from roadworthy.records.trajectory import Trajectory
from roadworthy.server.views.conversation import read_conversation
from roadworthy.testing import a_trace
from roadworthy.testing.builders import Call

ORDER: Json = {"id": 7}
REFUND: Call = ("refund", ORDER)
DENY: Call = ("deny", ORDER)


def in_comparison(path: Trajectory) -> list[str]:
    return [one.text if isinstance(one, Said) else one.tool for one in path_steps(path)]


def on_page(trace: Trace) -> list[str]:
    return [
        one
        for turn in read_conversation(trace).turns
        for one in (turn.text, *(shown.call.tool for shown in turn.calls))
        if one
    ]


def test_calls_that_a_session_does_not_place_come_before_the_answer_that_rests_on_them() -> None:
    """What `instrument` leaves: messages of a session, and its tool calls beside them."""
    path = a_trace([REFUND], question="Refund 7", answer="refunded").trajectory

    assert in_comparison(path) == ["Refund 7", "refund", "refunded"]


def test_paths_part_at_the_call_and_not_at_the_answer_after_it() -> None:
    base = a_trace([REFUND], answer="refunded").trajectory
    candidate = a_trace([DENY], answer="denied").trajectory

    paths = lay_side_by_side(base, candidate)

    assert paths.point == 1
    assert paths.rows[1].parting is Parting.ONLY_BASE
    assert paths.rows[-1].parting is Parting.WORDS


def a_message(role: str, text: str, tool: str | None) -> Json:
    parts: list[Json] = [{"type": "text", "content": text}]
    if tool is not None:
        parts.append({"type": "tool_call", "id": None, "name": tool, "arguments": {}})
    return {"role": role, "parts": parts}


MESSAGES = st.lists(
    st.builds(
        a_message,
        st.sampled_from(["user", "assistant"]),
        st.text("xyz", min_size=1, max_size=3),
        st.sampled_from([None, "A", "B"]),
    ),
    max_size=5,
)


@given(MESSAGES, st.lists(st.sampled_from("ABC"), max_size=5))
def test_the_comparison_and_the_page_have_one_order(messages: Any, tools: list[str]) -> None:
    trace = a_trace([(tool, {}) for tool in tools])
    root, *rest = trace.spans
    root = replace(root, attributes=root.attributes | {semconv.TRANSCRIPT: messages})
    trace = replace(trace, spans=(root, *rest))

    assert in_comparison(trace.trajectory) == on_page(trace)
