"""A trace as a conversation: who said what, and each tool call where it was made."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from roadworthy.app.findings import FindingLine
from roadworthy.app.trace_notes import evaluations_of, notes_on
from roadworthy.base.codec import Json, encode
from roadworthy.cli.render.table import line, stdout
from roadworthy.records import semconv
from roadworthy.records.evaluation import Evaluation
from roadworthy.records.span import Span
from roadworthy.records.span_error import span_error
from roadworthy.records.told_path import ToldTurn, tell
from roadworthy.records.trace import Trace, TraceOutcome
from roadworthy.records.trajectory import Message, ToolCall

FOLD = 300
LABEL_WIDTH = 10
MOST_EVALUATIONS = 50
ROLE_STYLE = {"user": "bold cyan", "assistant": "bold green", "system": "dim"}
_PLACES = ("url.full", "http.url", "server.address", "net.peer.name")


def print_trace(trace: Trace, findings: Sequence[FindingLine], *, full: bool) -> None:
    """Print the conversation, then errors, findings and evaluations."""
    _Conversation(trace, findings, full=full).print()


class _Conversation:
    def __init__(self, trace: Trace, findings: Sequence[FindingLine], *, full: bool) -> None:
        self._trace = trace
        self._findings = findings
        self._full = full
        self._marked = {span for finding in findings for span in finding.spans}

    def print(self) -> None:
        self._head()
        for turn in tell(self._trace.trajectory):
            self._turn(turn)
        self._errors()
        for finding in self._findings:
            said = f"{finding.kind}: {finding.why}"
            self._row((finding.severity, "bold red"), Text(), said)
        evaluations = evaluations_of(self._trace)
        for one in evaluations[:MOST_EVALUATIONS]:
            self._evaluation(one)
        if len(evaluations) > MOST_EVALUATIONS:
            left = len(evaluations) - MOST_EVALUATIONS
            self._row(("", ""), Text(), f"{left:,} more evaluations")

    def _head(self) -> None:
        trace = self._trace
        about = f"  {trace.source} {self._folded(trace.name)}"
        stdout().print(line(("trace ", "dim"), (trace.id, "bold"), about))
        facts = [
            ("version", trace.version),
            ("stop", trace.stop),
            ("outcome", outcome_text(trace.outcome)),
        ]
        known = [f"{name} {self._folded(value)}  " for name, value in facts if value]
        if known:
            stdout().print(line(*known))
        for note in notes_on(trace):
            stdout().print(line(("note: ", "yellow"), note))

    def _turn(self, turn: ToldTurn) -> None:
        if turn.message is not None:
            self._said(turn.message)
        for call in turn.calls:
            self._call(call)

    def _said(self, message: Message) -> None:
        if message.text and message.role != "tool":
            role = self._folded(message.role)
            who = "" if message.name is None else f"{self._folded(message.name)}: "
            lead = line((who, "bold"))
            self._row((role, ROLE_STYLE.get(message.role, "bold")), lead, message.text)

    def _call(self, call: ToolCall) -> None:
        mark = "!" if call.span in self._marked else ""
        who = "" if call.requestor == "agent" else " (by the user)"
        made = f"{self._folded(call.tool)}({self._folded(as_text(call.arguments))}){who}"
        self._row((mark, "bold red"), line(("→ ", "dim"), (made, "cyan")))
        if call.error is not None:
            self._row(("", ""), line(("← error: ", "red")), call.error)
        else:
            self._row(("", ""), line(("← ", "dim")), as_text(call.result))

    def _errors(self) -> None:
        """What failed besides tools, whose errors stand on their calls."""
        names = {span.id: span.name for span in self._trace.spans}
        for span in self._trace.spans:
            error = span_error(span)
            if error is not None and semconv.TOOL_NAME not in span.attributes:
                where = self._folded(_where(span, names.get(span.parent_id or "")))
                said = error or "the span failed and does not say why"
                self._row(("error", "bold red"), line((f"{where}: ", "dim")), said)

    def _evaluation(self, one: Evaluation) -> None:
        names = {span.id: span.name for span in self._trace.spans}
        score = "" if one.score is None else f"{one.score:.4g}"
        judged = "  ".join(filter(None, [f"{one.name}:", one.label, score]))
        where = f" (on {names[one.span]})" if one.span in names else ""
        why = f"  {one.explanation}" if one.explanation else ""
        self._row(("judged", "bold"), line((self._folded(judged), "bold"), where), why)

    def _row(self, label: tuple[str, str], lead: Text, text: str = "") -> None:
        """A label, and beside it text that keeps its own margin when it wraps."""
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=LABEL_WIDTH, justify="right", no_wrap=True)
        grid.add_column(overflow="fold")
        lead.append_text(line(self._folded(text)))
        grid.add_row(line(label), lead)
        stdout().print(grid)

    def _folded(self, text: str) -> str:
        if self._full or len(text) <= FOLD:
            return text
        return f"{text[:FOLD]}… ({len(text):,} characters)"


def _where(span: Span, parent: str | None) -> str:
    """Which step failed: its name, what it went to, and what it was part of."""
    places = (span.attributes.get(name) for name in _PLACES)
    to = next((place for place in places if isinstance(place, str) and place), None)
    name = span.name if to is None else f"{span.name} {to}"
    return f"{name} ({span.id})" if parent is None else f"{name} in {parent} ({span.id})"


def as_text(value: Json) -> str:
    """Text as it is, anything else as compact JSON."""
    return value if isinstance(value, str) else encode(value).decode()


def outcome_text(outcome: TraceOutcome | None) -> str:
    """``success``, ``failure``, or nothing when the source did not say."""
    if outcome is None or outcome.success is None:
        return ""
    return "success" if outcome.success else "failure"
