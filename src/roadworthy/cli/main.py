"""The entry point: groups, error messages and exit codes.

0 PASS, 1 FAIL, 2 the request was wrong, 3 INCONCLUSIVE, 4 UNMEASURED, 70 a bug of ours or an
agent that broke the process, 130 interrupted and resumable. Anything else is a bug.
"""

import errno
import os
import sys
from contextlib import suppress
from typing import Final

import click

from roadworthy.base.errors import BadFile, InfrastructureError, Interrupted, RoadworthyError
from roadworthy.cli.lazy import LazyGroup
from roadworthy.cli.leave import BROKEN, INTERRUPTED, leave
from roadworthy.cli.streams import forget_stdout, hold_streams
from roadworthy.version import __version__

BAD_REQUEST: Final = 2
UNMEASURED: Final = 4

_GROUPS = {
    "init": ("roadworthy.cli.init:init", "Start a project here: three cases, a target, a CI job."),
    "demo": ("roadworthy.cli.demo:demo", "See the whole loop on real traces, in a minute."),
    "eval": ("roadworthy.cli.evals:evals", "Run a suite, resume it, show and compare runs."),
    "baseline": ("roadworthy.cli.baselines:baseline", "Pin a run under a name to compare with."),
    "case": ("roadworthy.cli.cases:case", "Turn a trace into a case, prove it, look at cases."),
    "suite": ("roadworthy.cli.suites:suite", "List and check suites; their JSON Schema."),
    "trace": ("roadworthy.cli.traces:trace", "Import, list, show and export traces."),
    "judge": ("roadworthy.cli.judges:judge", "Measure judges against people, probe, watch them."),
    "finding": ("roadworthy.cli.findings:finding", "Failures seen on traces."),
    "review": ("roadworthy.cli.reviews:review", "Label answers blindly; how annotators agree."),
    "serve": ("roadworthy.cli.serve:serve", "Take traces over OTLP and show the page."),
    "key": ("roadworthy.cli.keys:key", "Keys for programs and people that use the server."),
    "db": ("roadworthy.cli.databases:db", "The store: size, upgrades, pruning."),
    "version": ("roadworthy.cli.version:version", "The version of Roadworthy."),
}


@click.group(
    cls=LazyGroup,
    lazy=_GROUPS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with `roadworthy demo`, or `roadworthy init` in your project.",
)
@click.version_option(__version__, prog_name="roadworthy")
def cli() -> None:
    """Turn every production failure of an agent into a permanent test."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    hold_streams()
    code = _run()
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _show_os_error(error)
    except ValueError:  # an agent closed it
        code = BROKEN
    leave(code)


def _run() -> int:
    """The exit code, whatever happens: no traceback, and no code that means something else."""
    try:
        return _answered()
    except BaseException as error:  # noqa: BLE001 - the last line of defence
        return _show_breakage(error)


def _answered() -> int:
    try:
        code = cli.main(prog_name="roadworthy", standalone_mode=False)
    except click.exceptions.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except click.ClickException as error:
        return _show_usage_error(error)
    except RoadworthyError as error:
        show_error(error)
        return _exit_code(error)
    except OSError as error:
        return _show_os_error(error)
    return code if isinstance(code, int) else 0


def _show_breakage(error: BaseException) -> int:
    """Nobody meant this to happen: a bug of ours, or the agent broke the process we share."""
    from roadworthy.agents.failure import innermost, one_line, place_of  # noqa: PLC0415 - rare

    cause = innermost(error)
    text = (
        f"error: {one_line(cause)}{place_of(cause)}: this is a bug of roadworthy, or the agent "
        "broke the process that they share\n"
        "hint: an unfinished run can be resumed; a command as the target runs on its own\n"
    )
    with suppress(OSError):  # not through streams that the agent may have closed
        os.write(2, text.encode("utf-8", "replace"))
    return BROKEN


def _exit_code(error: RoadworthyError) -> int:
    match error:
        case InfrastructureError():
            return UNMEASURED
        case Interrupted():
            return INTERRUPTED
        case _:
            return BAD_REQUEST


def show_error(error: RoadworthyError) -> None:
    """Print an error, or every problem of a file, each with its hint, on stderr."""
    from roadworthy.base.printable import printable  # noqa: PLC0415 - only when something went wrong

    if isinstance(error, BadFile):
        for problem in error.problems:
            click.echo(f"error: {printable(str(problem))}", err=True)
            if problem.hint:
                click.echo(f"hint: {printable(problem.hint)}", err=True)
        return
    click.echo(f"error: {printable(error.message)}", err=True)
    if error.hint:
        click.echo(f"hint: {printable(error.hint)}", err=True)


def _show_usage_error(error: click.ClickException) -> int:
    """As click shows it, with what the person typed made safe to print; its exit code."""
    from roadworthy.base.printable import printable  # noqa: PLC0415 - only when something went wrong

    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and context is not None:
        click.echo(context.get_help())
        return 0
    if context is not None:
        click.echo(context.get_usage(), err=True)
        click.echo(f"Try '{context.command_path} --help' for help.\n", err=True)
    click.echo(f"error: {printable(error.format_message())}", err=True)
    return BAD_REQUEST


def _show_os_error(error: OSError) -> int:
    """The machine refused: a file in the way, missing rights, a full disk."""
    if error.errno in (errno.ENOSPC, errno.EIO):
        forget_stdout()
    where = "output" if error.filename is None else str(error.filename)
    show_error(RoadworthyError(f"{where}: {error.strerror or error}"))
    return BAD_REQUEST
