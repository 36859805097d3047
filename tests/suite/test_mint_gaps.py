"""A case drafted from a trace whose conversation is known to lack something."""

from datetime import UTC, datetime

import pytest

from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest
from roadworthy.records import semconv
from roadworthy.records.span import Span
from roadworthy.records.trace import Trace
from roadworthy.suite.draft import Draft
from roadworthy.suite.mint import mint

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def said(role: str, text: str) -> Json:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def a_chat(step: int, *, sent: list[Json] | None, answer: str, **attributes: Json) -> Span:
    told: dict[str, Json] = {
        semconv.OPERATION: semconv.CHAT,
        semconv.OUTPUT_MESSAGES: [said("assistant", answer)],
    }
    if sent is not None:
        told[semconv.INPUT_MESSAGES] = sent
    return Span(
        id=f"{step:016x}", name="chat", start_ns=step, end_ns=step + 1, attributes=told | attributes
    )


def a_draft(*spans: Span) -> Draft:
    trace = Trace(id="a" * 32, spans=spans, source="otlp", name="invoke_agent")
    return mint(trace, case_id="case", redact=lambda value: value, now=NOW)


def test_of_a_conversation_told_in_pieces_all_that_the_user_said_is_asked() -> None:
    draft = a_draft(
        a_chat(1, sent=[said("user", "Refund 7")], answer="Sure?"),
        a_chat(2, sent=[said("user", "Yes")], answer="Refunded."),
    )

    assert draft.case["title"] == "Refund 7"
    assert draft.case["input"] == [
        {"role": "user", "content": "Refund 7"},
        {"role": "user", "content": "Yes"},
    ]
    assert "partial" not in draft.text


def test_the_draft_of_a_partial_conversation_says_so() -> None:
    draft = a_draft(
        a_chat(1, sent=[said("user", "Refund 7")], answer="Sure?"),
        a_chat(2, sent=None, answer="Refunded."),
    )

    told = " ".join(draft.text.replace("#", " ").split())
    assert "The conversation is partial. 1 model call does not say what was sent" in told


def test_a_trace_whose_question_is_not_recorded_says_why_it_cannot_be_minted() -> None:
    with pytest.raises(BadRequest, match="nothing that a user said") as refused:
        a_draft(a_chat(1, sent=None, answer="Refunded."))

    assert refused.value.hint is not None
    assert refused.value.hint.startswith("1 model call does not say what was sent")


def test_words_that_a_framework_put_before_the_question_are_not_asked() -> None:
    root = Span(
        id="f" * 16,
        name="invoke_agent",
        start_ns=0,
        end_ns=9,
        attributes={
            semconv.OPERATION: semconv.INVOKE_AGENT,
            semconv.INPUT_MESSAGES: [said("user", "Find x")],
        },
    )
    chat = a_chat(1, sent=[said("user", "Be helpful!"), said("user", "Find x")], answer="x")

    draft = a_draft(root, chat)

    assert (draft.case["title"], draft.case["input"]) == ("Find x", "Find x")
