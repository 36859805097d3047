"""One use of a tool, read from its span."""

from typing import Literal, TypeAlias

from roadworthy.base.codec import Json, canonical
from roadworthy.records import semconv
from roadworthy.records.message import parsed_arguments
from roadworthy.records.record import Record
from roadworthy.records.span import Span, SpanId
from roadworthy.records.span_error import span_error

Requestor: TypeAlias = Literal["agent", "user"]


class ToolCall(Record, frozen=True, kw_only=True):
    """One use of a tool. `result` is what came back, raw; `error` is set when it failed."""

    tool: str
    arguments: Json
    span: SpanId
    call_id: str | None = None
    result: Json = None
    error: str | None = None
    requestor: Requestor = "agent"
    writes: bool | None = None  # None: the source does not say

    @property
    def key(self) -> tuple[str, bytes]:
        """Equal for calls of the same tool with the same arguments."""
        return self.tool, canonical(self.arguments)


def read_call(span: Span) -> ToolCall:
    """The call that a tool's span tells of."""
    attributes = span.attributes
    user = attributes.get(semconv.REQUESTOR) == "user"
    writes = attributes.get(semconv.WRITES)
    error = span_error(span)
    return ToolCall(
        tool=_text(attributes.get(semconv.TOOL_NAME)) or span.name,
        arguments=parsed_arguments(attributes.get(semconv.TOOL_ARGUMENTS)),
        span=span.id,
        call_id=_text(attributes.get(semconv.TOOL_CALL_ID)),
        result=attributes.get(semconv.TOOL_RESULT),
        error=error if error is None else error or "error",
        requestor="user" if user else "agent",
        writes=writes if isinstance(writes, bool) else None,
    )


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
