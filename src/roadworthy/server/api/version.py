"""Health and version: open to everybody, so that a probe needs no key."""

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from roadworthy.app.app import App
from roadworthy.base.errors import StoreError
from roadworthy.server.api.faults import faults
from roadworthy.server.description import OPEN
from roadworthy.server.writer import Writer
from roadworthy.version import __version__


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What is running."""

    name: str
    version: str


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the store can be read, and what arrives is written."""

    ok: bool


@get(
    "/api/version",
    opt={"public": True},
    security=OPEN,
    sync_to_thread=False,
    responses=faults(),
)
def version() -> Version:
    """The server's version."""
    return Version(name="roadworthy", version=__version__)


@get("/healthz", opt={"public": True}, security=OPEN, sync_to_thread=True, responses=faults())
def health(app: NamedDependency[App], writer: NamedDependency[Writer]) -> Response[Health]:
    """200 when the store can be read and the writer lives; 503 when not."""
    if writer.is_broken:
        raise StoreError("nothing is stored any more", hint="restart the server; its log says more")
    app.store.traces.list(limit=1)
    return Response(Health(ok=True), headers={"Cache-Control": "no-store"})


ROUTES = (version, health)
