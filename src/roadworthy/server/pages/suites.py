"""Suites of the project, and one of them with its cases."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from roadworthy.app.app import App
from roadworthy.app.charting.data import case_history_chart, pass_rate_chart
from roadworthy.app.suite_detail import list_suite_overviews, load_suite_overview
from roadworthy.base.ids import natural_key
from roadworthy.server.pages.addresses import named
from roadworthy.server.pages.show import show

CASES_SHOWN = 300


@get("/suites", sync_to_thread=True)
def list_all(app: NamedDependency[App]) -> Template:
    """Every suite with its last verdict."""
    return show("suites.html", "Suites", suites=list_suite_overviews(app))


@get("/suites/{suite:str}", sync_to_thread=True)
def show_suite(
    app: NamedDependency[App],
    suite: FromPath[str],
    kind: FromQuery[str | None] = None,
    tier: FromQuery[str | None] = None,
    tag: FromQuery[str | None] = None,
) -> Template:
    """One suite: the last verdict, its past, its cases."""
    overview = load_suite_overview(app, named(suite))
    cases = [
        one
        for one in overview.cases
        if (not kind or one.case.kind == kind)
        and (not tier or one.case.tier == tier)
        and (not tag or tag in one.case.tags)
    ]
    return show(
        "suite.html",
        "Suites",
        suite=overview,
        cases=cases[:CASES_SHOWN],
        left_out=max(0, len(cases) - CASES_SHOWN),
        wanted={"kind": kind, "tier": tier, "tag": tag},
        tiers=sorted({one.case.tier for one in overview.cases}, key=natural_key),
        kinds=sorted({one.case.kind.value for one in overview.cases}),
        tags=sorted({tag for one in overview.cases for tag in one.case.tags}, key=natural_key),
        rates=pass_rate_chart(overview.name, overview.runs) if overview.runs else None,
        history=case_history_chart(overview),
    )


ROUTES = (list_all, show_suite)
