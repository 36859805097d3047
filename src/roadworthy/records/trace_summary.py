"""What lists show of a trace, without its spans; read from a whole trace or merged from parts.

Spans of one trace come in several requests, and a trace may have 50,000 of them, so a summary
grows by the summary of what is new: `merge_summaries`. It equals `summarise` of the whole but
where it says otherwise; loading the trace gives the exact one at any time.
"""

from typing import Final, TypeVar

import msgspec

from roadworthy.records import semconv
from roadworthy.records.record import Record
from roadworthy.records.trace import Trace, TraceOutcome
from roadworthy.records.usage import Usage, total_usage

SHOWN: Final = 200
MOST_NAMES: Final = 50
Number = TypeVar("Number", int, float)


class TraceSummary(Record, frozen=True, kw_only=True):
    """One line of `trace list`. `tool_calls` and `tool_errors` count the agent's own calls."""

    id: str
    source: str
    name: str = ""
    session: str | None = None
    version: str | None = None
    started_at: float | None = None  # seconds since 1970, UTC; None: not recorded
    duration_s: float | None = None
    spans: int = 0
    messages: int = 0
    tool_calls: int = 0
    tool_errors: int = 0
    stop: str | None = None
    outcome: TraceOutcome | None = None
    usage: Usage = Usage()
    question: str = ""  # how the user's first message begins
    answer: str = ""  # how the last assistant message with text begins
    models: tuple[str, ...] = ()  # that answered, sorted
    tools: tuple[str, ...] = ()  # that the agent called, sorted
    tool_spans: int = 0  # with 0, `tool_calls` were read from messages
    model_calls: int = 0  # with 0, `usage` is what the agent's own span said


def summarise(trace: Trace) -> TraceSummary:
    """Count what lists show."""
    path = trace.trajectory
    calls = path.agent_calls
    started_ns = min((span.start_ns for span in trace.spans), default=None)
    return TraceSummary(
        id=trace.id,
        source=trace.source,
        name=trace.name,
        session=trace.session,
        version=trace.version,
        started_at=started_ns / 1e9 if started_ns is not None and trace.timed else None,
        duration_s=trace.duration_s,
        spans=len(trace.spans),
        messages=len(path.messages),
        tool_calls=len(calls),
        tool_errors=sum(call.error is not None for call in calls),
        stop=trace.stop,
        outcome=trace.outcome,
        usage=path.usage,
        question=_beginning(path.question),
        answer=_beginning(path.final_answer or ""),
        models=_models(trace),
        tools=tuple(sorted({call.tool for call in calls}))[:MOST_NAMES],
        tool_spans=sum(
            span.attributes.get(semconv.OPERATION) == semconv.EXECUTE_TOOL for span in trace.spans
        ),
        model_calls=path.model_calls,
    )


def merge_summaries(known: TraceSummary, part: TraceSummary) -> TraceSummary:
    """The summary of a trace to which the spans of `part` are added; it has none of them yet.

    Exact: counts of spans, tool calls and errors (tool spans count; calls in messages only
    while there is no tool span), names of models and tools, and whatever is said of the whole.
    To the microsecond: times, which a summary has in seconds.
    Approximate: `messages`, `question` and `answer`. Parts that begin with one question are
    taken for the same conversation, of which the longer one counts, also where the shorter one
    is a transcript; others for pieces of it, one after the other. Tokens and costs add up, also
    where a part took them from the agent's span because one of its model calls did not tell.
    """
    started_at, duration_s = _times(known, part)
    messages, question, answer = _talk(known, part)
    counted = [one for one in (known, part) if one.tool_spans] or [known, part]
    return msgspec.structs.replace(
        known,
        name=known.name or part.name,
        session=known.session or part.session,
        version=known.version or part.version,
        started_at=started_at,
        duration_s=duration_s,
        spans=known.spans + part.spans,
        messages=messages,
        tool_calls=sum(one.tool_calls for one in counted),
        tool_errors=sum(one.tool_errors for one in counted),
        stop=known.stop or part.stop,
        outcome=told_outcome(known.outcome, part.outcome),
        usage=_usage(known, part),
        question=question,
        answer=answer,
        models=_names(known.models, part.models),
        tools=_names(*(one.tools for one in counted)),
        tool_spans=known.tool_spans + part.tool_spans,
        model_calls=known.model_calls + part.model_calls,
    )


def told_outcome(known: TraceOutcome | None, part: TraceOutcome | None) -> TraceOutcome | None:
    """What is known stands; that nobody said how it went gives way to somebody who did."""
    if known is None or (known.success is None and part is not None and part.success is not None):
        return part
    return known


def _times(known: TraceSummary, part: TraceSummary) -> tuple[float | None, float | None]:
    spells = [
        (one.started_at, one.started_at + one.duration_s)
        for one in (known, part)
        if one.started_at is not None and one.duration_s is not None
    ]
    if not spells or (known.spans and known.started_at is None):  # its source recorded no times
        return known.started_at, known.duration_s
    started_at = min(start for start, _ in spells)
    return started_at, max(end for _, end in spells) - started_at


def _talk(known: TraceSummary, part: TraceSummary) -> tuple[int, str, str]:
    """How many messages the whole has, and its question and answer."""
    if not _is_piece(known) or not _is_piece(part) or known.question == part.question:
        talk = _longer(known, part)
        return talk.messages, talk.question, talk.answer
    first, second = sorted((known, part), key=lambda one: one.started_at or 0.0)
    messages = known.messages + part.messages
    return messages, first.question or second.question, second.answer or first.answer


def _is_piece(one: TraceSummary) -> bool:
    """Whether it holds what was said to and by a model."""
    return one.model_calls > 0 and one.messages > 0


def _longer(known: TraceSummary, part: TraceSummary) -> TraceSummary:
    """The one whose conversation counts: of a model call, then the longer, then the later."""
    return max(known, part, key=lambda one: (_is_piece(one), one.messages, one.started_at or 0.0))


def _usage(known: TraceSummary, part: TraceSummary) -> Usage:
    if known.model_calls and part.model_calls:
        return total_usage((known.usage, part.usage))
    first, second = (part, known) if part.model_calls else (known, part)
    return Usage(
        input_tokens=_either(first.usage.input_tokens, second.usage.input_tokens),
        output_tokens=_either(first.usage.output_tokens, second.usage.output_tokens),
        cost_usd=_either(first.usage.cost_usd, second.usage.cost_usd),
    )


def _either(first: Number | None, second: Number | None) -> Number | None:
    return second if first is None else first


def _names(*some: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({name for names in some for name in names}))[:MOST_NAMES]


def _beginning(text: str) -> str:
    line = " ".join(text[: 2 * SHOWN].split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _models(trace: Trace) -> tuple[str, ...]:
    names = (
        span.attributes.get(semconv.RESPONSE_MODEL) or span.attributes.get(semconv.REQUEST_MODEL)
        for span in trace.spans
    )
    return tuple(sorted({name for name in names if isinstance(name, str)}))[:MOST_NAMES]
