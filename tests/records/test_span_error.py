"""What an error of a span was, wherever its library wrote it."""

import pytest

from roadworthy.base.codec import Json
from roadworthy.records.span import Span, SpanEvent, SpanStatus
from roadworthy.records.span_error import span_error


def failed(
    message: str | None = None, *, raised: dict[str, Json] | None = None, **attributes: Json
) -> Span:
    event = SpanEvent(name="exception", at_ns=1, attributes=raised or {})
    return Span(
        id="a" * 16,
        name="GET",
        start_ns=0,
        end_ns=1,
        status=SpanStatus.ERROR,
        status_message=message,
        attributes={name.replace("_", "."): value for name, value in attributes.items()},
        events=(event,),
    )


@pytest.mark.parametrize(
    ("span", "error"),
    [
        (failed("boom", error_type="Other"), "boom"),
        (failed(raised={"exception.type": "KeyError", "exception.message": "x"}), "KeyError: x"),
        (failed(raised={"exception.message": "x"}, error_type="Other"), "x"),
        (failed(error_type="Timeout"), "Timeout"),
        (failed(), ""),
        (failed(error_type=7), ""),
    ],
)
def test_the_most_telling_words_count(span: Span, error: str) -> None:
    assert span_error(span) == error


def test_a_status_code_tells_more_than_nothing() -> None:
    span = failed()
    span.attributes["http.response.status_code"] = 503

    assert span_error(span) == "status 503"


def test_a_span_that_did_not_fail_has_no_error() -> None:
    assert span_error(Span(id="a" * 16, name="x", start_ns=0, end_ns=1)) is None
