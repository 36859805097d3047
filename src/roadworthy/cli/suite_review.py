"""`roadworthy suite review` and `suite coverage`: what may go, and what is missing."""

import sys
from pathlib import Path

import click

from roadworthy.app.app import App
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, say
from roadworthy.cli.value_types import Given


@click.command("review")
@click.argument("name", metavar="[SUITE]", required=False)
@click.option(
    "--days",
    type=click.FloatRange(1, 36_500),
    default=180.0,
    show_default=True,
    metavar="N",
    help="Without any change for so long, a case is stale.",
)
@click.option(
    "--write",
    "write_to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the cases to retire to a new FILE, to be read and shortened.",
)
@click.option(
    "--apply",
    "apply_from",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Retire the cases that FILE lists; asks first.",
)
@click.option("--yes", is_flag=True, help="With --apply: do not ask, the list was read.")
@click.option("--confirm", is_flag=True, help="Ask for each case to retire, on a terminal.")
@with_app
def review(
    name: str | None,
    *,
    app: App,
    as_json: bool,
    days: float,
    write_to: Path | None,
    apply_from: Path | None,
    yes: bool,
    confirm: bool,
) -> None:
    """Say which cases of SUITE may go, what they cost, and what would go with them.

    Nothing is changed unless a person confirms it, with --apply or --confirm; a case that goes
    is retired in its file, with the reason.
    """
    if sum((write_to is not None, apply_from is not None, confirm)) > 1:
        raise click.UsageError("--write, --apply and --confirm: one at a time")
    if yes and apply_from is None:
        raise click.UsageError("--yes goes with --apply")
    if apply_from is not None:
        _apply(app, apply_from, suite=name, yes=yes, as_json=as_json)
        return
    if confirm and not sys.stdin.isatty():
        raise click.UsageError("--confirm asks on a terminal; elsewhere: --write, then --apply")
    _review(app, name, days=days, write_to=write_to, confirm=confirm, as_json=as_json)


def _review(
    app: App,
    name: str | None,
    *,
    days: float,
    write_to: Path | None,
    confirm: bool,
    as_json: bool,
) -> None:
    from roadworthy.app.suite_review import review as review_suite  # noqa: PLC0415 - loads YAML
    from roadworthy.app.suite_review_list import write_list  # noqa: PLC0415 - loads YAML
    from roadworthy.cli.render.suite_review import print_review  # noqa: PLC0415 - not for --json
    from roadworthy.gate.spring_cleaning.subject import CleaningPolicy  # noqa: PLC0415

    found = review_suite(app, name, CleaningPolicy(stale_days=days))
    if as_json:
        emit_json(found)
    else:
        print_review(found)
    if write_to is not None:
        written = write_list(found, write_to)
        say(f"wrote {write_to}: {len(written.retire)} to retire; nothing was changed")
        say(f"next: read it, then roadworthy suite review --apply {write_to}")
    elif confirm:
        from roadworthy.cli.suite_review_questions import ask_and_retire  # noqa: PLC0415 - rare

        ask_and_retire(app, found)


def _apply(app: App, path: Path, *, suite: str | None, yes: bool, as_json: bool) -> None:
    from roadworthy.app.suite_review_list import plan_from_file  # noqa: PLC0415 - loads YAML
    from roadworthy.cli.suite_review_questions import confirmed  # noqa: PLC0415 - rare

    planned = plan_from_file(app, path, suite=suite)
    if planned.cases and not yes and not confirmed(planned.suite, planned.cases):
        say("nothing was changed")
        return
    done = planned.write()
    if as_json:
        emit_json(done)
        return
    from roadworthy.cli.render.suite_review import print_retired  # noqa: PLC0415 - not for --json

    print_retired(done)


@click.command("coverage")
@click.argument("name", metavar="[SUITE]", required=False)
@click.option(
    "--by",
    "by",
    type=Given(),
    metavar="DIMENSIONS",
    help="Cross these, e.g. category,persona; by default the plan's, or the usual ones.",
)
@with_app
def coverage(name: str | None, *, app: App, as_json: bool, by: str | None) -> None:
    """Map what the cases of SUITE cover, and which combinations have no case.

    Dimensions are path (happy or edge), category, fault, persona, policy, difficulty, variant,
    tier, tool and tags; a tag like persona:angry gives a dimension a value.
    """
    from roadworthy.app.suite_coverage import map_suite  # noqa: PLC0415 - loads the YAML parser

    dimensions = [part.strip() for part in (by or "").split(",") if part.strip()]
    found = map_suite(app, name, by=dimensions)
    if as_json:
        emit_json(found)
        return
    from roadworthy.cli.render.coverage import print_coverage  # noqa: PLC0415 - not for --json

    print_coverage(found)
