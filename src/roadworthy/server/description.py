"""The API's description (OpenAPI): who may ask, and what OTLP takes, which has no types of ours."""

from dataclasses import dataclass
from typing import Final

from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
    SecurityScheme,
)

from roadworthy.server.otlp_reply import Form
from roadworthy.version import __version__

KEY: Final = "key"
SESSION: Final = "session"
OPEN: Final[list[dict[str, list[str]]]] = [{}]
"""`security` of what answers to everybody."""

_KEY: Final = SecurityScheme(
    type="http",
    scheme="bearer",
    bearer_format="rw_<id>_<secret>",
    description="A key of `roadworthy key create`. None is needed as long as none was ever made.",
)
_STATUSES: Final = {
    "200": "Everything that was not rejected is durable; `partialSuccess` tells what was rejected",
    "400": "The body is no such request; sending it again will not help",
    "401": "A key is needed",
    "403": "The key lacks the scope `ingest`",
    "408": "The body took too long to arrive",
    "413": "The body is too long, as sent or inflated",
    "415": "The content type or encoding is not taken",
    "421": "Without keys the server answers to loopback names only",
    "503": "It cannot be stored now; send the same again after `Retry-After` seconds",
}


def describe(session_cookie: str) -> OpenAPIConfig:
    """The description of the API, served under ``/api/schema``."""
    session = SecurityScheme(
        type="apiKey",
        name=session_cookie,
        security_scheme_in="cookie",
        description="The session that logging in on the page begins.",
    )
    return OpenAPIConfig(
        title="Roadworthy",
        version=__version__,
        path="/api/schema",
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"])],
        components=Components(security_schemes={KEY: _KEY, SESSION: session}),
        security=[{KEY: []}, {SESSION: []}],
    )


@dataclass
class OtlpOperation(Operation):
    """An operation that takes OTLP in either form and answers in the same."""

    def __post_init__(self) -> None:
        """Put the bodies in, which no signature tells."""
        self.request_body = RequestBody(
            content=_bodies("An OTLP request"), required=True, description="One OTLP request."
        )
        self.responses = {
            status: OpenAPIResponse(description=about, content=_bodies("An OTLP answer"))
            for status, about in _STATUSES.items()
        }


def _bodies(title: str) -> dict[str, OpenAPIMediaType]:
    packed = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, title=title)
    return {
        Form.JSON.value: OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT, title=title)),
        Form.PROTOBUF.value: OpenAPIMediaType(schema=packed),
    }
