"""`roadworthy case graduate | quarantine | release | retire`: the life of a proved case."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from roadworthy.app.app import App
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json

if TYPE_CHECKING:
    from roadworthy.app.lifecycle.move_line import MoveLine

P = ParamSpec("P")
R = TypeVar("R")

STAYS = 3
"""The exit code of a case whose rule is not met."""
_CASE = click.argument("name", metavar="CASE")
_SUITE = click.option("--suite", metavar="NAME", help="Where to look, when several suites have it.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show the change; write nothing.")
_UNPROVED = click.option(
    "--unproved", is_flag=True, help="Also where the rule is not met; the history says so."
)


def _why(help_text: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    return click.option("--why", required=True, metavar="TEXT", help=help_text)


@click.command()
@click.argument("name", metavar="[CASE]", required=False)
@click.option("--suite", metavar="NAME", help="Only this suite.")
@click.option("--auto", is_flag=True, help="Look at every case, and show the changes that are due.")
@click.option("--write", is_flag=True, help="With --auto: make the changes.")
@_DRY_RUN
@with_app
def graduate(
    name: str | None,
    *,
    app: App,
    as_json: bool,
    suite: str | None,
    auto: bool,
    write: bool,
    dry_run: bool,
) -> int:
    """Move CASE on if the rule of its kind is met: a capability case that passes reliably gates.

    Exit 0 when it is moved, 3 when it stays. With --auto the changes of all cases are shown as a
    diff that `git apply` takes, and added to the page of a CI job (GITHUB_STEP_SUMMARY); nothing
    is written without --write, and the exit code is 0.
    """
    _check_words(name, auto=auto, write=write, dry_run=dry_run)
    from roadworthy.app.lifecycle.moves import graduate as graduate_cases  # noqa: PLC0415 - loads YAML

    lines = graduate_cases(app, case=name, suite=suite, write=write if auto else not dry_run)
    if auto:
        from roadworthy.app.lifecycle.step_summary import add_to_step_summary  # noqa: PLC0415 - in CI

        add_to_step_summary(lines)
    _show(lines, as_json=as_json, one=not auto)
    return 0 if auto or _is_moved(lines[0]) else STAYS


@click.command()
@_CASE
@_SUITE
@click.option("--owner", required=True, metavar="NAME", help="Who looks after it.")
@click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day by which it is looked at again, like 2026-12-24.",
)
@_why("Why it may be set aside.")
@_UNPROVED
@_DRY_RUN
@with_app
def quarantine(
    name: str,
    *,
    app: App,
    as_json: bool,
    suite: str | None,
    owner: str,
    until: datetime,
    why: str,
    unproved: bool,
    dry_run: bool,
) -> None:
    """Set CASE aside as flaky: it goes on being run and shown, and does not gate.

    It must be shown to be flaky by its runs. Again, to put the day of its review off.
    """
    from roadworthy.app.lifecycle.moves import quarantine_case  # noqa: PLC0415 - loads YAML

    line = quarantine_case(
        app,
        name,
        suite=suite,
        owner=owner,
        until=until.date(),
        why=why,
        unproved=unproved,
        write=not dry_run,
    )
    _show([line], as_json=as_json, one=True)


@click.command()
@_CASE
@_SUITE
@click.option(
    "--to",
    type=click.Choice(["regression", "capability"]),
    default="regression",
    show_default=True,
    help="Whether it gates again, or is tracked.",
)
@_why("What was mended.")
@_UNPROVED
@_DRY_RUN
@with_app
def release(
    name: str,
    *,
    app: App,
    as_json: bool,
    suite: str | None,
    to: str,
    why: str,
    unproved: bool,
    dry_run: bool,
) -> None:
    """Take CASE out of quarantine; to gate again it must have passed reliably since then."""
    from roadworthy.app.lifecycle.moves import release_case  # noqa: PLC0415 - loads YAML
    from roadworthy.records.case import Kind  # noqa: PLC0415

    line = release_case(
        app, name, suite=suite, to=Kind(to), why=why, unproved=unproved, write=not dry_run
    )
    _show([line], as_json=as_json, one=True)


@click.command()
@_CASE
@_SUITE
@_why("Why nobody needs it any more.")
@_DRY_RUN
@with_app
def retire(
    name: str, *, app: App, as_json: bool, suite: str | None, why: str, dry_run: bool
) -> None:
    """Take CASE out of service; its file stays, with the reason in its history."""
    from roadworthy.app.lifecycle.moves import retire_case  # noqa: PLC0415 - loads YAML

    line = retire_case(app, name, suite=suite, why=why, write=not dry_run)
    _show([line], as_json=as_json, one=True)


LIFECYCLE = (graduate, quarantine, release, retire)


def _check_words(name: str | None, *, auto: bool, write: bool, dry_run: bool) -> None:
    if (name is None) is not auto:
        raise click.UsageError("name one CASE, or look at all of them with --auto")
    if write and not auto:
        raise click.UsageError("--write goes with --auto; one CASE is written anyway")
    if write and dry_run:
        raise click.UsageError("--write and --dry-run contradict each other")


def _is_moved(line: "MoveLine") -> bool:
    return bool(line.diff)


def _show(lines: "Sequence[MoveLine]", *, as_json: bool, one: bool) -> None:
    if as_json:
        emit_json(lines[0] if one else lines)
        return
    from roadworthy.cli.render.lifecycle import print_moves  # noqa: PLC0415 - not for --json

    print_moves(lines, one=one)
