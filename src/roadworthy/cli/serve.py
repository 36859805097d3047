"""`roadworthy serve`: the page and the OTLP endpoints."""

import sys
import webbrowser

import click

from roadworthy.app.app import App
from roadworthy.cli.options import with_app
from roadworthy.cli.output import emit_json, say, tell

PORT = 4318
"""Where OpenTelemetry exporters send over HTTP unless told otherwise: they need no setting."""
GRPC_PORT = 4317
"""The same over gRPC."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--grpc",
    "grpc_port",
    type=click.IntRange(0, 65535),
    is_flag=False,
    flag_value=GRPC_PORT,
    default=None,
    metavar="[PORT]",
    help=f"Take OTLP over gRPC too, on PORT or {GRPC_PORT}; needs `roadworthy[grpc]`.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@with_app
def serve(
    *, app: App, as_json: bool, host: str, port: int, grpc_port: int | None, open_page: bool
) -> None:
    """Take traces over OTLP and show the page, until Ctrl-C.

    4318 is where OpenTelemetry exporters send over HTTP by default, so an agent on this machine
    whose exporter does so needs no setting; with --grpc, neither does one that sends over gRPC.
    """
    from roadworthy.server.listening import serve as listen  # noqa: PLC0415 - a second of imports

    def ready(listening: str, listening_grpc: str | None) -> None:
        url = _reachable(listening)
        grpc_url = None if listening_grpc is None else _reachable(listening_grpc)
        if as_json:
            shown = {"page": url, "otlp": url, "traces": f"{url}/v1/traces"}
            emit_json(shown if grpc_url is None else {**shown, "grpc": grpc_url})
        else:
            tell(f"page  {url}")
            tell(f"OTLP  {url}/v1/traces  (OTEL_EXPORTER_OTLP_ENDPOINT={url})")
            if grpc_url is not None:
                tell(f"gRPC  {grpc_url}  (OTEL_EXPORTER_OTLP_ENDPOINT={grpc_url})")
            if url != listening:
                say(f"it listens on every address of this machine ({host}), for those with a key")
            say("Ctrl-C stops it; everything that was acknowledged is stored")
        sys.stdout.flush()
        if open_page:
            webbrowser.open(url)

    listen(app, host=host, port=port, grpc_port=grpc_port, ready=ready)


def _reachable(url: str) -> str:
    """An address that can be opened here: "every address" is none that a client can ask."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
