"""Tool calls read from messages, for agents that trace only their model."""

from collections.abc import Sequence

from roadworthy.base.codec import Json
from roadworthy.records import semconv
from roadworthy.records.message import (
    CALL,
    REPLY,
    Part,
    id_in,
    parsed_arguments,
    parts_of,
    raw_messages,
    reply_in,
)
from roadworthy.records.span import Span, SpanId
from roadworthy.records.tool_call import ToolCall


def calls_in_messages(chats: Sequence[Span]) -> list[ToolCall]:
    """The calls that model calls answered with, with the replies that later ones were sent."""
    results = _results(chats)
    return [
        _call(part, span.id, results)
        for span in chats
        for message in raw_messages(span, semconv.OUTPUT_MESSAGES)
        for part in parts_of(message)
        if part.get("type") == CALL
    ]


def _call(part: Part, span: SpanId, results: dict[str, Json]) -> ToolCall:
    call_id = id_in(part)
    name = part.get("name")
    return ToolCall(
        tool=name if isinstance(name, str) and name else "unnamed",
        arguments=parsed_arguments(part.get("arguments")),
        span=span,
        call_id=call_id,
        result=results.get(call_id) if call_id else None,
    )


def _results(chats: Sequence[Span]) -> dict[str, Json]:
    return {
        str(part.get("id")): reply_in(part)
        for span in chats
        for message in raw_messages(span, semconv.INPUT_MESSAGES)
        for part in parts_of(message)
        if part.get("type") == REPLY
    }
