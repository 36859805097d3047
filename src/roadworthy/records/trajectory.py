"""The agent's path read from spans: messages, model calls and tool calls, in order.

One reading serves every source. Tool calls come from ``execute_tool`` spans; where a trace has
none, they are read from the messages of its model calls, so that agents that only trace
their model still have a trajectory.

Not here: putting messages of model calls together (`conversation`), one order of messages and
calls (`told_path`), deciding whether the path was any good (`grade`, `diagnose`).
"""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from roadworthy.base.codec import Json
from roadworthy.records import semconv
from roadworthy.records.call_places import place_calls
from roadworthy.records.conversation import Told, put_together
from roadworthy.records.gaps import Gaps
from roadworthy.records.message import (
    Message,
    Part,
    as_messages,
    parsed_arguments,
    raw_messages,
    reply_in,
)
from roadworthy.records.message_calls import calls_in_messages
from roadworthy.records.model_calls import model_calls
from roadworthy.records.record import Record
from roadworthy.records.said_items import tells_all
from roadworthy.records.span import Span
from roadworthy.records.tool_call import Requestor, ToolCall, read_call
from roadworthy.records.usage import Usage, total_usage

__all__ = [
    "Message",
    "Requestor",
    "ToolCall",
    "Trajectory",
    "parsed_arguments",
    "read_trajectory",
]

_MOST: Final = 10**12
"""Tokens or dollars; above it, a number is nonsense that must not reach a sum."""


class Trajectory(Record, frozen=True, kw_only=True):
    """Everything the agent and its user did, in the order in which it began."""

    messages: tuple[Message, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    model_calls: int = 0
    usage: Usage = Usage()
    gaps: Gaps = Gaps()  # what the messages are known to lack
    preamble: int = 0  # so many messages came before what the user asked, whatever their roles

    @property
    def agent_calls(self) -> tuple[ToolCall, ...]:
        """Calls that the agent made; a simulated user's calls are not the agent's."""
        return tuple(call for call in self.calls if call.requestor == "agent")

    @property
    def user_messages(self) -> tuple[Message, ...]:
        """What the user said, without what a framework put before it under the user's role."""
        return tuple(one for one in self.messages[self.preamble :] if one.role == "user")

    @property
    def question(self) -> str:
        """Text of the user's first message that has any; else empty."""
        return next((one.text for one in self.user_messages if one.text), "")

    @property
    def final_answer(self) -> str | None:
        """Text of the last assistant message that has any."""
        for message in reversed(self.messages):
            if message.role == "assistant" and message.text:
                return message.text
        return None


def read_trajectory(spans: Sequence[Span]) -> Trajectory:
    """Read the path from `spans`, given in any order."""
    ordered = sorted(spans, key=lambda span: (span.start_ns, span.end_ns))
    tools = [span for span in ordered if _operation(span) == semconv.EXECUTE_TOOL]
    chats = [span for span in ordered if _operation(span) == semconv.CHAT]
    model = model_calls(chats, spans)
    raw, gaps = _told(ordered, chats, model)
    messages = tuple(as_messages(raw))
    calls = [read_call(span) for span in tools] if tools else calls_in_messages(model)
    return Trajectory(
        messages=messages,
        calls=_with_replies(calls, messages, tools),
        model_calls=len(model),
        usage=_total_usage(ordered, model),
        gaps=gaps,
        preamble=_preamble(messages, ordered),
    )


def _operation(span: Span) -> Json:
    return span.attributes.get(semconv.OPERATION)


def _told(ordered: Sequence[Span], chats: Sequence[Span], model: Sequence[Span]) -> Told:
    """The transcript if a span carries one; else what the model calls add up to.

    A span around model calls may hold all that they do and more; where no model call says
    anything, other spans may.
    """
    for span in ordered:
        if isinstance(span.attributes.get(semconv.TRANSCRIPT), list):
            dropped = _count(span.attributes.get(semconv.MESSAGES_DROPPED)) or 0
            return Told(raw_messages(span, semconv.TRANSCRIPT), Gaps(messages_dropped=dropped))
    told = put_together(model, ordered)
    if told.messages:
        told = _with_agents_own(told, ordered)
    inner = {span.id for span in model}
    outer = [span for span in chats if span.id not in inner] if told.messages else ordered
    longest = max((_sent_and_said(span) for span in reversed(outer)), key=len, default=[])
    more = len(longest) > len(told.messages) and tells_all(longest, told.messages)
    return Told(longest) if more else told


def _sent_and_said(span: Span) -> list[Part]:
    return [
        *raw_messages(span, semconv.INPUT_MESSAGES),
        *raw_messages(span, semconv.OUTPUT_MESSAGES),
    ]


def _with_agents_own(told: Told, ordered: Sequence[Span]) -> Told:
    """`told` with question and answer from the root agent's span, where it lacks them."""
    agent = next((span for span in ordered if _operation(span) == semconv.INVOKE_AGENT), None)
    if agent is None:
        return told
    messages, gaps = told
    if not any(message.get("role") == "user" for message in messages):
        asked = raw_messages(agent, semconv.INPUT_MESSAGES)
        messages = [*(one for one in asked if one.get("role") == "user"), *messages]
    answered = raw_messages(agent, semconv.OUTPUT_MESSAGES) if gaps.ends_unsaid else []
    if answered:
        messages, gaps = [*messages, answered[-1]], replace(gaps, ends_unsaid=False)
    return Told(messages, gaps)


def _preamble(messages: Sequence[Message], ordered: Sequence[Span]) -> int:
    """How many messages stand before what the root was asked; 0 where that is not known."""
    asked = next((text for span in ordered if (text := _asked(span))), "")
    for place, message in enumerate(messages if asked else ()):
        if message.role == "assistant":
            break
        if message.role == "user" and message.text.strip() == asked:
            return place
    return 0


def _asked(span: Span) -> str:
    """What a span says that the user asked it first."""
    told = span.attributes.get(semconv.QUESTION)
    if isinstance(told, str):
        return told.strip()
    if _operation(span) != semconv.INVOKE_AGENT:
        return ""
    asked = as_messages(raw_messages(span, semconv.INPUT_MESSAGES))
    return next((one.text.strip() for one in asked if one.role == "user"), "")


def _with_replies(
    calls: Sequence[ToolCall], messages: Sequence[Message], tools: Sequence[Span]
) -> tuple[ToolCall, ...]:
    """`calls`, where a tool's span does not say what came back with what the messages say."""
    told = {span.id for span in tools if semconv.TOOL_RESULT in span.attributes}
    lacking = {
        index
        for index, call in enumerate(calls)
        if call.result is None and call.error is None and call.span not in told
    }
    if not lacking:
        return tuple(calls)
    filled = list(calls)
    for (message, part), index in place_calls(messages, calls).answered.items():
        if index in lacking:
            reply = reply_in(messages[message].parts[part])
            filled[index] = replace(calls[index], result=reply)
    return tuple(filled)


def _total_usage(ordered: Sequence[Span], chats: Sequence[Span]) -> Usage:
    """The model calls' usage added up; where one is unknown, what the agent's span says of all."""
    total = total_usage(_usage(span) for span in chats)
    whole = next(
        (_usage(span) for span in ordered if _operation(span) == semconv.INVOKE_AGENT), total
    )
    return Usage(
        input_tokens=whole.input_tokens if total.input_tokens is None else total.input_tokens,
        output_tokens=whole.output_tokens if total.output_tokens is None else total.output_tokens,
        cost_usd=whole.cost_usd if total.cost_usd is None else total.cost_usd,
    )


def _usage(span: Span) -> Usage:
    return Usage(
        input_tokens=_count(span.attributes.get(semconv.INPUT_TOKENS)),
        output_tokens=_count(span.attributes.get(semconv.OUTPUT_TOKENS)),
        cost_usd=_cost(span.attributes.get(semconv.COST_USD)),
    )


def _count(value: Json) -> int | None:
    """A number of things; what is absurd is no information, and would not fit the store."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _MOST else None


def _cost(value: Json) -> float | None:
    """US dollars; what is below zero, not finite or absurd is no information."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if 0 <= value <= _MOST else None
