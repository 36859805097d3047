"""A trace becomes a case: a preview of what would be written, then the writing."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from litestar.response import Redirect, Template

from roadworthy.app.app import App
from roadworthy.app.mint_case import CasePreview, mint_case, preview_case
from roadworthy.app.suite_detail import load_case_overview
from roadworthy.app.suites import suite_names
from roadworthy.app.traces import load_trace
from roadworthy.base.errors import BadRequest
from roadworthy.records.api_key import Scope
from roadworthy.records.trace_summary import summarise
from roadworthy.server.pages import addresses
from roadworthy.server.text import query

NEW_SUITE = "production"

Asked = Request[Any, Any, Any]

Line = Annotated[str, msgspec.Meta(max_length=500)]


class MintForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a person may choose; empty means what the trace suggests."""

    suite: Line = ""
    case: Line = ""
    title: Line = ""


Posted = Annotated[MintForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/traces/{name:str}/mint", sync_to_thread=True)
def show_preview(
    *,
    app: NamedDependency[App],
    request: Asked,
    name: FromPath[str],
    suite: FromQuery[Line] = "",
    case: FromQuery[Line] = "",
    title: FromQuery[Line] = "",
) -> Template:
    """Exactly what would be written, with the names open to change."""
    known = suite_names(app)
    form = MintForm(
        suite=suite.strip() or (known[0] if known else NEW_SUITE),
        case=case.strip(),
        title=title.strip(),
    )
    return _form(app, request, name, form)


@post("/traces/{name:str}/preview", opt={"scope": Scope.READ}, sync_to_thread=False)
def preview_again(name: FromPath[str], data: Posted) -> Redirect:
    """The preview of what is in the form, under an address that holds it."""
    typed = {"suite": data.suite.strip(), "case": data.case.strip(), "title": data.title.strip()}
    address = query(f"/traces/{addresses.segment(name)}/mint", typed)
    return Redirect(address, status_code=303)


def _form(app: App, request: Asked, name: str, form: MintForm, *, status: int = 200) -> Template:
    trace = load_trace(app, name)
    preview, problem = _preview(app, trace.id, form)
    context = {
        "trace": trace,
        "row": summarise(trace),
        "form": form,
        "suites": suite_names(app),
        "preview": preview,
        "problem": problem,
        "may_write": request.user.may(Scope.WRITE),
    }
    return Template("mint.html", context=context, status_code=status)


def _preview(app: App, trace: str, form: MintForm) -> tuple[CasePreview | None, BadRequest | None]:
    try:
        return preview_case(
            app,
            trace,
            suite=form.suite,
            case_id=form.case or None,
            title=form.title or None,
        ), None
    except BadRequest as error:
        return None, error


@post("/traces/{name:str}/minted", sync_to_thread=True)
def write_case(
    app: NamedDependency[App], request: Asked, name: FromPath[str], data: Posted
) -> Redirect | Template:
    """Write the files under the names in the form, then lead to what was made.

    Names that cannot be used are told in the form, with what was typed still in it.
    """
    try:
        made = mint_case(
            app,
            name,
            suite=data.suite.strip(),
            case_id=data.case.strip() or None,
            title=data.title.strip() or None,
        )
    except BadRequest:
        return _form(app, request, name, data, status=400)
    place = f"{addresses.segment(made.suite)}/{addresses.segment(made.case)}"
    return Redirect(f"/traces/{made.trace}/minted/{place}", status_code=303)


@get("/traces/{name:str}/minted/{suite:str}/{case:str}", sync_to_thread=True)
def show_minted(
    app: NamedDependency[App], name: FromPath[str], suite: FromPath[str], case: FromPath[str]
) -> Template:
    """What was made, and what to do with it next."""
    trace = load_trace(app, name)
    found = load_case_overview(app, addresses.named(suite), addresses.named(case))
    return Template(
        "minted.html",
        context={
            "trace": trace,
            "suite": found.suite.name,
            "case": found.overview.case,
            "text": found.text,
        },
    )


ROUTES = (show_preview, preview_again, write_case, show_minted)
