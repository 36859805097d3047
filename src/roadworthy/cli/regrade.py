"""`roadworthy eval regrade`: other graders for trials that were made."""

import asyncio
from collections.abc import Sequence

import click

from roadworthy.app.app import App
from roadworthy.cli.budget_type import parse_budget
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, say
from roadworthy.cli.progress import Progress
from roadworthy.cli.value_types import Given
from roadworthy.records.run import Budget

INTERRUPTED = 130


@click.command()
@click.argument("run_name", metavar="[RUN]", default="latest")
@click.option(
    "--suite",
    type=Given(),
    metavar="SUITE",
    help="Suite, by name or folder, whose graders read; by default the run's latest.",
)
@click.option("--case", "cases", multiple=True, metavar="ID", help="Only this case; repeatable.")
@click.option("--note", default="", metavar="TEXT", help="Why, for who looks at it later.")
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="LIMIT",
    help="Ask judges for at most 5usd or 200ktokens; repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would change; judges are asked.")
@with_app
def regrade(
    run_name: str,
    *,
    app: App,
    as_json: bool,
    suite: str | None,
    cases: Sequence[str],
    note: str,
    budgets: Sequence[str],
    dry_run: bool,
) -> int:
    """Grade the trials of RUN (the latest by default) again, without running the agent.

    What graders said before is kept: `eval show --grading N` shows it. A grading that was
    killed goes on where it was. Exit 0 when it is done, whatever changed.
    """
    from roadworthy.app.regrading.plan import RegradeRequest  # noqa: PLC0415
    from roadworthy.app.regrading.regrade import regrade as grade_again  # noqa: PLC0415 - loads all graders

    budget = _judges_budget(budgets)
    request = RegradeRequest(suite=suite, cases=cases, note=note, budget=budget, dry_run=dry_run)
    try:
        with Progress() as progress:
            report = asyncio.run(
                grade_again(app, run_name, request, on_tick=progress.tick, on_note=_tell)
            )
    except KeyboardInterrupt:
        say("interrupted; the same command goes on where it was")
        return INTERRUPTED
    if as_json:
        emit_json(report)
    else:
        from roadworthy.cli.render.regrade import print_regrade  # noqa: PLC0415 - not for --json

        print_regrade(report)
    return 0


def _judges_budget(budgets: Sequence[str]) -> Budget | None:
    if not budgets:
        return None
    budget = parse_budget(budgets)
    if budget.time_s is not None:
        raise click.UsageError("--budget: judges are limited in money or tokens, not in time")
    return budget


def _tell(note: str) -> None:
    say(f"note: {note}")
