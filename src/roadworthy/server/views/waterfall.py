"""A trace as a waterfall: its spans as a tree, each with its bar.

Traces come broken: parents that never arrived, parents that are their own grandchildren, no
root, clocks that disagree. Every span is shown once, and what is odd about it is said.

Pure. Not here: drawing (`templates/trace_waterfall.html`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from roadworthy.records import semconv
from roadworthy.records.record import Record
from roadworthy.records.span import Span, SpanId, SpanStatus
from roadworthy.records.trace import Trace

BARS_SHOWN: Final = 2000
_DEEPEST: Final = 12  # further in, names would have no room
_THINNEST: Final = 0.5  # per cent of the width; thinner bars cannot be seen

SpanSort: TypeAlias = Literal["agent", "model", "tool", "other"]
_SORTS: Final[dict[object, SpanSort]] = {
    semconv.INVOKE_AGENT: "agent",
    semconv.CHAT: "model",
    semconv.EXECUTE_TOOL: "tool",
}


class Bar(Record, frozen=True, kw_only=True):
    """One span: where it stands in the tree and, in per cent of the width, in time."""

    id: SpanId
    name: str
    sort: SpanSort
    depth: int
    left: float
    width: float
    duration_s: float | None
    failed: bool = False
    odd: str | None = None  # what is wrong with its place


class Waterfall(Record, frozen=True, kw_only=True):
    """The bars that are shown, parents before children, and what is odd about the whole."""

    bars: tuple[Bar, ...]
    left_out: int = 0
    timed: bool = True
    duration_s: float | None = None
    notes: tuple[str, ...] = ()


def draw_waterfall(trace: Trace, *, most: int = BARS_SHOWN) -> Waterfall:
    """Place the first `most` spans of `trace`, in the order of the tree."""
    drawing = _Drawing(trace)
    placed = list(drawing.placed())
    bars = tuple(drawing.bar(span, depth, odd) for span, depth, odd in placed[:most])
    return Waterfall(
        bars=bars,
        left_out=len(placed) - len(bars),
        timed=trace.timed,
        duration_s=trace.duration_s,
        notes=tuple(_notes(trace, [odd for _, _, odd in placed if odd])),
    )


Placed: TypeAlias = tuple[Span, int, str | None]

LOST: Final = "its parent is not in the trace"
LOOP: Final = "its parents form a loop"
EARLY: Final = "begins before its parent: the clocks disagree"


class _Drawing:
    """The tree of one trace and its span of time."""

    def __init__(self, trace: Trace) -> None:
        self._by_id = {span.id: span for span in trace.spans}
        self._order = sorted(trace.spans, key=lambda span: (span.start_ns, -span.end_ns))
        self._children: defaultdict[SpanId, list[Span]] = defaultdict(list)
        self._timed = trace.timed
        for span in self._order:
            if span.parent_id is not None:
                self._children[span.parent_id].append(span)
        self._first = min((span.start_ns for span in trace.spans), default=0)
        self._last = max((span.end_ns for span in trace.spans), default=0)

    def placed(self) -> Iterator[Placed]:
        """Every span once, parents before children, children by start."""
        seen: set[SpanId] = set()
        for span in self._order:
            if span.parent_id is None:
                yield from self._below(span, None, seen)
            elif span.parent_id not in self._by_id:
                yield from self._below(span, LOST, seen)
        for span in self._order:
            if span.id not in seen:
                yield from self._below(span, LOOP, seen)

    def _below(self, top: Span, odd: str | None, seen: set[SpanId]) -> Iterator[Placed]:
        stack: list[Placed] = [(top, 0, odd)]
        while stack:
            span, depth, why = stack.pop()
            if span.id in seen:
                continue
            seen.add(span.id)
            yield span, depth, why
            for child in reversed(self._children[span.id]):
                early = EARLY if self._timed and child.start_ns < span.start_ns else None
                stack.append((child, depth + 1, early))

    def bar(self, span: Span, depth: int, odd: str | None) -> Bar:
        extent = max(self._last - self._first, 1)
        lasted = max(span.end_ns - span.start_ns, 0)
        width = min(max(100 * lasted / extent, _THINNEST), 100.0)
        return Bar(
            id=span.id,
            name=span_label(span),
            sort=span_sort(span),
            depth=min(depth, _DEEPEST),
            left=min(100 * (span.start_ns - self._first) / extent, 100 - width),
            width=width,
            duration_s=lasted / 1e9 if self._timed else None,
            failed=span.status is SpanStatus.ERROR,
            odd=odd,
        )


def span_sort(span: Span) -> SpanSort:
    """What kind of step a span is."""
    operation = span.attributes.get(semconv.OPERATION)
    return _SORTS.get(operation, "other") if isinstance(operation, str) else "other"


def span_label(span: Span) -> str:
    """The tool's or model's name where there is one, else the span's own."""
    for key in (semconv.TOOL_NAME, semconv.RESPONSE_MODEL, semconv.REQUEST_MODEL):
        name = span.attributes.get(key)
        if isinstance(name, str) and name and span_sort(span) in ("tool", "model"):
            return name
    return span.name


def _notes(trace: Trace, odd: Sequence[str]) -> Iterator[str]:
    if trace.spans and all(span.parent_id is not None for span in trace.spans):
        yield "No span of this trace is its root: it may not have arrived yet."
    if lost := odd.count(LOST):
        name = "it names" if lost == 1 else "they name"
        yield f"{_spans(lost)} without the parent that {name}; shown at the top level."
    if loops := odd.count(LOOP):
        yield f"{_spans(loops)} whose parents form a loop."
    if early := odd.count(EARLY):
        begin, whose = ("begins", "its") if early == 1 else ("begin", "their")
        yield f"{_spans(early)} {begin} before {whose} parent: clocks disagree."
    if not trace.timed:
        yield "The source recorded no times: bars show the order of the steps."


def _spans(count: int) -> str:
    return "1 span" if count == 1 else f"{count:,} spans"
