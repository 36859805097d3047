"""Runs: the list, one run, one trial."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, Parameter
from litestar.response import Redirect, Template

from roadworthy.app.app import App
from roadworthy.app.run_detail import CaseStanding, RunDetail, Standing, load_run_detail
from roadworthy.app.run_list import RunQuery, list_runs
from roadworthy.app.trial_detail import load_trial
from roadworthy.base.ids import natural_key
from roadworthy.records.record import Record
from roadworthy.records.run import RunState
from roadworthy.server.pages.addresses import named
from roadworthy.server.pages.clean_address import (
    unknown_choice,
    unknown_filters,
    without_empties,
)
from roadworthy.server.pages.show import show

MOST_PAGES = 10_000
CASES_SHOWN = 300
MOST_GRADINGS = 1_000_000


class CaseFilter(Record, frozen=True, kw_only=True):
    """Which cases of a run are listed; `None` is any."""

    kind: str | None = None
    tier: str | None = None
    tag: str | None = None
    verdict: str | None = None

    def takes(self, case: CaseStanding) -> bool:
        """Whether the case is listed."""
        planned = case.planned
        return (
            (not self.kind or planned.kind == self.kind)
            and (not self.tier or planned.tier == self.tier)
            and (not self.tag or self.tag in planned.tags)
            and (not self.verdict or case.standing == self.verdict)
        )


@get("/runs", sync_to_thread=True)
def list_all(
    *,
    app: NamedDependency[App],
    request: Request[Any, Any, Any],
    suite: FromQuery[str | None] = None,
    status: FromQuery[str | None] = None,
    page: FromQuery[Annotated[int, Parameter(ge=1, le=MOST_PAGES)]] = 1,
) -> Template | Redirect:
    """Runs, newest first; those that run stand on top."""
    if cleaner := without_empties(request):
        return cleaner
    wanted = RunState(status) if status and status in {*RunState} else None
    found = list_runs(app, RunQuery(suite=suite or None, state=wanted, page=page))
    return show(
        "runs.html",
        "Runs",
        found=found,
        suite=suite or "",
        status=wanted or "",
        page=page,
        states=list(RunState),
        problems=[
            *unknown_filters(request.query_params, ("suite", "status", "page")),
            *unknown_choice("state of a run", status, [state.value for state in RunState]),
        ],
    )


@get("/runs/{run:str}", sync_to_thread=True)
def show_run(
    *,
    app: NamedDependency[App],
    run: FromPath[str],
    kind: FromQuery[str | None] = None,
    tier: FromQuery[str | None] = None,
    tag: FromQuery[str | None] = None,
    verdict: FromQuery[str | None] = None,
    grading: FromQuery[Annotated[int | None, Parameter(ge=0, le=MOST_GRADINGS)]] = None,
) -> Template:
    """One run: the verdict and why, then its cases."""
    detail = load_run_detail(app, named(run), grading=grading)
    wanted = CaseFilter(kind=kind, tier=tier, tag=tag, verdict=verdict)
    cases = [case for case in detail.cases if wanted.takes(case)]
    return show(
        "run.html",
        "Runs",
        detail=detail,
        wanted=wanted,
        cases=cases[:CASES_SHOWN],
        left_out=max(0, len(cases) - CASES_SHOWN),
        standings=_standings(detail),
        kinds=_seen(case.planned.kind.value for case in detail.cases),
        tiers=_seen(case.planned.tier for case in detail.cases),
        tags=_seen(tag for case in detail.cases for tag in case.planned.tags),
        baselines=[pin for pin in app.store.baselines.list() if pin.run != detail.row.run.id],
        pinned=[pin.name for pin in app.store.baselines.list() if pin.run == detail.row.run.id],
    )


@get("/runs/{run:str}/cases/{case:str}/{repeat:int}", sync_to_thread=True)
def show_trial(
    app: NamedDependency[App],
    run: FromPath[str],
    case: FromPath[str],
    repeat: FromPath[int],
    grading: FromQuery[Annotated[int | None, Parameter(ge=0, le=MOST_GRADINGS)]] = None,
) -> Template:
    """One trial: what each grader said, and what they saw."""
    detail = load_trial(app, named(run), named(case), repeat, grading=grading)
    return show("run_trial.html", "Runs", detail=detail)


def _standings(detail: RunDetail) -> list[tuple[str, str]]:
    """Each verdict that occurs, with its number of cases; worst first."""
    counts = Counter(case.standing for case in detail.cases)
    return [(one.value, f"{counts[one]} {one.value}") for one in Standing if counts[one]]


def _seen(values: Iterable[str]) -> list[str]:
    return sorted(set(values), key=natural_key)


ROUTES = (list_all, show_run, show_trial)
