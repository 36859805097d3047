"""A run as one HTML file: no script, nothing fetched, good to mail and to print.

Styles and pictures are inside; a policy in the file forbids everything else, whatever an agent
wrote into it. Not here: the live page of a run (`server.pages.runs`).
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from roadworthy.app.app import App
from roadworthy.app.charting.charts import Chart, svg
from roadworthy.app.charting.data import pass_rate_chart
from roadworthy.app.charting.painter import NotDrawn
from roadworthy.app.charting.theme import THEMES
from roadworthy.app.report import Ends, RunReport
from roadworthy.app.run_detail import RunDetail, load_run_detail
from roadworthy.app.suite_detail import load_suite_overview
from roadworthy.app.traces import write_lines
from roadworthy.base.printable import printable
from roadworthy.gate.wording import counted, measured_rate, percent
from roadworthy.version import __version__

TEMPLATES: Final = Path(__file__).parent / "templates"
CASES_SHOWN: Final = 1000


def write_html_report(app: App, run: str, path: Path) -> RunReport:
    """Write the report of a run, a baseline or ``latest``; the file appears whole or not at all.

    Raises:
        UnknownName: no such run.
        BadRequest: the file cannot be written.
    """
    detail = load_run_detail(app, run)
    write_lines(path, [html_report(app, detail).encode()])
    return detail.report


def html_report(app: App, detail: RunDetail) -> str:
    """The report as text. Everything that an agent or a file said is escaped."""
    run = detail.row.run
    return (
        _environment()
        .get_template("report.html")
        .render(
            run=run,
            report=detail.report,
            decision=detail.decision,
            goes_on=detail.goes_on,
            any_unmeasured=any(case.evidence.unmeasured for case in detail.cases),
            cases=detail.cases[:CASES_SHOWN],
            left_out=max(0, len(detail.cases) - CASES_SHOWN),
            charts=list(_inlined(_charts(app, detail))),
            facts=list(_facts(detail.report)),
            style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
            started=_utc(run.started_at),
            made=_utc(app.clock().timestamp()),
            version=__version__,
            counted=counted,
            share=percent,
            shared=_shared,
            rate_text=measured_rate,
        )
    )


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: object) -> object:
    """Hidden characters made visible in every text; escaping comes after."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _charts(app: App, detail: RunDetail) -> Iterator[Chart]:
    """The suite's pass rate up to now, where there is more than one run to draw."""
    runs = load_suite_overview(app, detail.row.run.suite).runs
    if len(runs) > 1:
        yield pass_rate_chart(detail.row.run.suite, runs)


def _inlined(charts: Iterable[Chart]) -> Iterator[dict[str, str]]:
    """The pictures that can be drawn; a report without one still says all of it in words."""
    for chart in charts:
        try:
            pictures = {theme: b64encode(svg(chart, theme).encode()).decode() for theme in THEMES}
        except NotDrawn:
            continue
        yield {**pictures, "label": chart.label}


def _facts(report: RunReport) -> Iterator[tuple[str, str]]:
    yield "trials", f"{report.trials:,} of {report.planned:,} planned"
    yield "cases", f"{report.cases:,}"
    if report.unmeasured:
        yield "unmeasured", f"{report.unmeasured:,}, {report.infrastructure:,} by infrastructure"
    if report.tool_calls is not None:
        yield "tool calls", f"{report.tool_calls:,}, {report.tool_errors or 0:,} errors"
    cost, tokens = report.usage.cost_usd, report.usage.tokens
    yield "cost", "not recorded" if cost is None else f"${cost:,.4f}"
    yield "tokens", "not recorded" if tokens is None else f"{tokens:,}"
    if report.stops:
        yield "stops", ", ".join(f"{count:,} {reason}" for reason, count in report.stops.items())
    found = ", ".join(f"{count:,} {kind}" for kind, count in report.findings.items())
    yield "findings", found or "none"


def _shared(value: float | None, ends: Ends) -> str:
    low, high = ends
    if value is None:
        return "unmeasured"
    if low is None or high is None:
        return percent(value)
    return f"{percent(value)} ({percent(low)} to {percent(high)})"


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
