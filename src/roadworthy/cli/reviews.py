"""`roadworthy review`: people label trials, without being told what a judge says."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click
import msgspec

from roadworthy.app.app import App
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, say
from roadworthy.cli.value_types import Given

if TYPE_CHECKING:
    from roadworthy.app.reviewing.review import Answer, NextItem, Progress
    from roadworthy.app.reviewing.scope import ReviewScope

ANSWERS = ("pass", "fail", "skip")
_KEYS: "Final[dict[str, Answer]]" = {"p": "pass", "f": "fail", "s": "skip"}
_AS = click.option("--as", "annotator", metavar="NAME", type=Given(), help="Who is labelling.")


@click.group()
def review() -> None:
    """Label answers blindly, and see how far annotators agree."""


@review.command("next")
@click.option("--suite", metavar="NAME", type=Given(), help="Only trials of this suite.")
@click.option("--run", metavar="RUN", type=Given(), help="Only trials of this run or baseline.")
@click.option(
    "--question",
    metavar="RUBRIC",
    type=Given(),
    help="Rubric to label by; by default the first that a grader of these trials asks.",
)
@click.option("--loop", is_flag=True, help="Ask for a label, show the next item, until you quit.")
@_AS
@with_app
def next_(
    *,
    app: App,
    as_json: bool,
    suite: str | None,
    run: str | None,
    question: str | None,
    loop: bool,
    annotator: str | None,
) -> None:
    """Show the next trial to label: what was asked, what happened, the answer, the question.

    Neither verdicts nor versions nor others' labels are shown.
    """
    from roadworthy.app.reviewing.review import annotator_named, next_item  # noqa: PLC0415 - loads the store
    from roadworthy.app.reviewing.scope import ReviewScope  # noqa: PLC0415

    scope = ReviewScope(suite=suite, run=run, question=question)
    who = annotator_named(app, annotator)
    if loop:
        _ask(app, scope, who, as_json=as_json)
        return
    found = next_item(app, scope, who)
    if as_json:
        emit_json(found)
        return
    if _show(found):
        assert found.item is not None
        say(f"label it: roadworthy review label {found.item.item} pass|fail|skip")


def _ask(app: App, scope: "ReviewScope", annotator: str, *, as_json: bool) -> None:
    """Items, one after the other; each label is stored before the next item is shown."""
    from roadworthy.app.reviewing.review import label_item, next_item  # noqa: PLC0415 - loads the store

    if as_json or not sys.stdin.isatty():
        raise click.UsageError("--loop asks a person: it needs a terminal, and no --json")
    while _show(found := next_item(app, scope, annotator)):
        assert found.item is not None
        said = _said()
        if said is None:
            return
        answer, note = said
        label_item(app, found.item.item, answer, annotator=annotator, note=note)
        say(f"{answer}: stored")


def _said() -> "tuple[Answer, str] | None":
    """One key, perhaps after a note; `None`: enough for now."""
    note = ""
    while True:
        say("p pass, f fail, s skip, n write a note first, q quit")
        try:
            key = click.getchar()
        except EOFError:
            return None
        if key == "q":
            return None
        if key == "n":
            note = click.prompt("note", default=note, err=True)
        elif key in _KEYS:
            return _KEYS[key], note


def _show(found: "NextItem") -> bool:
    """Print the item; whether there was one."""
    from roadworthy.cli.render.review import print_item  # noqa: PLC0415 - not for --json

    if found.item is None:
        say(f"nothing left to label for {found.question} ({_progress(found.progress)})")
        return False
    print_item(found.item)
    say(f"{found.annotator}: {_progress(found.progress)}")
    return True


def _progress(progress: "Progress") -> str:
    return f"{progress.labelled:,} labelled, {progress.skipped:,} skipped, {progress.left:,} to go"


@review.command()
@click.argument("item")
@click.argument("answer", type=click.Choice(ANSWERS))
@click.option("--note", default="", metavar="TEXT", help="Why, in your words.")
@_AS
@with_app
def label(
    item: str, answer: str, *, app: App, as_json: bool, note: str, annotator: str | None
) -> None:
    """Say whether ITEM passes. Saying something else later takes its place."""
    from roadworthy.app.reviewing.review import annotator_named, label_item  # noqa: PLC0415 - loads the store

    who = annotator_named(app, annotator)
    done = label_item(app, item, cast("Answer", answer), annotator=who, note=note)
    if as_json:
        emit_json(done)
        return
    say(f"{done.annotator} says {done.value} of {done.item}{'' if done.is_new else ' (as before)'}")


@review.command()
@click.option("--suite", metavar="NAME", type=Given(), help="Only labels of this suite or domain.")
@click.option("--question", metavar="RUBRIC", type=Given(), help="Only labels by this rubric.")
@with_app
def agreement(*, app: App, as_json: bool, suite: str | None, question: str | None) -> None:
    """Show how far annotators agree, for each question."""
    from roadworthy.app.reviewing.agreement import agreement as agreement_of  # noqa: PLC0415 - slow

    found = agreement_of(app, question=question, suite=suite)
    if as_json:
        emit_json([msgspec.to_builtins(one) for one in found])
        return
    if not found:
        say("no labels yet; `roadworthy review next` shows something to label")
        return
    from roadworthy.cli.render.review import print_agreement  # noqa: PLC0415 - not for --json

    print_agreement(found)


@review.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--question", metavar="RUBRIC", type=Given(), help="Where a line names none.")
@click.option("--domain", metavar="NAME", type=Given(), help="Suite or data set, where none.")
@click.option(
    "--made-by",
    type=click.Choice(["human", "model"]),
    help="Who judged, where a line does not say; labels of a model never calibrate a judge.",
)
@_AS
@with_app
def import_(
    file: Path,
    *,
    app: App,
    as_json: bool,
    question: str | None,
    domain: str | None,
    made_by: str | None,
    annotator: str | None,
) -> None:
    """Take labels from FILE: JSON lines, or CSV with a head. Labels that are known are left."""
    from roadworthy.app.reviewing.label_file import FileDefaults  # noqa: PLC0415 - loads pydantic
    from roadworthy.app.reviewing.label_import import import_labels  # noqa: PLC0415
    from roadworthy.records.label import Labeller  # noqa: PLC0415

    defaults = FileDefaults(
        question=question,
        domain=domain,
        annotator=annotator,
        made_by=None if made_by is None else Labeller(made_by),
    )
    done = import_labels(app, file, defaults)
    if as_json:
        emit_json(done)
        return
    say(f"{done.new:,} new labels of {done.read:,} in {done.file}, {done.known:,} known before")
    if done.made_by_model:
        say(f"{done.made_by_model:,} were made by a model: they never calibrate a judge")
