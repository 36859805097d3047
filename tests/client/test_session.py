"""A session is one span, with the conversation on it, whatever becomes of the work inside."""

import asyncio
import contextvars
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from roadworthy import record_message, session, tool
from roadworthy.client.session import MOST_CHARACTERS
from roadworthy.records import semconv

SESSION = "invoke_agent"


class Seen:
    """What was traced so far."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())

    @property
    def sessions(self) -> list[ReadableSpan]:
        return [span for span in self.spans if span.name == SESSION]

    def attributes(self) -> dict[str, Any]:
        (span,) = self.sessions
        return dict(span.attributes or {})

    def said(self) -> list[tuple[str, str]]:
        messages = json.loads(self.attributes()[semconv.TRANSCRIPT])
        return [(message["role"], message["parts"][0]["content"]) for message in messages]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    """The global provider for one test; the one before is put back."""
    seen = Seen()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(seen.exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    yield seen
    provider.shutdown()


def test_a_session_says_who_what_and_which(seen: Seen) -> None:
    with session("chat-7", user="u-1", version="1.2", channel="mail", **{"a.b": 3}):
        pass

    assert seen.attributes() == {
        semconv.OPERATION: semconv.INVOKE_AGENT,
        semconv.CONVERSATION_ID: "chat-7",
        semconv.AGENT_VERSION: "1.2",
        "service.version": "1.2",
        "user.id": "u-1",
        "channel": "mail",
        "a.b": 3,
    }


def test_tool_calls_inside_are_its_children(seen: Seen) -> None:
    @tool
    def look_up(order: int) -> str:
        return f"order {order}"

    with session():
        look_up(7)

    call, whole = seen.spans
    assert call.parent is not None
    assert whole.context is not None
    assert call.parent.span_id == whole.context.span_id


def test_messages_become_the_transcript_in_order(seen: Seen) -> None:
    with session():
        record_message("user", "where is it?")
        record_message("assistant", "on its way")

    assert seen.said() == [("user", "where is it?"), ("assistant", "on its way")]


def test_no_id_is_made_up(seen: Seen) -> None:
    with session():
        pass

    assert semconv.CONVERSATION_ID not in seen.attributes()


def test_an_inner_session_belongs_to_the_outer_conversation(seen: Seen) -> None:
    with session("outer"):
        with session(), session():
            record_message("user", "to the innermost")
        record_message("user", "to the outer one")

    ids = [(span.attributes or {})[semconv.CONVERSATION_ID] for span in seen.sessions]
    texts = [str((span.attributes or {}).get(semconv.TRANSCRIPT, "")) for span in seen.sessions]
    assert ids == ["outer"] * 3
    assert "innermost" in texts[0]
    assert texts[1] == ""
    assert "outer one" in texts[2]


def test_an_error_is_noted_and_goes_on(seen: Seen) -> None:
    with pytest.raises(KeyError), session():
        raise KeyError("order")

    (span,) = seen.sessions
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "'order'"
    assert seen.attributes()[semconv.ERROR_TYPE] == "KeyError"


def test_an_error_that_cannot_say_what_it_is_goes_on_too(seen: Seen) -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    with pytest.raises(Silent), session():
        raise Silent

    assert len(seen.sessions) == 1


def test_decorated_every_call_is_a_session_of_its_own(seen: Seen) -> None:
    @session(user="u-1")
    def answer(question: str) -> str:
        """Answers."""
        record_message("user", question)
        return question.upper()

    assert [answer("a"), answer(question="b")] == ["A", "B"]
    assert (answer.__name__, answer.__doc__) == ("answer", "Answers.")
    assert len({span.context.trace_id for span in seen.sessions if span.context}) == 2


async def test_async_sessions_side_by_side_keep_their_messages_apart(seen: Seen) -> None:
    @session(channel="mail")
    async def answer(question: str) -> None:
        record_message("user", question)
        await asyncio.sleep(0)
        record_message("assistant", question)

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(answer(str(number)))

    told = [json.loads(str((span.attributes or {})[semconv.TRANSCRIPT])) for span in seen.sessions]
    texts = {tuple(message["parts"][0]["content"] for message in said) for said in told}
    assert texts == {(str(number), str(number)) for number in range(20)}


async def test_a_session_works_in_async_with(seen: Seen) -> None:
    async with session("chat-7") as entered:
        record_message("user", "hello")

    assert entered.id == "chat-7"
    assert seen.said() == [("user", "hello")]


def test_a_thread_with_the_context_speaks_in_the_session(seen: Seen) -> None:
    with session(), ThreadPoolExecutor(4) as threads:
        for number in range(40):
            run = contextvars.copy_context().run
            threads.submit(run, record_message, "user", str(number)).result()

    assert [text for _, text in seen.said()] == [str(number) for number in range(40)]


def test_generators_are_refused_with_what_to_do(seen: Seen) -> None:
    def stream() -> Iterator[str]:
        yield "a"

    with pytest.raises(TypeError, match=r"use `with session\(\)` in it"):
        session()(stream)


def test_messages_above_the_limit_are_counted(seen: Seen) -> None:
    with session():
        record_message("user", "a" * (MOST_CHARACTERS - 1))
        record_message("user", "bb")
        record_message("user", "c")

    assert len(seen.said()) == 1
    assert seen.attributes()[semconv.MESSAGES_DROPPED] == 2


def test_odd_text_reaches_the_transcript_and_never_the_agent(seen: Seen) -> None:
    with session():
        record_message("user", "half \ud800 a pair")
        record_message("user", None)  # type: ignore[arg-type]  # what a careless agent says

    assert seen.said() == [("user", "half ? a pair"), ("user", "None")]


def test_without_tracing_a_session_does_nothing() -> None:
    record_message("user", "to nobody")
    with session("chat-7", user="u-1") as entered:
        record_message("user", "hello")

    assert entered.id == "chat-7"


def test_an_ended_session_takes_no_messages(seen: Seen) -> None:
    with session() as entered:
        record_message("user", "in time")
    entered.record("user", "too late")
    record_message("user", "too late")

    assert seen.said() == [("user", "in time")]
