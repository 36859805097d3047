"""The review queue: the next item of an annotator, and what they say of it.

A label is in the store before anything else happens, so whoever is shown the next item has lost
nothing. Saying the same again adds nothing.
"""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from roadworthy.app.app import App
from roadworthy.app.reviewing.items import Item, candidate, candidates, item_name, load_item, strata
from roadworthy.app.reviewing.questions import Questions
from roadworthy.app.reviewing.scope import ReviewScope, runs_in
from roadworthy.app.reviewing.view import ItemView, view_item
from roadworthy.base.errors import BadRequest
from roadworthy.grade.judge.instrument import rubric_digest
from roadworthy.grade.review_labels import current_labels
from roadworthy.grade.review_sampling import Candidate, SamplingPlan, choose, reason_of
from roadworthy.records.label import Label, Labeller, label_id

Answer: TypeAlias = Literal["pass", "fail", "skip"]
SKIP: Final = "skip"
QUEUE: Final = "queue"
"""`Label.source` of what was said here."""
MOST_NAME: Final = 120
MOST_NOTE: Final = 10_000


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an annotator is within a scope."""

    labelled: int
    skipped: int
    left: int


class NextItem(msgspec.Struct, frozen=True, kw_only=True):
    """What to label now; `item` is `None` when the annotator has seen everything."""

    question: str
    annotator: str
    progress: Progress
    item: ItemView | None


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """A label as its annotator gave it; `is_new` is false when they had said the same before."""

    item: str
    question: str
    annotator: str
    value: str
    note: str
    is_new: bool


def annotator_named(app: App, name: str | None) -> str:
    """Who is labelling: `name`, else the setting `review.annotator`.

    Raises:
        BadRequest: nobody is named, or by what is no name.
    """
    chosen = app.settings.review.annotator if name is None else name
    if chosen is None:
        raise BadRequest(
            "who is labelling?",
            hint="give --as NAME, or set review.annotator or ROADWORTHY_REVIEW__ANNOTATOR",
        )
    if not chosen.strip() or len(chosen) > MOST_NAME or not chosen.isprintable():
        raise BadRequest(f"an annotator's name is 1 to {MOST_NAME} printable characters")
    return chosen.strip()


def sampling_plan(app: App) -> SamplingPlan:
    """The plan of the project's settings."""
    chosen = app.settings.review
    return SamplingPlan(
        seed=chosen.seed, audit_share=chosen.audit_share, overlap_share=chosen.overlap_share
    )


def next_item(app: App, scope: ReviewScope, annotator: str) -> NextItem:
    """The next item of `annotator` within `scope`, which nobody else's label shows in.

    Raises:
        UnknownName: no such run, suite or rubric.
    """
    rows = runs_in(app, scope)
    question = Questions(app).chosen(scope.question, [row.run for row in rows])
    known = candidates(app, rows, question)
    labels = app.store.labels.list(question=question)
    chosen = choose(known, labels, question=question, annotator=annotator, plan=sampling_plan(app))
    shown = None
    if chosen is not None:
        shown = view_item(app, load_item(app, item_name(chosen.item, question)))
    return NextItem(
        question=question,
        annotator=annotator,
        progress=_progress(known, labels, annotator),
        item=shown,
    )


def own_label(app: App, item: Item, annotator: str) -> Label | None:
    """What `annotator` said of the item, as it counts."""
    said = app.store.labels.list(question=item.question, annotator=annotator, items=[item.key])
    return next(iter(current_labels(said)), None)


def last_labelled(app: App, question: str, annotator: str) -> str | None:
    """Name of the item that `annotator` labelled or skipped last, to think again."""
    said = current_labels(app.store.labels.list(question=question, annotator=annotator))
    names = (item_name(label.item, question) for label in reversed(said) if label.source == QUEUE)
    return next(names, None)


def label_item(
    app: App,
    name: str,
    answer: Answer,
    *,
    annotator: str,
    note: str = "",
    made_by: Labeller = Labeller.HUMAN,
) -> Labelled:
    """Store what `annotator` says of an item. Another answer takes the place of an earlier one.

    Raises:
        UnknownName: no such item.
        BadRequest: the note is too long.
    """
    if len(note) > MOST_NOTE:
        raise BadRequest(f"a note has at most {MOST_NOTE:,} characters, got {len(note):,}")
    item = load_item(app, name)
    label = _label(app, item, answer, annotator=annotator, note=note.strip(), made_by=made_by)
    before = own_label(app, item, annotator)
    is_new = before is None or _said(before) != _said(label)
    if is_new:
        app.store.labels.add([label])
    return Labelled(
        item=name,
        question=item.question,
        annotator=annotator,
        value=SKIP if label.skipped else label.value,
        note=label.note,
        is_new=is_new,
    )


def _said(label: Label) -> tuple[str, bool, str, Labeller, str]:
    return label.value, label.skipped, label.note, label.made_by, label.rubric


def _label(
    app: App, item: Item, answer: Answer, *, annotator: str, note: str, made_by: Labeller
) -> Label:
    rubric = Questions(app).rubric(item.run, item.question)
    if rubric is None:
        raise BadRequest(f"rubric {item.question} is gone, so nothing can be labelled by it")
    value = "" if answer == SKIP else answer
    at = app.clock().timestamp()
    known = candidate(item.planned, item.result, rubric)
    return Label(
        id=label_id(
            item=item.key,
            question=item.question,
            annotator=annotator,
            value=value,
            at=at,
            domain=item.run.suite,
        ),
        item=item.key,
        question=item.question,
        annotator=annotator,
        value=value,
        made_by=made_by,
        rubric=rubric_digest(rubric),
        domain=item.run.suite,
        note=note,
        skipped=answer == SKIP,
        drawn=reason_of(known, item.question, sampling_plan(app)).value,
        slices=strata(item.planned),
        trace_id=item.result.trial.trace_id,
        at=at,
    )


def _progress(known: Sequence[Candidate], labels: Sequence[Label], annotator: str) -> Progress:
    items = {one.item for one in known}
    own = {
        label.item: label.skipped
        for label in current_labels(labels)
        if label.annotator == annotator and label.item in items
    }
    skipped = sum(own.values())
    return Progress(labelled=len(own) - skipped, skipped=skipped, left=len(items) - len(own))
