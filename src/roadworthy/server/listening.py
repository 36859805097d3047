"""One process that listens: binding, saying where, and stopping with nothing lost."""

import asyncio
import errno
import logging
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import uvicorn
from litestar import Litestar

from roadworthy.app.app import App
from roadworthy.app.keys import has_keys
from roadworthy.base.errors import BadRequest
from roadworthy.base.printable import printable
from roadworthy.server.asgi import Beside, create_server
from roadworthy.server.connections import MOST_CONNECTIONS, Connections
from roadworthy.server.loopback import is_loopback_name
from roadworthy.server.otlp import Receiver
from roadworthy.server.patience import patient_protocol
from roadworthy.server.readiness import short_pauses, warm_up
from roadworthy.server.visitor import Porter

GRACE_S: Final = 10
"""Seconds that requests in flight have to end when the server is told to stop."""
_BACKLOG: Final = 2048
_OTHER_FILES: Final = 200
"""File descriptors that are not connections: the store's, the decoder's, gRPC's."""


def serve(
    app: App,
    *,
    host: str,
    port: int,
    ready: Callable[[str, str | None], None],
    grpc_port: int | None = None,
) -> None:
    """Serve the project until SIGINT or SIGTERM.

    `ready` is told the URL, and that of OTLP/gRPC if a port was given for it, once clients can
    connect.

    Returns when every span that was taken is durable.

    Raises:
        BadRequest: an address cannot be bound, or is not loopback and there is no key; or gRPC
            is asked for and not installed.
        StoreError: the store cannot be opened.
    """
    if not is_loopback_name(host) and not has_keys(app):
        raise BadRequest(
            f"{printable(host)} can be reached from other machines, and there is no key yet",
            hint="make one with `roadworthy key create NAME --scope ingest,read,write`, "
            "or keep --host 127.0.0.1",
        )
    with _bound(host, port) as listener:
        _log_to_stderr()
        url = _url(host, listener.getsockname()[1])
        beside = None if grpc_port is None else _grpc(host, grpc_port, partial(ready, url))
        stopping = asyncio.Event()
        application = create_server(app, beside=beside, stopping=stopping)
        server = _Server(_config(application), stopping)
        _stop_on_signals(server)
        warm_up(app, application)
        with short_pauses():
            if beside is None:
                ready(url, None)
            server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Sets `stopping` before it waits for answers to end: some would go on for ever."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let what is under way end, then stop."""
        self._stopping.set()
        await super().shutdown(sockets)


def _stop_on_signals(server: uvicorn.Server) -> None:
    """Stop also on a signal that comes before uvicorn listens for them.

    uvicorn puts our handlers back when it is done and raises what it got once more; that, too,
    ends here, so that a stop that was asked for ends with exit code 0.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _config(application: Litestar) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        loop="asyncio",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        http=patient_protocol(Connections(_most_connections())),
        ws="none",
    )


def _most_connections() -> int:
    """As many as there are file descriptors for."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    room = MOST_CONNECTIONS if files == resource.RLIM_INFINITY else files - _OTHER_FILES
    return max(1, min(MOST_CONNECTIONS, room))


def _grpc(host: str, port: int, ready: Callable[[str], None]) -> Beside:
    """OTLP/gRPC beside the server. gRPC binds by itself, later; here we look whether it can.

    Raises:
        BadRequest: gRPC is not installed, or the address cannot be bound.
    """
    try:
        import grpc  # noqa: F401, PLC0415 - an extra; asked for by name alone
    except ImportError:
        raise BadRequest(
            "--grpc needs the package grpcio, which is not installed",
            hint="pip install 'roadworthy[grpc]'",
        ) from None
    from roadworthy.server.grpc_otlp import grpc_endpoint  # noqa: PLC0415 - needs the extra

    with _bound(host, port, option="--grpc") as free:
        address, number = free.getsockname()[:2]
    place = _url(address, number).removeprefix("http://")

    @asynccontextmanager
    async def beside(receiver: Receiver, porter: Porter) -> AsyncIterator[None]:
        async with grpc_endpoint(place, receiver, porter, grace=GRACE_S):
            ready(_url(host, number))
            yield

    return beside


def _bound(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """A listening socket, so that an address in use is an error before anything starts."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise BadRequest(f"{printable(host)} is no address here: {error.strerror}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _not_bound(host, port, option, error) from None
    return listener


def _not_bound(host: str, port: int, option: str, error: OSError) -> BadRequest:
    place = f"{printable(host)} port {port}"
    if error.errno == errno.EADDRINUSE:
        return BadRequest(
            f"{place} is in use by another program, perhaps another `roadworthy serve`",
            hint=f"stop it, or choose another port with {option} (0 takes a free one)",
        )
    return BadRequest(f"{place} cannot be used: {error.strerror}", hint=f"choose another {option}")


def _url(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def _log_to_stderr() -> None:
    """Warnings of the server and its libraries, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    for name in ("roadworthy", "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name != "uvicorn.error" else []
        logger.setLevel(logging.WARNING)
