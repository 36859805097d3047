"""`roadworthy suite`: list and check suites, and the JSON Schema of their files."""

import click
import msgspec

from roadworthy.app.app import App
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, say
from roadworthy.cli.suite_review import coverage, review


@click.group()
def suite() -> None:
    """List and check suites; their JSON Schema."""


suite.add_command(review)
suite.add_command(coverage)


@suite.command("list")
@with_app
def list_(*, app: App, as_json: bool) -> None:
    """List the project's suites with the number of cases of each kind."""
    from roadworthy.app.suites import list_suites  # noqa: PLC0415 - loads the YAML parser

    rows = list_suites(app)
    if as_json:
        emit_json(rows)
        return
    if not rows:
        say("no suite yet; `roadworthy init` writes one with three cases")
        return
    from roadworthy.cli.render.table import print_table  # noqa: PLC0415 - not for --json

    print_table(
        ["suite", "title", ">cases", "kinds", "target", ">repeats"],
        [
            [
                row.suite,
                row.title,
                str(row.cases),
                ", ".join(f"{count} {kind}" for kind, count in row.kinds.items()),
                row.target or "",
                str(row.repeats),
            ]
            for row in rows
        ],
        one_line=True,
    )


@suite.command()
@click.argument("name", metavar="[SUITE]", required=False)
@with_app
def lint(name: str | None, *, app: App, as_json: bool) -> int:
    """Check the files of SUITE, or of all suites: every error and warning at once.

    Exit 0 when there is no error (warnings do not count), else 2.
    """
    from roadworthy.cli.lint import run_lint  # noqa: PLC0415 - loads the YAML parser

    return run_lint(app, suite=name, as_json=as_json)


@suite.command()
@click.argument("name", metavar="[NAME]", required=False)
@with_app
def graders(name: str | None, *, app: App, as_json: bool) -> None:
    """List the graders that suites can ask for, or show the options of NAME."""
    del app
    from roadworthy.cli.grader_list import print_graders  # noqa: PLC0415 - loads every grader

    print_graders(name, as_json=as_json)


@suite.command()
@click.argument("what", type=click.Choice(["case", "suite"]), default="case")
@click.option("--json", "as_json", is_flag=True, help="It is JSON anyway.")
def schema(what: str, *, as_json: bool) -> None:
    """Print the JSON Schema of a case file or a suite file, for editors."""
    from roadworthy.app.suites import file_schema  # noqa: PLC0415 - loads pydantic models

    del as_json
    click.echo(msgspec.json.format(msgspec.json.encode(file_schema(what)), indent=2).decode())
