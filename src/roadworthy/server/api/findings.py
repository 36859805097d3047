"""Findings over HTTP."""

from typing import Annotated, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from roadworthy.app.app import App
from roadworthy.app.findings import FindingPage, worst_findings
from roadworthy.server.api.faults import faults

MOST: Final = 1000
Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="At most so many rows.")]


@get("/api/findings", sync_to_thread=True, responses=faults(404))
def findings(
    app: NamedDependency[App],
    run: FromQuery[str | None] = None,
    trace: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    limit: Limit = 100,
) -> FindingPage:
    """Findings on one run, one trace, of one kind, or of all; the worst, and how many there are."""
    return worst_findings(app, limit=limit, run=run, trace=trace, kind=kind)


ROUTES = (findings,)
