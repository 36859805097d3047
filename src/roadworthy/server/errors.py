"""What went wrong, as an answer: JSON to programs, a page to people, never a traceback."""

import logging
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template
from litestar.types import ExceptionHandlersMap

from roadworthy.base.errors import (
    BadFile,
    BadRequest,
    DuplicateName,
    InvalidRecord,
    RoadworthyError,
    UnknownName,
)
from roadworthy.base.printable import printable
from roadworthy.server.otlp_reply import failed, form_of

Asked = Request[Any, Any, Any]
BUG: Final = "something went wrong in the server; its log has more"
_UNAUTHORISED: Final = 401
_log = logging.getLogger("roadworthy.server")


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every error of the API."""

    error: str
    hint: str | None = None


def own_error(request: Asked, error: RoadworthyError) -> Response[Any]:
    """An error of ours: the request's fault is 4xx, a store that cannot be used is 503."""
    message = "; ".join(map(str, error.problems)) if isinstance(error, BadFile) else error.message
    hints = [p.hint for p in error.problems if p.hint] if isinstance(error, BadFile) else []
    hint = "; ".join(hints) or None if isinstance(error, BadFile) else error.hint
    return _answer(request, status_of(error), Fault(error=message, hint=hint))


def http_error(request: Asked, error: HTTPException) -> Response[Any]:
    """An error of Litestar's; what pydantic or msgspec found stands in the hint."""
    details = error.extra if isinstance(error.extra, list) else []
    said = [
        f"{item.get('key', '')}: {item.get('message', '')}".strip(": ")
        for item in details
        if isinstance(item, dict)
    ]
    told = error.extra.get("hint") if isinstance(error.extra, dict) else None
    hint = told or printable("; ".join(said), limit=500) or None
    fault = Fault(error=str(error.detail), hint=hint)
    wants_page = _wants_page(request) and request.method == "GET"
    if error.status_code == _UNAUTHORISED and wants_page:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Redirect("/login", query_params={"next": path}, status_code=303)
    return _answer(request, error.status_code, fault, headers=error.headers)


def bug(request: Asked, error: Exception) -> Response[Any]:
    """Anything else is a bug: it goes to the log with its traceback, not to the client."""
    _log.error("%s %s", request.method, printable(request.url.path), exc_info=error)
    return _answer(request, 500, Fault(error=BUG))


def status_of(error: RoadworthyError) -> int:
    """The HTTP status that an error of ours stands for."""
    match error:
        case UnknownName():
            return 404
        case DuplicateName():
            return 409
        case BadRequest() | InvalidRecord():
            return 400
        case _:
            return 503


def _answer(
    request: Asked, status: int, fault: Fault, headers: dict[str, str] | None = None
) -> Response[Any]:
    if request.url.path.startswith("/v1/"):
        told = fault.error if fault.hint is None else f"{fault.error}; {fault.hint}"
        return failed(status, told, form_of(request.headers.get("content-type", "")))
    if _wants_page(request):
        context = {"status": status, "error": fault.error, "hint": fault.hint}
        return Template("error.html", context=context, status_code=status, headers=headers or {})
    return Response(fault, status_code=status, media_type="application/json", headers=headers)


def _wants_page(request: Asked) -> bool:
    is_page = not request.url.path.startswith(("/api/", "/v1/", "/static/", "/healthz"))
    return is_page and "text/html" in request.headers.get("accept", "")


HANDLERS: Final[ExceptionHandlersMap] = {
    RoadworthyError: own_error,
    HTTPException: http_error,
    Exception: bug,
}
