"""What stands at the head of a trace's page, and on its spans, besides the conversation."""

from typing import Any

from msgspec.structs import replace

from roadworthy.app.ingest_spans import EVALUATION
from roadworthy.base.codec import Json, to_builtins
from roadworthy.ingest.incoming_redaction import REDACTED
from roadworthy.records import semconv
from roadworthy.records.evaluation import Evaluation
from roadworthy.records.span import Span, SpanStatus
from roadworthy.records.trace import Trace
from roadworthy.testing import MemoryStore, a_trace


def a_chat(*, sent: list[Json] | None, said: str, **attributes: Json) -> Trace:
    """A trace of one model call."""
    told: dict[str, Json] = {
        semconv.OPERATION: semconv.CHAT,
        semconv.OUTPUT_MESSAGES: [
            {"role": "assistant", "parts": [{"type": "text", "content": said}]}
        ],
        **attributes,
    }
    if sent is not None:
        told[semconv.INPUT_MESSAGES] = sent
    span = Span(id="c" * 16, name="chat", start_ns=1, end_ns=2, attributes=told)
    return Trace(id="a" * 32, spans=(span,), source="otlp")


def test_a_partial_conversation_says_so_on_the_page_and_when_a_case_is_made(
    browser: Any, store: MemoryStore
) -> None:
    trace = a_chat(sent=None, said="Refunded.")
    store.traces.append([trace])

    page = browser.get(f"/traces/{trace.id}").text
    mint = browser.get(f"/traces/{trace.id}/mint").text

    assert "1 model call does not say what was sent" in page
    assert "1 model call does not say what was sent" in mint


def test_a_whole_conversation_is_told_without_notes(browser: Any, store: MemoryStore) -> None:
    trace = a_chat(sent=[{"role": "user", "parts": []}], said="Hello.")
    store.traces.append([trace])

    assert "does not say" not in browser.get(f"/traces/{trace.id}").text


def test_redacted_secrets_are_told_at_the_head(browser: Any, store: MemoryStore) -> None:
    trace = replace(a_trace(), attributes={REDACTED: {"api-key": 3}, "customer": "7"})
    store.traces.append([trace])

    page = browser.get(f"/traces/{trace.id}")

    assert "3 secrets were redacted: 3 api-key." in page.text
    assert REDACTED not in page.html
    assert "customer" in page.html


def test_tokens_are_told_as_in_and_out(browser: Any, store: MemoryStore) -> None:
    used: dict[str, Json] = {semconv.INPUT_TOKENS: 3776, semconv.OUTPUT_TOKENS: 130}
    trace = a_chat(sent=[], said="x", **used)
    store.traces.append([trace])

    assert "3,776 in, 130 out" in browser.get(f"/traces/{trace.id}").text


def test_an_evaluation_stands_on_the_trace_and_on_the_span_that_it_is_about(
    browser: Any, store: MemoryStore
) -> None:
    trace = a_trace([("look", {}, "seen")], answer="done")
    root, look = (span.id for span in trace.spans)
    judged = Evaluation(
        name="Tone", span=look, score=0.5, label="curt", explanation="<b>Not kind.</b>"
    )
    beside: dict[str, Json] = {f"{EVALUATION}.1": to_builtins(judged)}
    store.traces.append([replace(trace, attributes=beside)])

    whole, on_span, on_other = (
        browser.get(f"/traces/{trace.id}{rest}")
        for rest in ("", f"/spans/{look}", f"/spans/{root}")
    )

    for page in (whole, on_span):
        assert "Tone" in page.text
        assert "curt" in page.text
        assert "0.5" in page.text
        assert "<b>Not kind.</b>" in page.text
        assert "<b>Not kind.</b>" not in page.html
    assert "Tone" not in on_other.text


def test_a_failed_span_says_what_its_protocol_knows(browser: Any, store: MemoryStore) -> None:
    span = Span(
        id="e" * 16,
        name="GET",
        start_ns=1,
        end_ns=2,
        status=SpanStatus.ERROR,
        attributes={"http.response.status_code": 503},
    )
    store.traces.append([Trace(id="a" * 32, spans=(span,), source="otlp")])

    assert "status 503" in browser.get(f"/traces/{'a' * 32}/spans/{span.id}").text


def test_who_spoke_is_told_where_several_share_a_role(browser: Any, store: MemoryStore) -> None:
    said: list[Json] = [
        {"role": "assistant", "name": "Planner", "parts": [{"type": "text", "content": "First…"}]}
    ]
    trace = a_trace()
    root = replace(trace.spans[0], attributes={semconv.TRANSCRIPT: said})
    store.traces.append([replace(trace, spans=(root,))])

    assert "assistant Planner" in browser.get(f"/traces/{trace.id}").text
