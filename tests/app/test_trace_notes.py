"""What the page and the command line tell of a trace besides its path."""

import pytest
from msgspec.structs import replace

from roadworthy.app.ingest_spans import EVALUATION
from roadworthy.app.trace_notes import evaluations_of, notes_on, redacted_in
from roadworthy.base.codec import Json, to_builtins
from roadworthy.ingest.incoming_redaction import REDACTED, IncomingRedaction
from roadworthy.records import semconv
from roadworthy.records.evaluation import Evaluation
from roadworthy.records.span import Span
from roadworthy.records.trace import Trace
from roadworthy.testing import a_call, a_trace


def test_redacted_secrets_are_counted_by_kind() -> None:
    calls = [a_call("login", {"password": f"hunter{n}"}, "ok", step=n) for n in (1, 2, 3)]
    trace = IncomingRedaction(key=b"k" * 16).redact(a_trace(calls))

    assert notes_on(trace) == ("3 secrets were redacted.",)


def test_one_redacted_secret_is_told_in_the_singular() -> None:
    trace = replace(a_trace(), attributes={REDACTED: {"api-key": 1}})

    assert notes_on(trace) == ("1 secret was redacted: 1 api-key.",)


def test_personal_data_is_no_secret() -> None:
    trace = replace(a_trace(), attributes={REDACTED: {"email": 2, "api-key": 1}})

    assert notes_on(trace) == ("3 values were redacted: 1 api-key, 2 email.",)


def test_a_trace_that_came_in_parts_counts_what_its_spans_lost() -> None:
    """The head keeps the count of the first part; each span keeps its own."""
    counts: list[Json] = [{"api-key": 1}, {"api-key": 2}]
    spans = tuple(
        replace(a_call("t", step=n), attributes={REDACTED: count}) for n, count in enumerate(counts)
    )
    trace = Trace(id="a" * 32, spans=spans, source="otlp", attributes={REDACTED: {"api-key": 1}})

    assert redacted_in(trace) == {"api-key": 3}


@pytest.mark.parametrize("odd", ["many", None, {"api-key": "2"}, {"api-key": -1}, [1]])
def test_a_count_that_is_none_tells_nothing(odd: Json) -> None:
    assert notes_on(replace(a_trace(), attributes={REDACTED: odd})) == ()


def test_a_partial_conversation_is_noted() -> None:
    chat = Span(
        id="a" * 16,
        name="chat",
        start_ns=1,
        end_ns=2,
        attributes={
            semconv.OPERATION: semconv.CHAT,
            semconv.OUTPUT_MESSAGES: [
                {"role": "assistant", "parts": [{"type": "text", "content": "Refunded."}]}
            ],
        },
    )

    (note,) = notes_on(Trace(id="a" * 32, spans=(chat,), source="otlp"))

    assert note == "1 model call does not say what was sent: messages may be missing here."


def test_evaluations_of_a_trace_come_by_time() -> None:
    said = {
        f"{EVALUATION}.{n}": to_builtins(Evaluation(name=name, at_ns=at))
        for n, (name, at) in enumerate([("late", 9), ("early", 3)])
    }

    found = evaluations_of(replace(a_trace(), attributes=said))

    assert [one.name for one in found] == ["early", "late"]
