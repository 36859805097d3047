"""Findings: failures seen on traces, by kind."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from roadworthy.app.app import App
from roadworthy.app.verdicts import named_run
from roadworthy.records.finding import Finding, Severity
from roadworthy.records.record import Record
from roadworthy.server.pages.clean_address import (
    unknown_choice,
    unknown_filters,
    without_empties,
)
from roadworthy.server.text import query

PER_KIND = 50
ONE_KIND = 500
RUNS_OFFERED = 100


class KindOfFinding(Record, frozen=True, kw_only=True):
    """Findings of one kind; `rows` are the first of `count`."""

    kind: str
    count: int
    rows: tuple[Finding, ...]


@get("/findings", sync_to_thread=True)
def list_findings(
    *,
    app: NamedDependency[App],
    request: Request[Any, Any, Any],
    kind: FromQuery[str | None] = None,
    severity: FromQuery[str | None] = None,
    run: FromQuery[str | None] = None,
) -> Template | Redirect:
    """Findings, worst first within their kind."""
    if cleaner := without_empties(request):
        return cleaner
    severities = [known.value for known in Severity]
    problems = [
        *unknown_filters(request.query_params, ("kind", "severity", "run")),
        *unknown_choice("severity", severity, severities),
    ]
    severity = severity if severity in severities else None
    seen_in = named_run(app, run) if run else None
    counts = app.store.findings.counts(run=seen_in)
    kinds = _kinds(app, counts, run=seen_in, kind=kind, severity=severity)
    wanted = {"kind": kind, "severity": severity, "run": run}
    return Template(
        "findings.html",
        context={
            "kinds": kinds,
            "counts": {known: sum(each.values()) for known, each in counts.items()},
            "severities": severities,
            "problems": problems,
            "wanted": {key: value or "" for key, value in wanted.items()},
            "narrowed": lambda **change: query("/findings", wanted | change),
            "runs": [row.run.id for row in app.store.runs.list(limit=RUNS_OFFERED)],
        },
    )


def _kinds(
    app: App,
    counts: Mapping[str, Mapping[Severity, int]],
    *,
    run: str | None,
    kind: str | None,
    severity: str | None,
) -> list[KindOfFinding]:
    """The kinds asked for: those with the worst first, then the most frequent."""
    asked = [one for one in Severity if severity in (None, "", one.value)]
    kinds = []
    for known, each in counts.items():
        count = sum(each.get(one, 0) for one in asked)
        if count and kind in (None, "", known):
            rows = app.store.findings.list(
                run=run,
                kind=known,
                severity=asked[0] if severity else None,
                limit=ONE_KIND if kind else PER_KIND,
            )
            if rows:  # else they went after they were counted
                kinds.append(KindOfFinding(kind=known, count=count, rows=tuple(rows)))
    order = list(Severity)
    return sorted(kinds, key=lambda one: (order.index(one.rows[0].severity), -one.count))


ROUTES = (list_findings,)
