"""`roadworthy case`: from a trace to a proved case."""

import asyncio
from pathlib import Path

import click
import msgspec

from roadworthy.app.app import App
from roadworthy.cli.case_lifecycle import LIFECYCLE
from roadworthy.cli.messy import messy
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, say, tell


@click.group()
def case() -> None:
    """Turn a trace into a case, prove it, look at cases."""


case.add_command(messy)


for _command in LIFECYCLE:
    case.add_command(_command)


@case.command()
@click.argument("trace")
@click.option("--suite", required=True, metavar="NAME", help="Suite to put it in; made if new.")
@click.option(
    "--id", "case_id", metavar="ID", help="Name of the case; made from the trace by default."
)
@click.option(
    "--title", metavar="TEXT", help="One line; the beginning of the first message by default."
)
@click.option(
    "--expect",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML with fields of a case that take the place of the draft's.",
)
@with_app
def mint(
    trace: str,
    *,
    app: App,
    as_json: bool,
    suite: str,
    case_id: str | None,
    title: str | None,
    expect: Path | None,
) -> None:
    """Draft a case from TRACE (an id, or its first digits) with its tools' recorded replies.

    The draft is a candidate: it gates nothing until `case verify` has proved it.
    """
    from roadworthy.app.mint_case import mint_case  # noqa: PLC0415 - loads the YAML parser

    minted = mint_case(app, trace, suite=suite, case_id=case_id, title=title, expect=expect)
    if as_json:
        emit_json(minted)
        return
    hidden = ", ".join(f"{count} {kind}" for kind, count in minted.redacted.items())
    tell(f"wrote {minted.path}")
    if minted.recording is not None:
        tell(f"wrote {minted.recording} ({minted.recorded_calls} recorded calls)")
    say(f"redacted: {hidden or 'nothing'}")
    say(f"next: edit what it expects, then: roadworthy case verify {minted.case} --red … --green …")


@case.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--suite", required=True, metavar="NAME", help="Suite to put them in; made if new.")
@with_app
def import_(file: Path, *, app: App, as_json: bool, suite: str) -> int:
    """Import the cases of FILE (plain or .gz), a Google ADK evalset of either schema.

    They are candidates: expected tool calls are checked, expected answers are suggested in a
    comment. Importing again changes nothing. Exit 1 when some case could not be imported, 2 when
    none could.
    """
    from roadworthy.app.import_cases import import_cases  # noqa: PLC0415 - loads the YAML parser

    report = import_cases(app, file, suite=suite)
    if as_json:
        emit_json(report)
    else:
        from roadworthy.cli.render.case import print_case_import  # noqa: PLC0415 - not for --json

        print_case_import(report)
    if report.errors:
        return 1 if report.written or report.unchanged else 2
    return 0


@case.command()
@click.argument("name", metavar="CASE")
@click.option("--suite", metavar="NAME", help="Where to look, when several suites have it.")
@click.option("--red", required=True, metavar="TARGET", help="The version that failed.")
@click.option("--green", required=True, metavar="TARGET", help="The version that is fixed.")
@click.option(
    "--repeats",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    metavar="N",
    help="Trials on each side.",
)
@click.option(
    "--promote/--keep-kind",
    default=True,
    help="Whether a proved candidate becomes a regression case, which gates.",
)
@with_app
def verify(
    name: str,
    *,
    app: App,
    as_json: bool,
    suite: str | None,
    red: str,
    green: str,
    repeats: int,
    promote: bool,
) -> int:
    """Prove CASE: it must fail on --red and pass on --green; the proof goes into its file.

    Exit 0 proved, 1 not (it passes on red or fails on green), 3 mixed results, 4 unmeasured.
    """
    from roadworthy.app.verify_case import VerifyRequest, verify_case  # noqa: PLC0415 - heavy
    from roadworthy.cli.agent_output import agents_print_to_stderr  # noqa: PLC0415
    from roadworthy.cli.interrupt import under_ctrl_c  # noqa: PLC0415
    from roadworthy.cli.progress import Progress  # noqa: PLC0415
    from roadworthy.gate.exit_code import EXIT  # noqa: PLC0415

    request = VerifyRequest(
        case=name, suite=suite, red=red, green=green, repeats=repeats, promote=promote
    )
    with Progress() as progress, agents_print_to_stderr():
        done = asyncio.run(
            under_ctrl_c(
                lambda control: verify_case(app, request, control=control, on_tick=progress.tick)
            )
        )
    if as_json:
        emit_json({**msgspec.to_builtins(done), "exit_code": EXIT[done.verdict]})
    else:
        from roadworthy.cli.render.case import print_verification  # noqa: PLC0415 - not for --json

        print_verification(done)
    return EXIT[done.verdict]


@case.command("list")
@click.option("--suite", metavar="NAME", help="Only this suite.")
@with_app
def list_(*, app: App, as_json: bool, suite: str | None) -> None:
    """List cases with their kind, tier and what grades them."""
    from roadworthy.app.cases import list_cases  # noqa: PLC0415 - loads the YAML parser

    rows = list_cases(app, suite)
    if as_json:
        emit_json(rows)
        return
    if not rows:
        say("no case yet; `roadworthy init` writes three, `roadworthy case mint` makes one")
        return
    from roadworthy.cli.render.case import print_cases  # noqa: PLC0415 - not for --json

    print_cases(rows)


@case.command()
@click.argument("name", metavar="CASE")
@click.option("--suite", metavar="NAME", help="Where to look, when several suites have it.")
@with_app
def show(name: str, *, app: App, as_json: bool, suite: str | None) -> None:
    """Show CASE: its file, and what is odd about it."""
    from roadworthy.app.cases import show_case  # noqa: PLC0415 - loads the YAML parser

    detail = show_case(app, name, suite=suite)
    if as_json:
        view = msgspec.to_builtins(detail, enc_hook=str)
        emit_json({**view["row"], "text": detail.text, "lint": view["lint"]})
        return
    from roadworthy.cli.render.case import print_case  # noqa: PLC0415 - not for --json

    print_case(detail)


@case.command()
@click.argument("name", metavar="[CASE]", required=False)
@click.option("--suite", metavar="NAME", help="Only this suite.")
@with_app
def lint(name: str | None, *, app: App, as_json: bool, suite: str | None) -> int:
    """Check CASE, or every case: all errors and warnings at once. Exit 2 on an error."""
    from roadworthy.cli.lint import run_lint  # noqa: PLC0415 - loads the YAML parser

    return run_lint(app, suite=suite, case=name, as_json=as_json)
