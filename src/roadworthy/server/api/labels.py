"""Review over HTTP: the next item, blind; a label; how annotators agree."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from roadworthy.app.app import App
from roadworthy.app.reviewing.agreement import QuestionAgreement
from roadworthy.app.reviewing.agreement import agreement as agreement_of
from roadworthy.app.reviewing.review import (
    MOST_NAME,
    MOST_NOTE,
    Answer,
    Labelled,
    NextItem,
    label_item,
    next_item,
)
from roadworthy.app.reviewing.scope import ReviewScope
from roadworthy.records.label import Labeller
from roadworthy.server.annotator import annotator_of
from roadworthy.server.api.faults import faults

Asked = Request[Any, Any, Any]


class NewLabel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `review label` is given. A program that judges says `"made_by": "model"`."""

    item: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    value: Answer
    note: Annotated[str, msgspec.Meta(max_length=MOST_NOTE)] = ""
    annotator: Annotated[str, msgspec.Meta(max_length=MOST_NAME)] | None = None
    made_by: Labeller = Labeller.HUMAN


@get("/api/review/next", sync_to_thread=True, responses=faults(404))
def show_next(
    app: NamedDependency[App],
    request: Asked,
    *,
    suite: FromQuery[str | None] = None,
    run: FromQuery[str | None] = None,
    question: FromQuery[str | None] = None,
    annotator: FromQuery[str | None] = None,
) -> NextItem:
    """The next trial to label, without verdicts, versions or others' labels."""
    scope = ReviewScope(suite=suite, run=run, question=question)
    return next_item(app, scope, annotator_of(app, request.user, annotator))


@post("/api/labels", sync_to_thread=True, status_code=201, responses=faults(404, 413, 415))
def label(app: NamedDependency[App], request: Asked, data: JSONBody[NewLabel]) -> Labelled:
    """Label an item; saying the same again changes nothing, another answer counts instead."""
    return label_item(
        app,
        data.item,
        data.value,
        annotator=annotator_of(app, request.user, data.annotator),
        note=data.note,
        made_by=data.made_by,
    )


@get("/api/review/agreement", sync_to_thread=True, responses=faults())
def agreement(
    app: NamedDependency[App],
    suite: FromQuery[str | None] = None,
    question: FromQuery[str | None] = None,
) -> list[QuestionAgreement]:
    """How far annotators agree, for each question and suite."""
    return list(agreement_of(app, question=question, suite=suite))


ROUTES = (show_next, label, agreement)
