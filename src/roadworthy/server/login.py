"""Coming in with a key, and leaving. What a form sends is the key; what stays is a cookie."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from roadworthy.app.app import App
from roadworthy.app.keys import key_of
from roadworthy.server.sessions import LASTS_S, Sessions

Asked = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Login:
    """The form's fields."""

    key: str = ""
    next: str = "/"


@get("/login", opt={"public": True}, sync_to_thread=False)
def show_login(request: Asked) -> Template | Redirect:
    """The form; without keys there is nothing to log in to."""
    next_page = request.query_params.get("next", "/")
    if request.user.way == "open":
        return Redirect(own_path(next_page), status_code=303)
    return _form(next_page, failed=False)


@post("/login", opt={"public": True}, sync_to_thread=True)
def log_in(
    request: Asked,
    app: NamedDependency[App],
    sessions: NamedDependency[Sessions],
    data: Annotated[Login, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Begin a session for a good key."""
    key = key_of(app, data.key.strip())
    if key is None:
        return _form(data.next, failed=True)
    token = sessions.begin(key.id, now=app.clock().timestamp())
    answer: Response[Any] = Redirect(own_path(data.next), status_code=303)
    answer.set_cookie(_cookie(request, sessions, token, LASTS_S))
    return answer


@post(
    "/logout",
    opt={"public": True, "exclude_from_csrf": True, "bare": True},
    sync_to_thread=False,
)
def log_out(request: Asked, sessions: NamedDependency[Sessions]) -> Response[Any]:
    """Forget the session in this browser.

    Asked for on every view, so without a form token: that would keep all of them uncompressed.
    """
    answer: Response[Any] = Redirect("/login", status_code=303)
    answer.set_cookie(_cookie(request, sessions, "", 0))
    return answer


def own_path(text: str) -> str:
    """`text` if it is a path on this server, else the first page."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or not text.isprintable():
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else text


def _form(next_page: str, *, failed: bool) -> Template:
    context = {"next": own_path(next_page), "failed": failed}
    return Template("login.html", context=context, status_code=403 if failed else 200)


def _cookie(request: Asked, sessions: Sessions, token: str, lasts_s: int) -> Cookie:
    return Cookie(
        key=sessions.cookie,
        value=token,
        max_age=lasts_s,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.scope["scheme"] == "https",
    )


ROUTES = (show_login, log_in, log_out)
