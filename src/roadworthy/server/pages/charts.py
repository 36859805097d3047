"""Charts as pictures and as Vega-Lite, and the script that makes them interactive.

An address holds the digest of what it shows: what comes from an address that fits is kept by
browsers for good, anything else is asked for again.
"""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from roadworthy.app.app import App
from roadworthy.app.charting.charts import Chart, svg, vega_lite, vega_script
from roadworthy.app.charting.data import case_history_chart, comparison_chart, pass_rate_chart
from roadworthy.app.charting.theme import THEMES
from roadworthy.app.suite_detail import load_suite_overview
from roadworthy.app.verdicts import compare_runs
from roadworthy.base.codec import encode

FOR_GOOD = "private, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
FOR_A_DAY = "private, max-age=86400"


@get("/charts/{name:str}", sync_to_thread=True)
def show_chart(
    *,
    app: NamedDependency[App],
    name: FromPath[str],
    suite: FromQuery[str] = "",
    base: FromQuery[str] = "",
    candidate: FromQuery[str] = "",
    theme: FromQuery[str] = "light",
    v: FromQuery[str] = "",
) -> Response[bytes]:
    """``pass-rate``, ``case-history`` (of a suite) or ``comparison`` (of two runs); svg or json."""
    stem, _, ending = name.rpartition(".")
    if ending not in {"svg", "json"} or theme not in THEMES:
        raise NotFoundException("a chart ends in .svg or .json, in theme light or dark")
    chart = _chart(app, stem, suite, base, candidate)
    data, kind = (
        (svg(chart, theme).encode(), "image/svg+xml")
        if ending == "svg"
        else (encode(vega_lite(chart, theme)), "application/json")
    )
    cached = FOR_GOOD if v == chart.digest else ASK_AGAIN
    return Response(data, media_type=kind, headers={"Cache-Control": cached})


def _chart(app: App, stem: str, suite: str, base: str, candidate: str) -> Chart:
    match stem:
        case "pass-rate":
            return pass_rate_chart(suite, load_suite_overview(app, suite).runs)
        case "case-history":
            return case_history_chart(load_suite_overview(app, suite))
        case "comparison":
            comparison = compare_runs(app, base, candidate).comparison
            assert comparison is not None
            return comparison_chart(comparison)
    raise NotFoundException(f"no chart called {stem!r}")


@get("/charts/vega.js", sync_to_thread=True)
def script() -> Response[bytes]:
    """Vega, Vega-Lite and Vega-Embed in one file, made on first use. Only charts load it."""
    return Response(
        vega_script(), media_type="text/javascript", headers={"Cache-Control": FOR_A_DAY}
    )


ROUTES = (show_chart, script)
