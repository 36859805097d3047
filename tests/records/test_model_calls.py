"""A model call counts once, however many spans tell of it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from roadworthy.base.ids import span_id
from roadworthy.records import semconv
from roadworthy.records.model_calls import model_calls
from roadworthy.records.span import Span


def a_span(name: str, parent: str | None = None, *, chat: bool = True, **attributes: Any) -> Span:
    said = {f"gen_ai.{key}": value for key, value in attributes.items()}
    if chat:
        said[semconv.OPERATION] = semconv.CHAT
    above = None if parent is None else span_id(parent)
    return Span(id=span_id(name), name=name, start_ns=1, end_ns=2, parent_id=above, attributes=said)


def calls(*spans: Span) -> list[Span]:
    return model_calls([s for s in spans if semconv.OPERATION in s.attributes], spans)


def test_a_call_inside_a_call_counts_once_and_keeps_what_only_the_outer_one_says() -> None:
    outer = a_span("outer", framework="adk", model="alias")
    between = a_span("http", "outer", chat=False)
    inner = a_span("inner", "http", model="gpt")

    (call,) = calls(outer, between, inner)

    assert call.id == inner.id
    assert call.attributes["gen_ai.framework"] == "adk"
    assert call.attributes["gen_ai.model"] == "gpt"


def test_an_inner_call_that_recorded_no_messages_takes_over_those_of_the_outer_one() -> None:
    said: Any = [{"role": "assistant", "parts": []}]
    outer, inner = a_span("outer"), a_span("inner", "outer")
    outer = replace(outer, attributes=outer.attributes | {semconv.OUTPUT_MESSAGES: said})
    inner = replace(inner, attributes=inner.attributes | {semconv.OUTPUT_MESSAGES: []})

    (call,) = calls(outer, inner)

    assert call.attributes[semconv.OUTPUT_MESSAGES] == said


def test_calls_beside_each_other_count_each_and_take_nothing_from_the_one_around() -> None:
    outer, one, two = a_span("outer", tokens=9), a_span("one", "outer"), a_span("two", "outer")

    assert calls(outer, one, two) == [one, two]


def test_orphans_and_calls_under_other_steps_count_each() -> None:
    spans = (a_span("a", "gone"), a_span("agent", chat=False), a_span("b", "agent"))

    assert calls(*spans) == [spans[0], spans[2]]


@given(parents=st.lists(st.integers(0, 9), min_size=1, max_size=10), chats=st.integers(0, 1023))
def test_any_tree_even_one_in_a_circle_ends(parents: list[int], chats: int) -> None:
    spans = [
        a_span(str(number), str(parent), chat=bool(chats >> number & 1))
        for number, parent in enumerate(parents)
    ]

    assert len(calls(*spans)) <= sum(semconv.OPERATION in span.attributes for span in spans)


def test_of_calls_inside_one_another_in_a_circle_one_is_left() -> None:
    assert len(calls(a_span("a", "b"), a_span("b", "a"))) == 1


def test_a_deep_chain_is_climbed_once() -> None:
    chain = [a_span("0", chat=False)]
    chain += [a_span(str(n), str(n - 1), chat=False) for n in range(1, 20_000)]
    leaves = [a_span(f"leaf {n}", "19999") for n in range(20_000)]

    assert len(calls(*chain, *leaves)) == 20_000
