"""What an error of a span was, from wherever its library wrote it."""

from roadworthy.base.codec import Json
from roadworthy.records import semconv
from roadworthy.records.span import Span, SpanStatus

_STATUS_CODES = ("http.response.status_code", "http.status_code", "rpc.grpc.status_code")


def span_error(span: Span) -> str | None:
    """The error in words; ``""`` when the span failed and does not say of what; else `None`.

    The status's message counts first, then the exception that was recorded, the type of the
    error, and a protocol's status code.
    """
    if span.status is not SpanStatus.ERROR:
        return None
    return (
        span.status_message
        or _exception(span)
        or _text(span.attributes.get(semconv.ERROR_TYPE))
        or _status_code(span)
    )


def _exception(span: Span) -> str:
    for event in reversed(span.events):
        kind = _text(event.attributes.get("exception.type"))
        message = _text(event.attributes.get("exception.message"))
        if event.name == "exception" and (kind or message):
            return f"{kind}: {message}" if kind and message else kind or message
    return ""


def _status_code(span: Span) -> str:
    for name in _STATUS_CODES:
        code = span.attributes.get(name)
        if isinstance(code, int | str) and not isinstance(code, bool) and code != "":
            return f"status {code}"
    return ""


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
