"""`roadworthy judge`: how good a judge is, whether it can be fooled, and whether it has changed."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from roadworthy.app.app import App
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, say
from roadworthy.cli.value_types import Given
from roadworthy.records.calibration import Standing

if TYPE_CHECKING:
    from roadworthy.app.calibration.judged import Asked, OnItem
    from roadworthy.app.calibration.report import Calibrated

T = TypeVar("T")

UNMEASURED = 4
EXIT = {
    Standing.CALIBRATED: 0,
    Standing.NOT_CALIBRATED: 1,
    Standing.TOO_LITTLE_DATA: 3,
    Standing.DRIFTED: 1,
}
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_PROBES = ("constant", "length", "confidence", "hedging", "vacuous", "injection")


def _asking_options(command: Any) -> Any:
    """How a judge is asked: as a suite's `rubric` grader would be given it."""
    for option in (
        click.option("--suite", type=Given(), metavar="NAME", help="Suite that it is to judge."),
        click.option(
            "--domain", default="", metavar="NAME", help="Name of the data, if it is no suite."
        ),
        click.option(
            "--judge",
            "judges",
            multiple=True,
            metavar="NAME",
            help="Judge from roadworthy.toml; repeatable for a panel.",
        ),
        click.option(
            "--passes",
            type=click.IntRange(1, 25),
            default=1,
            show_default=True,
            metavar="N",
            help="Times that each judge is asked.",
        ),
        click.option(
            "--min-score",
            type=click.FloatRange(0, 1),
            metavar="SCORE",
            help="Pass mark in place of the rubric's.",
        ),
        click.option(
            "--aggregate",
            type=click.Choice(["median", "majority"]),
            help="How passes add up, in place of the rubric's way.",
        ),
    ):
        command = option(command)
    return command


@click.group("judge")
def judge() -> None:
    """Measure judges against people, probe them, watch them."""


@judge.command()
@click.option(
    "--labels", type=_FILE, metavar="FILE", help="Labelled items: JSON, JSON lines or CSV."
)
@click.option("--verdicts", type=_FILE, metavar="FILE", help="What the judge said of them.")
@click.option("--run-judge", is_flag=True, help="Ask the judge about the items' material now.")
@click.option(
    "--question", default="", metavar="RUBRIC", help="Rubric that was answered: a name or a path."
)
@click.option(
    "--instrument", metavar="NAME", help="Judge to measure, where several read the labelled trials."
)
@_asking_options
@click.option(
    "--held-out",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.5,
    show_default=True,
    metavar="SHARE",
    help="Share of the items that decides; 1 where nothing was tuned on them.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, metavar="N", help="Seed of that split."
)
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="WORD",
    help="An answer that a judge may give though no person did; repeatable.",
)
@click.option(
    "--freeze-anchors",
    "anchors",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="Keep N judged items to check the judge by later (with --run-judge).",
)
@click.option(
    "--disagreements",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    metavar="N",
    help="List N items on which judge and people differ; never held-out ones.",
)
@click.option("--dry-run", is_flag=True, help="Measure, and store nothing.")
@with_app
def calibrate(*, app: App, as_json: bool, disagreements: int, **options: Any) -> int:
    """Measure a judge against people and say whether it may gate.

    Labels come from a file, or with --question and --suite from the review queue. Exit 0
    calibrated, 1 not, 2 bad request, 3 too little data, 4 nothing could be compared.
    """
    from roadworthy.app.calibration.calibrate import Terms  # noqa: PLC0415 - 0.1 s that `--help` must not pay
    from roadworthy.app.calibration.request import (  # noqa: PLC0415
        CalibrationRequest,
        run_calibration,
    )

    terms = Terms(
        held_out=options["held_out"],
        seed=options["seed"],
        answers=options["answers"],
        keep=not options["dry_run"],
    )
    request = CalibrationRequest(
        terms=terms,
        asked=_asked(options),
        **_picked(options, "question suite domain labels verdicts run_judge instrument anchors"),
    )
    report = _watched(lambda on_item: run_calibration(app, request, on_item=on_item))
    if as_json:
        emit_json({**msgspec.to_builtins(report), "exit_code": _exit(report)})
    else:
        from roadworthy.cli.render.judge import print_calibration  # noqa: PLC0415 - not for --json

        print_calibration(report, disagreements=disagreements)
    return _exit(report)


@judge.command()
@click.option(
    "--labels", type=_FILE, required=True, metavar="FILE", help="Items with material to judge."
)
@click.option(
    "--question", required=True, metavar="RUBRIC", help="Rubric to ask: a name or a path."
)
@_asking_options
@click.option("--pairwise", is_flag=True, help="Probe the judge as it compares two answers.")
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(_PROBES),
    help="Leave out a probe that does not fit the question; repeatable.",
)
@click.option(
    "--items",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    metavar="N",
    help="Use the first N items.",
)
@with_app
def probe(*, app: App, as_json: bool, items: int, without: Sequence[str], **options: Any) -> int:
    """Put adversarial answers to a judge: is it fooled by length, certainty, place, orders?

    Exit 0 it stood, 1 it was caught now or before, 2 bad request, 4 a probe could not be run.
    """
    from roadworthy.app.calibration.request import (  # noqa: PLC0415 - loads much
        CalibrationRequest,
        run_probes,
    )
    from roadworthy.grade.judge.probes import Probe  # noqa: PLC0415

    request = CalibrationRequest(
        asked=_asked(options), **_picked(options, "question suite domain labels")
    )
    left_out = [Probe(name) for name in without]
    probed = _watched(
        lambda on_item: run_probes(app, request, items=items, without=left_out, on_item=on_item)
    )
    ran = any(one.caught is not None for one in probed.results)
    caught = ran and probed.held_against
    code = 1 if caught else UNMEASURED if probed.lacking or not ran else 0
    if as_json:
        results = [{**one._asdict(), "stored": one.stored} for one in probed.results]
        emit_json({**msgspec.to_builtins(probed), "results": results, "exit_code": code})
    else:
        from roadworthy.cli.render.judge import print_probes  # noqa: PLC0415 - not for --json

        print_probes(probed)
    return code


@judge.command()
@with_app
def check(*, app: App, as_json: bool) -> int:
    """Judge every frozen anchor set again: has a judge changed?

    One that has drifted gates nothing until it is calibrated again. Exit 0 none has, 1 one has,
    2 bad request, 4 one could not be asked.
    """
    from roadworthy.app.calibration.anchors import AnchorState, check_all  # noqa: PLC0415 - loads much

    found = _watched(lambda on_item: check_all(app, on_item=on_item))
    if as_json:
        emit_json(found)
    else:
        from roadworthy.cli.render.judge import print_checks  # noqa: PLC0415 - not for --json

        print_checks(found)
    states = {one.state for one in found}
    if AnchorState.DRIFTED in states:
        return 1
    return UNMEASURED if AnchorState.UNMEASURED in states else 0


@judge.command()
@click.option("--all", "every", is_flag=True, help="Older calibrations, too.")
@with_app
def show(*, app: App, as_json: bool, every: bool) -> None:
    """List every judge known here, and whether it may gate."""
    from roadworthy.app.calibration.known_judges import known_judges  # noqa: PLC0415 - opens the store

    found = known_judges(app, every=every)
    if as_json:
        emit_json(found)
        return
    if not found:
        say("no judge is known here yet: none was calibrated, and no run used one")
        say("next: roadworthy judge calibrate --labels FILE --question RUBRIC --run-judge")
        return
    from roadworthy.cli.render.judge import print_known  # noqa: PLC0415 - not for --json

    print_known(found)


def _exit(report: "Calibrated") -> int:
    if not report.all_items.read:
        return UNMEASURED
    return EXIT[report.calibration.standing]


def _asked(options: dict[str, Any]) -> "Asked | None":
    from roadworthy.app.calibration.judged import Asked  # noqa: PLC0415 - loads much

    if not options["question"]:
        return None
    names = "judges passes aggregate min_score suite"
    return Asked(
        rubric=options["question"],
        pairwise=options.get("pairwise", False),
        **_picked(options, names),
    )


def _picked(options: dict[str, Any], names: str) -> dict[str, Any]:
    return {name: options[name] for name in names.split()}


def _watched(work: "Callable[[OnItem], Coroutine[Any, Any, T]]") -> T:
    """Do `work` with its progress on stderr; Ctrl-C loses nothing that was judged."""
    from roadworthy.cli.render.judge import ItemProgress  # noqa: PLC0415 - not for `--help`

    with ItemProgress() as progress:
        try:
            return asyncio.run(work(progress.tick))
        except KeyboardInterrupt:
            say("stopped; what was judged is kept, the same command goes on from there")
            raise
