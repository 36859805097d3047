"""Builds the ASGI application: routes, templates, static files, API description.

Handlers are sync functions that run in threads and ask `app` functions; they get the `App` as a
dependency. Everything a handler shows is escaped by the templates; nothing from a request
reaches the file system. The door (`door.py`) is in front of every route.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
    suppress,
)
from pathlib import Path
from typing import Any, Final, TypeAlias

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.config.csrf import CSRFConfig
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig

from roadworthy.app.app import App
from roadworthy.app.decoding import open_intake
from roadworthy.app.ingest_spans import Intake, look_at
from roadworthy.app.server_secret import server_secret
from roadworthy.records.trace import Trace
from roadworthy.server import api, login, otlp
from roadworthy.server.anchor_watch import watch
from roadworthy.server.backlog import Backlog
from roadworthy.server.description import describe
from roadworthy.server.door import Door
from roadworthy.server.errors import HANDLERS
from roadworthy.server.head import answering_head
from roadworthy.server.headers import add_headers
from roadworthy.server.journal import Journal
from roadworthy.server.otlp import Receiver
from roadworthy.server.pages import (
    cases,
    charts,
    compare,
    findings,
    home,
    live,
    mint,
    review,
    runs,
    suites,
    traces,
)
from roadworthy.server.sessions import Sessions
from roadworthy.server.settling import Settling
from roadworthy.server.templating import template_environment
from roadworthy.server.visitor import Porter
from roadworthy.server.writer import Writer

HERE: Final = Path(__file__).parent
MOST_FORM_BYTES: Final = 1024 * 1024
"""Of a form or an API body; OTLP has a limit of its own."""
COMPRESSION: Final = CompressionConfig(
    backend="gzip",
    minimum_size=1024,
    gzip_compress_level=3,  # the event loop waits for it: level 5 takes several times as long
    exclude_opt_key="uncompressed",
)
PLAIN: Final = {"uncompressed": True}
"""Of pages with a form's token, whose length must not tell of it beside what a request says
(BREACH), and of event streams, which must not wait for a block to fill."""

Beside: TypeAlias = Callable[[Receiver, Porter], AbstractAsyncContextManager[None]]
"""Another way in, open as long as the server runs."""


def create_server(
    app: App,
    *,
    intake: Intake | None = None,
    beside: Beside | None = None,
    stopping: asyncio.Event | None = None,
) -> Litestar:
    """The application over one project's store, which is opened here.

    Args:
        app: the project; closed by the caller after the server has stopped.
        intake: decodes what arrives over OTLP; the one of the project's settings by default.
        beside: opened once spans can be taken, closed before they no longer can.
        stopping: set when the server is told to stop, so that endless answers end.
    """
    stop = stopping or asyncio.Event()
    sessions = Sessions(server_secret(app.state_folder()))
    journal = Journal(app.state_folder(), secrets.token_hex(4))
    settling = Settling(lambda ids: look_at(app, ids), journal)
    writer = Writer(_extend(app, settling))
    receiver = Receiver(intake or open_intake(app), writer, Backlog())
    porter = Porter(app, sessions)
    door = nullcontext() if beside is None else beside(receiver, porter)
    server = Litestar(
        route_handlers=_routes(),
        dependencies={
            "app": Provide(lambda: app, sync_to_thread=False),
            "sessions": Provide(lambda: sessions, sync_to_thread=False),
            "receiver": Provide(lambda: receiver, sync_to_thread=False),
            "stopping": Provide(lambda: stop, sync_to_thread=False),
            "writer": Provide(lambda: writer, sync_to_thread=False),
        },
        middleware=[DefineMiddleware(Door, porter=porter, cookie=sessions.cookie)],
        csrf_config=CSRFConfig(
            secret=sessions.csrf_secret(),
            cookie_name=sessions.csrf_cookie,
            cookie_httponly=True,
            cookie_samesite="strict",
        ),
        before_send=[add_headers],
        compression_config=COMPRESSION,
        exception_handlers=HANDLERS,
        request_max_body_size=MOST_FORM_BYTES,
        template_config=TemplateConfig(instance=_engine()),
        openapi_config=describe(sessions.cookie),
        lifespan=[
            _background(
                app,
                writer=writer,
                receiver=receiver,
                settling=settling,
                journal=journal,
                beside=door,
            )
        ],
        logging_config=None,
        debug=False,
    )
    server.asgi_handler = answering_head(server.asgi_handler)
    return server


def _routes() -> Sequence[Any]:
    pages = Router(
        path="/",
        route_handlers=[
            *home.ROUTES,
            *traces.ROUTES,
            *findings.ROUTES,
            *runs.ROUTES,
            *compare.ROUTES,
            *suites.ROUTES,
            *cases.ROUTES,
            *charts.ROUTES,
        ],
        include_in_schema=False,
    )
    plain = Router(
        path="/",
        route_handlers=[*mint.ROUTES, *review.ROUTES, *live.ROUTES, *login.ROUTES],
        opt=PLAIN,
        include_in_schema=False,
    )
    programs = Router(path="/", route_handlers=[*api.ROUTES], opt={"exclude_from_csrf": True})
    capture = Router(
        path="/",
        route_handlers=[*otlp.ROUTES],
        opt={"exclude_from_csrf": True},
    )
    static = create_static_files_router(
        path="/static", directories=[HERE / "static"], opt={"public": True}
    )
    return [pages, plain, programs, capture, static]


def _engine() -> JinjaTemplateEngine:
    return JinjaTemplateEngine.from_environment(template_environment())


def _extend(app: App, settling: Settling) -> Callable[[Sequence[Trace]], int]:
    """Store parts, their traces noted before."""

    def extend(parts: Sequence[Trace]) -> int:
        settling.touch(part.id for part in parts)
        return app.store.traces.extend(parts)

    return extend


def _background(
    app: App,
    *,
    writer: Writer,
    receiver: Receiver,
    settling: Settling,
    journal: Journal,
    beside: AbstractAsyncContextManager[None],
) -> Any:
    """What lives as long as the server: the writer, the decoders, detection, judges' checks."""

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as ends:  # each of them ends, also when another fails to
            ends.callback(lambda: journal.close(forget=settling.is_idle))
            writer.start()
            ends.push_async_callback(asyncio.to_thread, writer.close)
            ends.callback(receiver.close)
            settling.recall(journal.take_over())
            for loop in (settling.run(), watch(app)):
                ends.push_async_callback(_ended, asyncio.create_task(loop))
            await ends.enter_async_context(beside)
            yield

    return running


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
