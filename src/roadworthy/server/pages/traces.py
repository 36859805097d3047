"""Traces: the list with its search, one trace, one of its spans, and its download."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from roadworthy.app.app import App
from roadworthy.app.trace_notes import notes_on
from roadworthy.app.traces import load_trace
from roadworthy.base.codec import encode
from roadworthy.base.errors import UnknownName
from roadworthy.diagnose.detect import DETECTORS
from roadworthy.diagnose.divergence_point import lay_side_by_side
from roadworthy.records.span import Span
from roadworthy.records.span_error import span_error
from roadworthy.records.trace import Trace
from roadworthy.records.trace_query import TraceQuery
from roadworthy.records.trace_summary import TraceSummary, summarise
from roadworthy.server.pages.clean_address import without_empties
from roadworthy.server.pages.endpoint import endpoint_of
from roadworthy.server.pages.trace_search import TraceSearch, read_search
from roadworthy.server.text import query
from roadworthy.server.views.conversation import Conversation, read_conversation
from roadworthy.server.views.evaluations import read_evaluations
from roadworthy.server.views.span_findings import by_span
from roadworthy.server.views.waterfall import Waterfall, draw_waterfall, span_label, span_sort

PAGE_SIZE = 50
MOST_OFFERED = 100
FIRST_STEPS = 150
FIRST_SPANS = 250
Part = TypeVar("Part", Conversation, Waterfall)


@get("/traces", sync_to_thread=True)
def list_traces(app: NamedDependency[App], request: Request[Any, Any, Any]) -> Template | Redirect:
    """Traces that match the search, newest first."""
    if cleaner := without_empties(request):
        return cleaner
    params = request.query_params
    search, cursor = read_search(params), params.get("cursor") or None
    page = app.store.traces.search(search.query(), cursor=cursor, limit=PAGE_SIZE)
    return Template(
        "traces.html",
        context={
            "search": search,
            "rows": page.rows,
            "counts": finding_counts(app, [row.id for row in page.rows]),
            "next": search.address(cursor=page.next) if page.next else None,
            "first": search.address() if cursor else None,
            "known": _known(app, search, page.rows),
            "kinds": [(detector.kind, detector.kind) for detector in DETECTORS],
            "endpoint": endpoint_of(request),
        },
    )


def _known(app: App, search: TraceSearch, rows: Sequence[TraceSummary]) -> dict[str, list[str]]:
    """What fields can be filled with: what is seen in these rows and in the newest of all."""
    newest = app.store.traces.search(TraceQuery(), limit=PAGE_SIZE).rows if search.values else ()
    seen = [*rows, *newest]
    found = {
        "tool": {tool for row in seen for tool in row.tools},
        "model": {model for row in seen for model in row.models},
        "version": {row.version for row in seen if row.version},
        "source": {row.source for row in seen},
        "stop": {row.stop for row in seen if row.stop},
    }
    return {name: sorted(values)[:MOST_OFFERED] for name, values in found.items()}


def finding_counts(app: App, traces: list[str]) -> dict[str, int]:
    """How many findings each of these traces has."""
    found = app.store.findings.of_traces(traces)
    return {trace: found[trace].count if trace in found else 0 for trace in traces}


@get("/traces/{name:str}", sync_to_thread=True)
def show_trace(
    *,
    app: NamedDependency[App],
    name: FromPath[str],
    against: FromQuery[str | None] = None,
    whole: FromQuery[bool] = False,
) -> Template | Redirect:
    """One trace as conversation and waterfall; with `against`, beside another one.

    A long one is shown by its beginning, which is what opens at once; `whole` shows all of it.
    """
    trace = load_trace(app, name)
    if name != trace.id:
        asked = {"against": against, "whole": "true" if whole else None}
        return Redirect(query(f"/traces/{trace.id}", asked))
    if against:
        return _beside(trace, load_trace(app, against))
    conversation = _beginning(read_conversation, trace, whole, FIRST_STEPS)
    waterfall = _beginning(draw_waterfall, trace, whole, FIRST_SPANS)
    findings = app.store.findings.list(trace=trace.id)
    return Template(
        "trace.html",
        context={
            "trace": trace,
            "row": summarise(trace),
            "conversation": conversation,
            "waterfall": waterfall,
            "whole": whole,
            "on_page": conversation.anchors | {bar.id for bar in waterfall.bars},
            "findings": findings,
            "by_span": by_span(findings),
            "judged": read_evaluations(trace),
            "notes": notes_on(trace),
        },
    )


def _beginning(draw: Callable[..., Part], trace: Trace, whole: bool, first: int) -> Part:
    """The first steps, or all when asked for, or when what is left is not worth a click."""
    if whole:
        return draw(trace)
    shown = draw(trace, most=first)
    return draw(trace) if 0 < shown.left_out <= first // 4 else shown


def _beside(base: Trace, other: Trace) -> Template:
    laid = lay_side_by_side(base.trajectory, other.trajectory)
    context = {"trace": base, "other": other, "rows": laid.rows, "point": laid.point}
    return Template(
        "trace_against.html", context=context | {"row": summarise(base), "to": summarise(other)}
    )


@get("/traces/{name:str}/spans/{span_id:str}", sync_to_thread=True)
def show_span(app: NamedDependency[App], name: FromPath[str], span_id: FromPath[str]) -> Template:
    """Everything that one span says."""
    trace = load_trace(app, name)
    span = _span(trace, span_id)
    findings = app.store.findings.list(trace=trace.id)
    return Template(
        "trace_span.html",
        context={
            "trace": trace,
            "span": span,
            "sort": span_sort(span),
            "label": span_label(span),
            "parent": next((s for s in trace.spans if s.id == span.parent_id), None),
            "findings": by_span(findings).get(span.id, ()),
            "judged": read_evaluations(trace, span=span.id),
            "error": span_error(span),
        },
    )


def _span(trace: Trace, span_id: str) -> Span:
    for span in trace.spans:
        if span.id == span_id:
            return span
    raise UnknownName(
        f"trace {trace.id} has no span {span_id[:40]!r}", hint="its page lists its spans"
    )


@get("/traces/{name:str}/download", sync_to_thread=True)
def download_trace(app: NamedDependency[App], name: FromPath[str]) -> Response[bytes]:
    """The trace as JSON, to be kept as a file."""
    trace = load_trace(app, name)
    headers: dict[str, Any] = {"content-disposition": f'attachment; filename="{trace.id}.json"'}
    return Response(encode(trace), media_type="application/json", headers=headers)


ROUTES = (list_traces, show_trace, show_span, download_trace)
