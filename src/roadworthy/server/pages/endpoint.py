"""Where to send spans, as whoever looks at the page reaches this server."""

from typing import Any

from litestar import Request


def endpoint_of(request: Request[Any, Any, Any]) -> str:
    """The address for ``OTEL_EXPORTER_OTLP_ENDPOINT``: that under which the page was asked for."""
    return str(request.base_url).rstrip("/")
