"""The door: every request passes it before its handler is called.

A handler names what it needs in `opt`: ``{"scope": Scope.INGEST}``, or ``{"public": True}``; one
that says nothing needs READ to look and WRITE to change; ``{"bare": True}`` may be posted without
a form token, since the Origin is enough for what it does. Where no key was ever made the door is
open, to this machine only: the peer must be a loopback address and the Host header a loopback
name, or a web page elsewhere could reach us through a name that it points at 127.0.0.1.

A browser sends cookies along whoever asks it to, so what changes something must come from our
own pages: the Origin is checked here, the form token by Litestar's CSRF middleware, and API bodies
must be JSON, which no foreign form can send.
"""

from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import (
    HTTPException,
    NotAuthorizedException,
    NotFoundException,
    PermissionDeniedException,
)
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as Connection

from roadworthy.records.api_key import Scope
from roadworthy.server.loopback import host_of, is_loopback_address, is_loopback_name
from roadworthy.server.visitor import Porter, Visitor

Asked: TypeAlias = ASGIConnection[Any, Any, Any, Any]

SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS"))
_LONGEST_CREDENTIAL: Final = 512
_FORMS: Final = frozenset(
    ("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data")
)


class Misdirected(HTTPException):
    """Asked under a name that is not this server's."""

    status_code = 421


class UnsupportedMedia(HTTPException):
    """A body of a type that is not taken here."""

    status_code = 415


class Door:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, porter: Porter, cookie: str) -> None:
        self._app = app
        self._porter = porter
        self._cookie = cookie

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        """Let the request in, or raise what it lacks."""
        asked: Asked = ASGIConnection(scope)
        if "\0" in scope["path"]:
            raise NotFoundException("there is no such path")
        authorization = asked.headers.get("authorization", "")[:_LONGEST_CREDENTIAL]
        token = asked.cookies.get(self._cookie, "")[:_LONGEST_CREDENTIAL]
        visitor = await to_thread.run_sync(self._porter.visitor, authorization, token)
        if visitor.way == "open":
            refuse_strangers(asked)
        _refuse_foreign_pages(asked, visitor)
        _refuse_forms(asked)
        _refuse_unless_allowed(asked, visitor)
        scope["user"] = visitor
        await self._app(scope, receive, send)


def refuse_strangers(asked: Asked) -> None:
    """Raise unless the request comes from this machine, to a name that means this machine."""
    peer = asked.client.host if asked.client is not None else ""
    is_address = peer[:1].isdecimal() or ":" in peer  # a socket file has none
    if is_address and not is_loopback_address(peer):
        raise PermissionDeniedException(
            "without a key only this machine may ask",
            extra={"hint": "make one here with `roadworthy key create NAME --scope read,write`"},
        )
    if not is_loopback_name(host_of(asked.headers.get("host", ""))):
        raise Misdirected("without a key this server answers to localhost and 127.0.0.1 only")


def _refuse_foreign_pages(asked: Asked, visitor: Visitor) -> None:
    if _method(asked) in SAFE or visitor.way == "key":
        return
    origin = asked.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != asked.headers.get("host", ""):
        raise PermissionDeniedException("the request comes from another site's page")
    if asked.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise PermissionDeniedException("the request comes from another site's page")


def _refuse_forms(asked: Asked) -> None:
    """Where no form token is asked for, the body is one that no form can send."""
    opt = asked.route_handler.opt
    if _method(asked) in SAFE or not opt.get("exclude_from_csrf") or opt.get("bare"):
        return
    kind = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _FORMS:
        is_otlp = asked.scope["path"].startswith("/v1/")
        wanted = "application/x-protobuf or application/json" if is_otlp else "application/json"
        raise UnsupportedMedia(f"the Content-Type must be {wanted}")


def _refuse_unless_allowed(asked: Asked, visitor: Visitor) -> None:
    needs = needed(asked.route_handler.opt, _method(asked))
    if needs is None or visitor.may(needs):
        return
    if visitor.way == "none":
        raise NotAuthorizedException(
            "a key is needed",
            headers={"WWW-Authenticate": "Bearer"},
            extra={"hint": f"send it as `Authorization: Bearer rw_…`; {_made_with(needs)}"},
        )
    raise PermissionDeniedException(
        f"this key does not allow {needs.value}", extra={"hint": _made_with(needs)}
    )


def _made_with(needs: Scope) -> str:
    return f"`roadworthy key create NAME --scope {needs.value}` makes one that does"


def _method(asked: Asked) -> str:
    return str(asked.scope.get("method", "GET"))  # a websocket begins as a GET


def needed(opt: dict[str, Any], method: str) -> Scope | None:
    """What a handler with these options asks for; `None`: nothing."""
    if opt.get("public"):
        return None
    scope = opt.get("scope", Scope.READ if method in SAFE else Scope.WRITE)
    assert isinstance(scope, Scope)
    return scope
