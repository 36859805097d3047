"""Home: the loop at a glance."""

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Template

from roadworthy.app.app import App
from roadworthy.app.overview import overview
from roadworthy.server.pages.endpoint import endpoint_of
from roadworthy.server.views.traffic import HEIGHT, WINDOWS, draw_traffic, window_named


@get("/", sync_to_thread=True)
def show_home(
    app: NamedDependency[App],
    request: Request[Any, Any, Any],
    window: FromQuery[str | None] = None,
) -> Template:
    """Traffic over a window of time, newest findings, suites, runs, and what needs a person."""
    seen = overview(app)
    chosen = window_named(window)
    now = app.clock().timestamp()
    since = 0.0 if chosen.length_s is None else now - chosen.length_s
    steps = app.store.traces.traffic(since=since, until=now + 1, step_s=chosen.step_s)
    return Template(
        "home.html",
        context={
            "seen": seen,
            "traffic": draw_traffic(steps, chosen, now=now),
            "windows": WINDOWS,
            "now": now,
            "height": HEIGHT,
            "endpoint": endpoint_of(request),
        },
    )


ROUTES = (show_home,)
