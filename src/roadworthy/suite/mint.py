"""From a trace to a drafted case: what was asked, what the tools replied, what went wrong.

A draft claims only what the trace shows. It never invents an expected answer: the one that
was given stands in a comment at most, for a person to judge. Everything that comes from the
trace goes through one redactor, so that a value hidden in the input is hidden by the same
stand-in in arguments, replies and comments.

Not here: writing it (`draft`), proving it red and green (`app`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from roadworthy.base.clock import timestamp
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest
from roadworthy.base.ids import slug
from roadworthy.records import semconv
from roadworthy.records.finding import Finding
from roadworthy.records.recording import RecordedCall, Recording
from roadworthy.records.span import Span
from roadworthy.records.trace import Trace
from roadworthy.records.trajectory import Message, ToolCall
from roadworthy.suite.draft import Draft
from roadworthy.suite.draft_notes import DraftNotes, without_control

GOLDEN_CALLS: Final = "roadworthy.golden_calls"
_MAX_TITLE: Final = 80
_NOTHING_ASKED: Final = "choose a trace with messages, or write the case by hand"

Redact = Callable[[Json], Json]


def mint(
    trace: Trace,
    *,
    case_id: str,
    title: str | None = None,
    redact: Redact,
    now: datetime,
    findings: Sequence[Finding] = (),
) -> Draft:
    """Draft a candidate from `trace`.

    Args:
        trace: what happened.
        case_id: becomes the file's name (as `slug` has it).
        title: one line; without it, the beginning of the first message.
        redact: hides what must not be written; the same value always in the same way, so it
            should know all of the trace's `material` beforehand.
        now: when the draft is made.
        findings: what was detected; those on other traces are left out.

    Raises:
        BadRequest: the trace holds nothing that a user said.
    """
    own = [finding for finding in findings if finding.trace_id == trace.id]
    minting = _Minting(trace=trace, redact=redact, findings=own)
    name = slug(case_id)
    asked = minting.asked()
    recording, unseen = minting.recording()
    expected, why_expected = minting.expected_calls()
    case: dict[str, Json] = {
        "title": minting.title(title, asked),
        "kind": "candidate",
        "input": asked,
    }
    if expected:
        case["expect"] = {"trajectory": {"mode": "subsequence", "calls": expected}}
    case |= minting.checks()
    if recording is not None:
        case["recording"] = f"recordings/{name}.jsonl"
    case["origin"] = minting.origin(now)
    notes = DraftNotes(trace=trace, findings=own, hide=minting.text)
    comments = notes.comments(why_expected=why_expected, unseen=unseen)
    return Draft(case_id=name, case=case, comments=comments, recording=recording)


def material(trace: Trace) -> Json:
    """All that a draft of `trace` may quote: a redactor that learns it first hides it alike."""
    trajectory = trace.trajectory
    said: list[Json] = [message.text for message in trajectory.messages]
    calls: list[Json] = [
        [call.tool, call.arguments, call.result, call.error] for call in trajectory.calls
    ]
    return [said, calls, trace.attributes.get(GOLDEN_CALLS), trace.name]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Minting:
    """One trace on its way to becoming a case."""

    trace: Trace
    redact: Redact
    findings: list[Finding]

    def text(self, value: str) -> str:
        redacted = self.redact(value)
        return redacted if isinstance(redacted, str) else "[redacted]"

    def asked(self) -> Json:
        """What the user said: one message as text, several as a list."""
        said = [text for message in self.users() if (text := without_control(message.text))]
        if not said:
            raise BadRequest(
                f"trace {self.trace.id} holds nothing that a user said, so there is no input",
                hint=" ".join([*self._gaps(), _NOTHING_ASKED]),
            )
        redacted: list[Json] = [self.text(text) for text in said]
        if len(redacted) == 1:
            return redacted[0]
        return [{"role": "user", "content": text} for text in redacted]

    def users(self) -> tuple[Message, ...]:
        return self.trace.trajectory.user_messages

    def _gaps(self) -> tuple[str, ...]:
        gaps = self.trace.trajectory.gaps
        return gaps.in_words if gaps.is_partial else ()

    def title(self, given: str | None, asked: Json) -> str:
        if given is not None:
            return self.text(given)
        first = asked[0] if isinstance(asked, list) else asked
        words = first["content"] if isinstance(first, dict) else first
        line = " ".join(str(words).split())
        return line if len(line) <= _MAX_TITLE else line[: _MAX_TITLE - 1].rstrip() + "…"

    def recording(self) -> tuple[Recording | None, int]:
        """Calls of the agent whose reply was seen, and how many had none."""
        calls = self.trace.trajectory.agent_calls
        spans = {span.id: span for span in self.trace.spans}
        seen = [call for call in calls if _reply_was_seen(call, spans.get(call.span))]
        recorded = tuple(self._recorded(call, spans.get(call.span)) for call in seen)
        recording = Recording(calls=recorded, trace_id=self.trace.id) if recorded else None
        return recording, len(calls) - len(seen)

    def _recorded(self, call: ToolCall, span: Span | None) -> RecordedCall:
        timed = self.trace.timed and span is not None and _is_tool_span(span)
        return RecordedCall(
            tool=self.text(call.tool),
            arguments=self.redact(call.arguments),
            result=self.redact(call.result),
            error=None if call.error is None else self.text(call.error),
            latency_s=(span.end_ns - span.start_ns) / 1e9 if timed and span is not None else None,
            span=call.span,
        )

    def expected_calls(self) -> tuple[list[Json], str]:
        """Calls to expect, with a sentence on where they come from."""
        golden = self.trace.attributes.get(GOLDEN_CALLS)
        if isinstance(golden, list) and golden:
            listed = [entry for entry in golden if isinstance(entry, dict) and "tool" in entry]
            calls = [self._expected(str(one["tool"]), one.get("arguments")) for one in listed]
            return calls, "These calls are what the source says is right."
        made = self.trace.trajectory.agent_calls
        kept = [
            call
            for before, call in zip((None, *made), made, strict=False)
            if before is None or before.key != call.key
        ]
        why = "These calls are what the agent did, right or wrong: keep the right ones."
        return [self._expected(call.tool, call.arguments) for call in kept], why

    def _expected(self, tool: str, arguments: Json) -> Json:
        hidden = self.redact(arguments)
        expected: dict[str, Json] = {"tool": self.text(tool)}
        if isinstance(hidden, dict) and hidden:
            expected["arguments"] = {name: _literal(value) for name, value in hidden.items()}
        return expected

    def checks(self) -> dict[str, Json]:
        """Graders that would have caught the findings."""
        kinds = {finding.kind for finding in self.findings}
        graders: list[Json] = ["loop"] if "loop" in kinds else []
        if "repeated_write" in kinds:
            spans = {s for f in self.findings if f.kind == "repeated_write" for s in f.spans}
            calls = self.trace.trajectory.agent_calls
            tools: list[Json] = [*sorted({self.text(c.tool) for c in calls if c.span in spans})]
            graders.append({"repeated_write": {"tools": tools}} if tools else "repeated_write")
        return {"graders": graders} if graders else {}

    def origin(self, now: datetime) -> dict[str, Json]:
        origin: dict[str, Json] = {"trace": self.trace.id, "source": self.trace.source or "unknown"}
        if self.trace.name:
            origin["position"] = self.text(self.trace.name)
        origin["minted_at"] = timestamp(now)
        if self.findings:
            origin["finding"] = self.findings[0].id
        origin["messages"] = len(self.trace.trajectory.messages)
        return origin


def _is_tool_span(span: Span) -> bool:
    return span.attributes.get(semconv.OPERATION) == semconv.EXECUTE_TOOL


def _reply_was_seen(call: ToolCall, span: Span | None) -> bool:
    """Whether the trace says what came back; a tool span may say that it was nothing."""
    if call.error is not None or call.result is not None:
        return True
    return span is not None and _is_tool_span(span) and semconv.TOOL_RESULT in span.attributes


def _literal(value: Json) -> Json:
    """`value` as a constraint that means just this value, even where it looks like an operator."""
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$"):
        return {"$one_of": [value]}
    return value
