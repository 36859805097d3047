"""`roadworthy finding`: failures seen on traces."""

import click
import msgspec

from roadworthy.app.app import App
from roadworthy.app.findings import list_findings, worst_findings
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, say

STYLES = {"high": "bold red", "medium": "yellow", "low": "dim"}


@click.group()
def finding() -> None:
    """Failures seen on traces: loops, repeated writes, tool errors, abnormal stops."""


@finding.command("list")
@click.option("--run", metavar="RUN", help="Only findings on this run's trials.")
@click.option("--trace", metavar="TRACE", help="Only findings on this trace.")
@click.option(
    "--kind", metavar="KIND", help="Only loop, repeated_write, tool_error or abnormal_stop."
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    metavar="N",
    help="Lines of the table; --json has all.",
)
@with_app
def list_(
    *,
    app: App,
    as_json: bool,
    run: str | None,
    trace: str | None,
    kind: str | None,
    limit: int,
) -> None:
    """List findings, worst first."""
    if as_json:
        every = list_findings(app, run=run, trace=trace, kind=kind)
        emit_json([msgspec.to_builtins(row) for row in every])
        return
    found = worst_findings(app, limit=limit, run=run, trace=trace, kind=kind)
    if not found.rows:
        say("no finding")
        return
    from rich.text import Text  # noqa: PLC0415 - not for --json

    from roadworthy.cli.render.table import print_table  # noqa: PLC0415

    print_table(
        ["severity", "kind", *([] if run else ["run"]), "case", ">trial", "trace", "why"],
        [
            [
                Text(row.severity, style=STYLES.get(row.severity, "")),
                row.kind,
                *([] if run else [row.run or ""]),
                row.case or "",
                "" if row.trial is None else str(row.trial),
                row.trace[:12],
                row.why,
            ]
            for row in found.rows
        ],
    )
    if more := found.total - len(found.rows):
        say(f"and {more} more; raise --limit, or narrow with --run or --kind")
