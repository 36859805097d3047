"""`roadworthy trace`: import, list, show and export."""

import sys
from pathlib import Path

import click
import msgspec

from roadworthy.app.app import App
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, escaped, say, tell
from roadworthy.cli.streams import stdout_is_read
from roadworthy.cli.value_types import Name
from roadworthy.cli.views import trace_row_view
from roadworthy.gate.wording import counted

SOME_ERRORS = 20


@click.group()
def trace() -> None:
    """Import, list, show and export traces."""


@trace.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as-run", type=Name(), metavar="RUN", help="Also keep it as a run, to show and compare."
)
@click.option(
    "--format",
    "format_name",
    metavar="NAME",
    help="Name of the format; told by content by default.",
)
@click.option("--strict", is_flag=True, help="Import nothing if any record is bad.")
@with_app
def import_(
    file: Path,
    *,
    app: App,
    as_json: bool,
    as_run: str | None,
    format_name: str | None,
    strict: bool,
) -> int:
    """Import FILE (plain or .gz). Its format is told by its content.

    Formats: tau-bench, tau2-bench, generic-jsonl, openai-chat, langfuse, otlp-json, jaeger, atif,
    inspect, swe-agent, who-and-when, and roadworthy-jsonl (what `trace export` writes). Google
    ADK evalsets hold cases: see `case import`.

    Importing again changes nothing. Bad records are reported and the rest is imported; the exit
    code is then 1, and 2 when nothing could be read.
    """
    from roadworthy.app.import_traces import import_file  # noqa: PLC0415 - importers load parsers

    report = import_file(app, file, as_run=as_run, format_name=format_name, strict=strict)
    if as_json:
        emit_json(report)
    else:
        from roadworthy.cli.render.trace import print_import  # noqa: PLC0415 - not for --json

        print_import(report)
        if as_run is not None and report.trials:
            _show_imported_run(app, as_run)
    if report.errors:
        return 1 if report.traces else 2
    return 0


def _show_imported_run(app: App, run: str) -> None:
    from roadworthy.app.report import show_run  # noqa: PLC0415 - loads the statistics
    from roadworthy.cli.render.rates import rate_text  # noqa: PLC0415

    report = show_run(app, run, failures=0)
    tell(f"pass rate  {rate_text(report.pass_rate)}")
    if report.ungraded:
        trials = counted(report.ungraded, "trial")
        again = f"roadworthy eval regrade {run}"
        say(f"{trials} came after grading {report.grading}; to read them, too: {again}")
    say(f"next: roadworthy eval show {run}")


@trace.command("list")
@click.option("--run", metavar="RUN", help="Only traces of this run's trials.")
@click.option(
    "--source", metavar="FORMAT", help="Only from this format; `trial`: from our own trials."
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    metavar="N",
    help="Show at most so many.",
)
@with_app
def list_(*, app: App, as_json: bool, run: str | None, source: str | None, limit: int) -> None:
    """List traces, newest import first."""
    from roadworthy.app.traces import list_traces  # noqa: PLC0415 - loads the store

    rows = list_traces(app, run=run, source=source, limit=limit)
    if as_json:
        emit_json([trace_row_view(row) for row in rows])
        return
    if not rows:
        none_yet = run is None and source is None
        say(
            "no trace yet; import some with `roadworthy trace import FILE`"
            if none_yet
            else "no trace matches"
        )
        return
    from roadworthy.cli.render.trace import print_traces  # noqa: PLC0415 - not for --json

    print_traces(rows)


@trace.command()
@click.argument("trace_id", metavar="TRACE")
@click.option("--full", is_flag=True, help="Do not fold long texts.")
@with_app
def show(trace_id: str, *, app: App, as_json: bool, full: bool) -> None:
    """Show TRACE (its id, or the first digits of it) as a conversation with its tool calls."""
    from roadworthy.app.findings import list_findings  # noqa: PLC0415 - loads the store
    from roadworthy.app.traces import load_trace  # noqa: PLC0415

    found = load_trace(app, trace_id)
    findings = list_findings(app, trace=found.id)
    if as_json:
        emit_json({**msgspec.to_builtins(found), "findings": msgspec.to_builtins(findings)})
        return
    from roadworthy.cli.render.conversation import print_trace  # noqa: PLC0415 - not for --json

    print_trace(found, findings, full=full)


@trace.command()
@click.argument("ids", nargs=-1, metavar="[TRACE]...")
@click.option("--run", metavar="RUN", help="Only traces of this run's trials.")
@click.option(
    "--source", metavar="FORMAT", help="Only from this format; `trial`: from our own trials."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file."
)
@with_app
def export(
    ids: tuple[str, ...],
    *,
    app: App,
    as_json: bool,
    run: str | None,
    source: str | None,
    output: Path | None,
) -> None:
    """Write traces as JSON lines, one trace a line; all of them when none is named."""
    from roadworthy.app.traces import export_traces, write_lines  # noqa: PLC0415 - loads the store

    del as_json  # JSON lines are JSON already
    lines = export_traces(app, ids=ids, run=run, source=source)
    if output is None:
        for line in lines:
            sys.stdout.buffer.write(escaped(line) + b"\n")
            if not stdout_is_read():
                break
        sys.stdout.buffer.flush()
        return
    if not output.name:
        raise click.UsageError("--output: it is empty; name a file")
    say(f"wrote {counted(write_lines(output, lines), 'trace')} to {output}")
