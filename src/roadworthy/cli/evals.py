"""`roadworthy eval`: run suites, resume them, look at runs and compare them."""

import asyncio
import gc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from roadworthy.app.app import App
from roadworthy.app.baselines import require_baseline
from roadworthy.app.evaluate import NO_BUDGET, RunRequest, execute, plan_run
from roadworthy.app.report import read_run, show_run, with_profile
from roadworthy.app.run_state import shown_state
from roadworthy.app.verdicts import check_gate, compare_runs
from roadworthy.cli.agent_output import agents_print_to_stderr
from roadworthy.cli.budget_type import parse_budget
from roadworthy.cli.interrupt import under_ctrl_c
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, say
from roadworthy.cli.progress import Progress
from roadworthy.cli.regrade import regrade
from roadworthy.cli.value_types import Given, Name, Percent, Seconds
from roadworthy.cli.views import comparison_view, decision_view, run_row_view, run_view
from roadworthy.gate.exit_code import EXIT
from roadworthy.gate.wording import counted
from roadworthy.records.run import Budget, RunState

INTERRUPTED = 130
GC_EVERY = 50_000  # new objects between collections of the youngest generation


def _gate_options(command: Any) -> Any:
    for option in (
        click.option(
            "--against", type=Given(), metavar="BASELINE", help="Compare with a baseline or a run."
        ),
        click.option(
            "--fail-under",
            type=Percent(),
            metavar="PERCENT",
            help="Least pass rate of the cases that gate, e.g. 95.",
        ),
    ):
        command = option(command)
    return command


@click.group("eval")
def evals() -> None:
    """Run a suite, resume it, show and compare runs."""


evals.add_command(regrade)


@evals.command("run")
@click.option(
    "--suite", type=Given(), metavar="NAME", help="Suite to run; the project's only one by default."
)
@click.option(
    "--target",
    type=Given(),
    metavar="NAME",
    help="Target from roadworthy.toml, or module:callable.",
)
@click.option(
    "--name", type=Name(), metavar="RUN", help="Name of the run; made from the time by default."
)
@click.option("--case", "cases", multiple=True, metavar="ID", help="Only this case; repeatable.")
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="Only cases with this tag; repeatable."
)
@click.option(
    "--repeats",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help="Trials of each case; the case's or the suite's by default.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="Trials at a time; `run.concurrency` of the settings by default.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=Seconds(),
    metavar="SECONDS",
    help="Longest time for a trial; the target's or the suite's by default.",
)
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="LIMIT",
    help="Stop the run at 5usd, 200ktokens or 10m; repeatable.",
)
@click.option("--seed", type=int, metavar="N", help="Seed of the run's pauses between tries.")
@_gate_options
@with_app
def run(
    *,
    app: App,
    as_json: bool,
    against: str | None,
    fail_under: float | None,
    budgets: Sequence[str],
    **options: Any,
) -> int:
    """Run a suite and judge it.

    Exit 0 pass, 1 fail, 2 bad request, 3 inconclusive, 4 unmeasured, 130 interrupted.
    Ctrl-C lets trials in flight finish; twice stops now. `eval resume` does what is left.
    """
    if against is not None:
        require_baseline(app, against)
    planned = plan_run(app, RunRequest(budget=parse_budget(budgets), **options))
    say(f"run {planned.id}: {counted(planned.planned_trials, 'trial')} of {planned.target}")
    return _drive(app, planned.id, against, fail_under, as_json=as_json)


@evals.command()
@click.argument("run_name", metavar="[RUN]", default="latest")
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    metavar="LIMIT",
    help="Limits in place of the run's own; what was spent counts.",
)
@_gate_options
@with_app
def resume(
    run_name: str,
    *,
    app: App,
    as_json: bool,
    against: str | None,
    fail_under: float | None,
    budgets: Sequence[str],
) -> int:
    """Do what is left of RUN (the latest by default) and judge it.

    Exit codes are those of `eval run`. A trial that is stored is not run again.
    """
    if against is not None:
        require_baseline(app, against)
    budget = parse_budget(budgets)
    name = show_run(app, run_name, failures=0).run
    return _drive(app, name, against, fail_under, as_json=as_json, budget=budget)


@evals.command("list")
@click.option("--suite", metavar="NAME", help="Only runs of this suite.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    metavar="N",
    help="Show at most so many.",
)
@with_app
def list_(*, app: App, as_json: bool, suite: str | None, limit: int) -> None:
    """List runs, newest first."""
    found = app.store.runs.list(suite=suite, limit=limit)
    rows = [{**run_row_view(row), "state": shown_state(app, row)} for row in found]
    if as_json:
        emit_json(rows)
        return
    if not rows:
        of_suite = "" if suite is None else f" of suite {suite!r}"
        say(f"no run{of_suite} yet; start one with `roadworthy eval run`")
        return
    from roadworthy.cli.render.table import print_table  # noqa: PLC0415 - not for --json

    headers = ["run", "suite", "target", "state", ">passed", "started (UTC)"]
    cut_short = any(_made(row) < row["planned"] for row in rows)
    if cut_short:
        headers.insert(-1, ">trials")
    print_table(headers, [_run_cells(row, cut_short=cut_short) for row in rows], one_line=True)


def _run_cells(row: dict[str, Any], *, cut_short: bool) -> list[str]:
    from roadworthy.cli.render.moment import moment_text  # noqa: PLC0415 - not for --json

    made = [f"{_made(row)}/{row['planned']}"] if cut_short else []
    return [
        row["run"],
        row["suite"],
        _agent(row),
        row["state"],
        f"{row['passed']}/{row['passed'] + row['failed']}",
        *made,
        moment_text(row["started_at"]),
    ]


def _made(row: dict[str, Any]) -> int:
    made: int = row["passed"] + row["failed"] + row["unmeasured"]
    return made


def _agent(row: dict[str, Any]) -> str:
    target, version = str(row["target"]), str(row["version"])
    return target if target == version else f"{target} {version}"


@evals.command()
@click.argument("run_name", metavar="[RUN]", default="latest")
@click.option(
    "--failures",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    metavar="N",
    help="Show at most so many trials that did not pass.",
)
@click.option(
    "--html",
    "html_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a report to FILE instead: one page, nothing to fetch, no script.",
)
@click.option(
    "--grading",
    type=click.IntRange(0),
    metavar="N",
    help="As grading N found it, 0 being the first; by default the one in force.",
)
@with_app
def show(
    run_name: str,
    *,
    app: App,
    as_json: bool,
    failures: int,
    html_file: Path | None,
    grading: int | None,
) -> None:
    """Show RUN (the latest by default; a baseline's name works too)."""
    if html_file is not None and grading is not None:
        raise click.UsageError("--html tells of the grading in force; leave --grading out")
    if html_file is not None:
        from roadworthy.app.html_report import write_html_report  # noqa: PLC0415 - loads templates

        written = write_html_report(app, run_name, html_file)
        say(f"wrote {html_file}: run {written.run}")
        if not as_json:
            return
    report = show_run(app, run_name, failures=failures, grading=grading)
    if as_json:
        emit_json(run_view(report))
        return
    from roadworthy.cli.render.run import print_run  # noqa: PLC0415 - not for --json

    print_run(report, profile=True)


@evals.command()
@click.argument("base")
@click.argument("candidate", default="latest")
@with_app
def compare(base: str, candidate: str, *, app: App, as_json: bool) -> int:
    """Say what CANDIDATE fixed and broke against BASE.

    Exit 0 nothing broke, 1 something did, 3 inconclusive or not comparable, 4 unmeasured.
    """
    decision = compare_runs(app, base, candidate)
    if as_json:
        emit_json(comparison_view(decision))
    else:
        from roadworthy.cli.render.decision import print_decision  # noqa: PLC0415 - not for --json

        print_decision(decision)
    return EXIT[decision.verdict]


def _drive(
    app: App,
    run_id: str,
    against: str | None,
    fail_under: float | None,
    *,
    as_json: bool,
    budget: Budget = NO_BUDGET,
) -> int:
    _spare_the_collector()
    notes: list[str] = []
    with Progress() as progress, agents_print_to_stderr():
        state = asyncio.run(
            under_ctrl_c(
                lambda control: execute(
                    app,
                    run_id,
                    control=control,
                    on_tick=progress.tick,
                    on_note=notes.append,
                    budget=budget,
                )
            )
        )
    for note in notes:
        say(f"note: {note}")
    report, measured = read_run(app, run_id)
    report = with_profile(app, report, measured)
    decision = check_gate(app, measured, against=against, fail_under=fail_under)
    if as_json:
        emit_json({**run_view(report), **decision_view(decision)})
    else:
        from roadworthy.cli.render.decision import print_decision  # noqa: PLC0415 - not for --json
        from roadworthy.cli.render.run import print_run  # noqa: PLC0415
        from roadworthy.cli.render.table import stdout  # noqa: PLC0415

        print_run(report)
        if decision.comparison is not None:
            stdout().print()
        print_decision(decision)
    if state is RunState.INTERRUPTED:
        say(f"interrupted; continue with: roadworthy eval resume {run_id}")
    if state is RunState.STOPPED_BY_BUDGET and not measured.unpriced:
        say(f"the budget is used up; for more: roadworthy eval resume {run_id} --budget …")
    return INTERRUPTED if state is RunState.INTERRUPTED else EXIT[decision.verdict]


def _spare_the_collector() -> None:
    """Trials make no cycles worth hunting every 700 objects: 15 % of a fast run's time.

    What is loaded by now stays for good and is left out of every later collection.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_EVERY, 20, 20)
