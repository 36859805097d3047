"""`trace show`: the conversation with each call once, what failed where, and who judged it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from roadworthy.app.ingest_spans import EVALUATION
from roadworthy.base.codec import Json, encode, to_builtins
from roadworthy.ingest.incoming_redaction import REDACTED
from roadworthy.records import semconv
from roadworthy.records.evaluation import Evaluation
from roadworthy.records.span import Span, SpanEvent, SpanStatus
from roadworthy.records.trace import Trace
from roadworthy.testing import a_trace

Show = Callable[[Trace], str]
FOREIGN = Path(__file__).parents[3] / "shared/data/trace-formats/langfuse"


@pytest.fixture
def show(roadworthy: Any, tmp_path: Path) -> Show:
    """What the command prints of this trace."""

    def shown(trace: Trace) -> str:
        file = tmp_path / "trace.jsonl"
        file.write_bytes(encode(trace) + b"\n")
        assert roadworthy("trace", "import", file).code == 0
        done = roadworthy("trace", "show", trace.id)
        assert done.code == 0, done.err
        return str(done.out)

    return shown


def a_failure(**changes: Any) -> Span:
    span = Span(id="f" * 16, name="GET", start_ns=1, end_ns=2, status=SpanStatus.ERROR)
    return replace(span, **changes)


def rows(out: str) -> list[str]:
    """Lines without the space that lays them out."""
    return [" ".join(line.split()) for line in out.splitlines()]


def test_an_error_says_what_it_was_and_where(show: Show) -> None:
    trace = a_trace(answer="done")
    failed = a_failure(
        parent_id=trace.spans[0].id,
        attributes={"url.full": "https://shop.example/orders", "http.response.status_code": 503},
    )

    out = rows(show(replace(trace, spans=(*trace.spans, failed))))

    where = "GET https://shop.example/orders in invoke_agent (ffffffffffffffff)"
    assert f"error {where}: status 503" in out


def test_an_error_that_was_raised_is_told_with_its_type(show: Show) -> None:
    raised: dict[str, Json] = {"exception.type": "TimeoutError", "exception.message": "too slow"}
    failed = a_failure(events=(SpanEvent(name="exception", at_ns=1, attributes=raised),))

    out = rows(show(Trace(id="a" * 32, spans=(failed,), source="otlp")))

    assert "error GET (ffffffffffffffff): TimeoutError: too slow" in out


def test_an_error_of_which_nothing_is_known_says_so(show: Show) -> None:
    out = rows(show(Trace(id="a" * 32, spans=(a_failure(),), source="otlp")))

    assert "error GET (ffffffffffffffff): the span failed and does not say why" in out


def test_evaluations_are_told_with_score_label_explanation_and_span(show: Show) -> None:
    trace = a_trace(answer="done")
    judged = Evaluation(
        name="Relevance",
        trace=trace.id,
        span=trace.spans[0].id,
        score=0.25,
        label="poor",
        explanation="It answers something else.",
    )
    beside: dict[str, Json] = {f"{EVALUATION}.1": to_builtins(judged)}

    out = rows(show(replace(trace, attributes=beside)))

    told = "judged Relevance: poor 0.25 (on invoke_agent) It answers something else."
    assert told in out


def test_redactions_and_gaps_are_noted_at_the_head(show: Show) -> None:
    said: list[Json] = [{"role": "assistant", "parts": [{"type": "text", "content": "Hello."}]}]
    chat = Span(
        id="c" * 16,
        name="chat",
        start_ns=1,
        end_ns=2,
        attributes={semconv.OPERATION: semconv.CHAT, semconv.OUTPUT_MESSAGES: said},
    )
    trace = Trace(id="a" * 32, spans=(chat,), source="x", attributes={REDACTED: {"api-key": 3}})

    head = rows(show(trace))[1:3]

    assert head == [
        "note: 1 model call does not say what was sent: messages may be missing here.",
        "note: 3 secrets were redacted: 3 api-key.",
    ]


@pytest.mark.parametrize("name", ["google-adk-2025-08-28", "claude-agent-2025-12-22"])
def test_as_many_calls_are_shown_as_are_listed(roadworthy: Any, name: str) -> None:
    """Also where only the span, or only the message, has the call's id."""
    file = FOREIGN / f"{name}.trace.json"
    if not file.exists():
        pytest.skip(f"the published files are not here: {file}")
    assert roadworthy("trace", "import", file).code == 0
    (row,) = roadworthy("trace", "list", "--json").data

    out = roadworthy("trace", "show", row["id"]).out

    assert out.count("→") == row["tool_calls"] > 0
    assert out.count("←") == row["tool_calls"]
