"""The review queue: one item, one key for its label, the next. Blind: see `app.review_view`."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery
from litestar.response import Redirect, Template

from roadworthy.app.app import App
from roadworthy.app.judging.rubrics import ready_rubrics
from roadworthy.app.reviewing.agreement import agreement as agreement_of
from roadworthy.app.reviewing.items import load_item
from roadworthy.app.reviewing.questions import Questions
from roadworthy.app.reviewing.review import (
    MOST_NAME,
    MOST_NOTE,
    NextItem,
    label_item,
    last_labelled,
    next_item,
    own_label,
)
from roadworthy.app.reviewing.scope import ReviewScope, runs_in
from roadworthy.app.reviewing.view import ItemView, view_item
from roadworthy.base.errors import BadRequest
from roadworthy.records.label import Label
from roadworthy.server.annotator import annotator_of
from roadworthy.server.pages.show import show
from roadworthy.server.text import query

Asked = Request[Any, Any, Any]
Line = Annotated[str, msgspec.Meta(max_length=500)]
SECTION = "Review"


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """What a person narrowed the queue to, and who they are; empty: open."""

    suite: Line = ""
    run: Line = ""
    question: Line = ""
    annotator: Annotated[str, msgspec.Meta(max_length=MOST_NAME)] = ""

    @property
    def scope(self) -> ReviewScope:
        """As `app` asks for it."""
        return ReviewScope(
            suite=self.suite.strip() or None,
            run=self.run.strip() or None,
            question=self.question.strip() or None,
        )

    def address(self, **change: str) -> str:
        """The page of this queue, perhaps changed."""
        return query("/review", msgspec.structs.asdict(self) | change)


class LabelForm(Queue, frozen=True, kw_only=True):
    """What the buttons send."""

    item: Annotated[str, msgspec.Meta(max_length=100)]
    value: Literal["pass", "fail", "skip"]
    note: Annotated[str, msgspec.Meta(max_length=MOST_NOTE)] = ""


@get("/review", sync_to_thread=True)
def show_review(
    app: NamedDependency[App],
    request: Asked,
    *,
    suite: FromQuery[Line] = "",
    run: FromQuery[Line] = "",
    question: FromQuery[Line] = "",
    annotator: FromQuery[Line] = "",
    item: FromQuery[Line] = "",
) -> Template:
    """The next item; with `item`, one that is labelled once more."""
    queue = Queue(suite=suite, run=run, question=question, annotator=annotator)
    try:
        who = annotator_of(app, request.user, annotator)
    except BadRequest as error:
        return show("review_who.html", SECTION, queue=queue, problem=error if annotator else None)
    if item:
        return _again(app, queue, who, item)
    found = next_item(app, queue.scope, who)
    return _page(app, queue, found, found.item, None)


def _again(app: App, queue: Queue, annotator: str, name: str) -> Template:
    """An item that this annotator wants to see once more, with what they said of it."""
    item = load_item(app, name)
    scope = ReviewScope(suite=queue.scope.suite, run=queue.scope.run, question=item.question)
    found = next_item(app, scope, annotator)
    return _page(app, queue, found, view_item(app, item), own_label(app, item, annotator))


def _page(
    app: App, queue: Queue, found: NextItem, shown: ItemView | None, said: Label | None
) -> Template:
    runs = [row.run for row in runs_in(app, ReviewScope())]
    asked = Questions(app).of_runs(runs)
    return show(
        "review.html",
        SECTION,
        queue=queue,
        found=found,
        item=shown,
        said=said,
        last=last_labelled(app, found.question, found.annotator),
        suites=sorted({run.suite for run in runs}),
        questions=list(dict.fromkeys([*asked, *ready_rubrics()])),
    )


@post("/review/labels", sync_to_thread=True)
def add_label(
    app: NamedDependency[App],
    request: Asked,
    data: Annotated[LabelForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Redirect:
    """Store the label, then lead to the next item."""
    who = annotator_of(app, request.user, data.annotator)
    label_item(app, data.item, data.value, annotator=who, note=data.note)
    queue = Queue(suite=data.suite, run=data.run, question=data.question, annotator=data.annotator)
    return Redirect(queue.address(), status_code=303)


@get("/review/agreement", sync_to_thread=True)
def show_agreement(
    app: NamedDependency[App], question: FromQuery[Line] = "", suite: FromQuery[Line] = ""
) -> Template:
    """How far annotators agree; not beside an item, which is labelled blindly."""
    found = agreement_of(app, question=question or None, suite=suite or None)
    return show("review_agreement.html", SECTION, found=found)


ROUTES = (show_review, add_label, show_agreement)
"""Pages with a form: their answers are not compressed (see `asgi.PLAIN`)."""
