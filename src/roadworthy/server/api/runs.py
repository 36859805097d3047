"""Runs, comparisons and baselines over HTTP."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, Parameter

from roadworthy.app.app import App
from roadworthy.app.baselines import baseline_history, list_baselines, set_baseline
from roadworthy.app.report import RunReport, show_run
from roadworthy.app.verdicts import compare_runs
from roadworthy.app.views import ComparisonView, RunLine, comparison_view, run_line
from roadworthy.records.baseline import Baseline
from roadworthy.server.api.faults import Limit, faults


class BaselineLine(msgspec.Struct, frozen=True, kw_only=True):
    """One pin of a name to a run."""

    name: str
    run: str
    pinned_at: float
    note: str


class NewPin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `baseline set` is given."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    run: str = "latest"
    note: Annotated[str, msgspec.Meta(max_length=10_000)] = ""


@get("/api/runs", sync_to_thread=True, responses=faults())
def runs(
    app: NamedDependency[App], suite: FromQuery[str | None] = None, limit: Limit = 50
) -> list[RunLine]:
    """Runs, newest first."""
    return [run_line(row) for row in app.store.runs.list(suite=suite, limit=limit)]


@get("/api/run", sync_to_thread=True, responses=faults(404))
def show(
    app: NamedDependency[App],
    run: FromQuery[str] = "latest",
    failures: Limit = 20,
    grading: FromQuery[Annotated[int | None, Parameter(ge=0, le=1_000_000)]] = None,
) -> RunReport:
    """One run by its name, a baseline's name, or `latest`. A name may hold slashes.

    `grading` is the number of a grading, 0 being the first; without it, the one in force.
    """
    return show_run(app, run, failures=failures, grading=grading)


@get("/api/compare", sync_to_thread=True, responses=faults(404))
def compare(
    app: NamedDependency[App], base: FromQuery[str], candidate: FromQuery[str]
) -> ComparisonView:
    """What `candidate` fixed and broke against `base`; each is a run or a baseline."""
    return comparison_view(compare_runs(app, base, candidate))


@get("/api/baselines", sync_to_thread=True, responses=faults(404))
def baselines(app: NamedDependency[App], name: FromQuery[str | None] = None) -> list[BaselineLine]:
    """The newest pin of each name; with `name`, its history, newest first."""
    pins = list_baselines(app) if name is None else baseline_history(app, name)
    return [_line(pin) for pin in pins]


@post("/api/baselines", sync_to_thread=True, status_code=201, responses=faults(404, 413, 415))
def pin(app: NamedDependency[App], data: JSONBody[NewPin]) -> BaselineLine:
    """Pin a name to a finished run."""
    return _line(set_baseline(app, data.name, data.run, note=data.note))


def _line(pin: Baseline) -> BaselineLine:
    return BaselineLine(name=pin.name, run=pin.run, pinned_at=pin.pinned_at, note=pin.note)


ROUTES = (runs, show, compare, baselines, pin)
