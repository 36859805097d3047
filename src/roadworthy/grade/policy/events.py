"""Messages and calls of a trace in one order, each with its span.

They come from different places of a trace. Where the conversation shows its calls, each is put
where it was made; where one answer follows one question, all calls stand between the two. Else
the order is not told.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from roadworthy.base.codec import Json
from roadworthy.records import semconv
from roadworthy.records.span import Span, SpanId
from roadworthy.records.trace import Trace
from roadworthy.records.trajectory import Message, ToolCall


@dataclass(frozen=True, slots=True)
class Said:
    """A message. Its span is the model call that wrote it, or the next that could read it."""

    role: str
    text: str
    span: SpanId
    calls: int = 0  # tool calls in the same message


@dataclass(frozen=True, slots=True)
class Called:
    """A tool call."""

    call: ToolCall


Event: TypeAlias = Said | Called

_LOOK_AHEAD: Final = 8  # model calls that may have said what the conversation left out


def told_events(trace: Trace) -> tuple[Event, ...] | None:
    """Messages with text and calls, in order; `None` when their order is not told."""
    messages, calls = trace.trajectory.messages, trace.trajectory.calls
    if not messages:
        return None
    parts = [part for message in messages for part in _call_parts(message)]
    paired = _paired(parts, calls)
    spans = message_spans(trace.spans, messages)
    if paired is not None:
        return tuple(_woven(messages, spans, paired))
    if parts or sum(one.role == "assistant" and bool(one.text) for one in messages) > 1:
        return None
    return tuple(_around(messages, spans, calls))


def _call_parts(message: Message) -> list[dict[str, Json]]:
    return [part for part in message.parts if part.get("type") == "tool_call"]


def _paired(parts: Sequence[dict[str, Json]], calls: Sequence[ToolCall]) -> list[ToolCall] | None:
    """The call behind each part of the messages; `None` when they do not fit one another."""
    if len(parts) != len(calls):
        return None
    by_id = {call.call_id: call for call in calls if call.call_id}
    ids = [part.get("id") for part in parts]
    if len(by_id) == len(calls) and all(isinstance(one, str) and one in by_id for one in ids):
        counted = Counter(str(one) for one in ids)
        if max(counted.values(), default=1) == 1:
            return [by_id[str(one)] for one in ids]
    if all(part.get("name") == call.tool for part, call in zip(parts, calls, strict=True)):
        return list(calls)
    return None


def _woven(
    messages: Sequence[Message], spans: Sequence[SpanId], calls: list[ToolCall]
) -> Iterator[Event]:
    following = iter(calls)
    for message, span in zip(messages, spans, strict=True):
        made = len(_call_parts(message))
        if message.text or made:
            yield Said(message.role, message.text, span, made)
        for _ in range(made):
            yield Called(next(following))


def _around(
    messages: Sequence[Message], spans: Sequence[SpanId], calls: Sequence[ToolCall]
) -> Iterator[Event]:
    """A conversation of one answer: every call stands between the question and the answer."""
    said = [
        Said(message.role, message.text, span)
        for message, span in zip(messages, spans, strict=True)
        if message.text
    ]
    answer = next((n for n, one in enumerate(said) if one.role == "assistant"), len(said))
    yield from said[:answer]
    yield from (Called(call) for call in calls)
    yield from said[answer:]


def message_spans(spans: Sequence[Span], messages: Sequence[Message]) -> list[SpanId]:
    """For each message the model call that wrote it or, if none did, the next one after it."""
    ordered = sorted(spans, key=lambda span: (span.start_ns, span.end_ns))
    written = [(span.id, parts) for span in ordered for parts in _written(span)]
    holder = next((s.id for s in ordered if semconv.TRANSCRIPT in s.attributes), ordered[0].id)
    found: list[SpanId] = []
    place = 0
    for message in messages:
        wrote = None
        if message.role == "assistant":
            mine = list(message.parts)
            near = range(place, min(place + _LOOK_AHEAD, len(written)))
            wrote = next((n for n in near if written[n][1] == mine), None)
        if wrote is not None:
            found.append(written[wrote][0])
            place = wrote + 1
        else:
            found.append(written[place][0] if place < len(written) else holder)
    return found


def _written(span: Span) -> Iterator[Json]:
    """The parts of each message that a model call wrote."""
    output = span.attributes.get(semconv.OUTPUT_MESSAGES)
    for message in output if isinstance(output, list) else ():
        if isinstance(message, dict) and message.get("role", "assistant") == "assistant":
            yield message.get("parts")
