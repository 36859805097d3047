"""What a server made of a batch of spans, read from its answer.

OpenTelemetry's exporter takes every 2xx and 3xx for a delivery. A login page answers 200 as well,
a proxy sends elsewhere, and a server that takes most of a batch says how many it refused. All of
it is read here, from the answers that pass through the exporter's session.
"""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from roadworthy.base.errors import RoadworthyError
from roadworthy.base.printable import printable

_JSON: Final = "application/json"
_PROTOBUF: Final = ("application/x-protobuf", "application/protobuf")
_MOST_BYTES: Final = 1 << 20
_CHUNK: Final = 1 << 16
_PATIENCE_S: Final = 30.0
_LONGEST_TOLD: Final = 200
_OK, _REDIRECT, _REFUSED = 200, 300, 400


class NotDelivered(RoadworthyError):
    """Some spans of a batch did not arrive; `spans` says how many, `None` means all."""

    def __init__(self, message: str, *, spans: int | None = None) -> None:
        super().__init__(message)
        self.spans = spans


class Delivery:
    """What became of the batch that was sent last."""

    def __init__(self) -> None:
        self.rejected = 0
        self.why = ""

    def begin(self) -> None:
        """Forget the last batch."""
        self.rejected, self.why = 0, ""

    def note(self, answer: Any, *_: Any, **__: Any) -> None:
        """Read an answer: a hook of `requests`, which calls it before it follows a redirect.

        Raises:
            NotDelivered: it leads elsewhere, or no OTLP server gave it.
        """
        self.begin()
        body = _body(answer)
        try:
            self._judge(answer.status_code, answer.headers, body)
        except NotDelivered as error:
            self.why = error.message
            raise

    def _judge(self, status: int, headers: Mapping[str, str], body: bytes | None) -> None:
        if _REDIRECT <= status < _REFUSED:
            where = printable(headers.get("Location", "nowhere"), limit=_LONGEST_TOLD)
            raise NotDelivered(f"it answered {status}, a redirect to {where}, not followed")
        if _OK <= status < _REDIRECT:
            self._read(headers.get("Content-Type", ""), body)
        else:
            self.why = f"it answered {status}"

    def _read(self, content_type: str, body: bytes | None) -> None:
        if body is None:
            raise NotDelivered("its answer does not end, so it is no OTLP server")
        kind = content_type.partition(";")[0].strip().lower()
        if kind not in (*_PROTOBUF, _JSON) and (body or kind):
            shown = printable(kind, limit=_LONGEST_TOLD) or "what it does not name"
            raise NotDelivered(f"it answered with {shown}, so it is no OTLP server")
        self.rejected, said = _partial_success(body, is_json=kind == _JSON)
        if self.rejected:
            self.why = "it rejected them" + (f": {said}" if said else "")


class CheckedExporter(SpanExporter):
    """An exporter whose answers go through a `Delivery`."""

    def __init__(self, make: Callable[[Any], SpanExporter]) -> None:
        """Have the exporter made, with a session of `requests` to send through."""
        import requests  # noqa: PLC0415 - slow, and not for a store

        self._delivery = Delivery()
        session = requests.Session()
        session.hooks["response"].append(self._delivery.note)
        self._exporter = make(session)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send `spans`.

        Raises:
            NotDelivered: the answer says that not all of them arrived.
        """
        self._delivery.begin()
        result = self._exporter.export(spans)
        if self._delivery.why:
            is_partly = result is SpanExportResult.SUCCESS
            raise NotDelivered(
                self._delivery.why, spans=self._delivery.rejected if is_partly else None
            )
        return result

    def shutdown(self) -> None:
        """Close what the exporter holds."""
        self._exporter.shutdown()


def _body(answer: Any) -> bytes | None:
    """The whole of an answer's body, `None` where it goes on and on."""
    chunks: list[bytes] = []
    size, due_s = 0, monotonic() + _PATIENCE_S
    for chunk in answer.iter_content(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > _MOST_BYTES or monotonic() > due_s:
            answer.close()
            chunks, size = [], -1
            break
    answer._content = b"".join(chunks)  # noqa: SLF001 - else `requests` would read it again
    return None if size < 0 else answer._content  # noqa: SLF001 - as above


def _partial_success(body: bytes, *, is_json: bool) -> tuple[int, str]:
    """How many spans the server refused, and why. Raises `NotDelivered` if it is no such answer."""
    from google.protobuf import json_format  # noqa: PLC0415 - slow to import
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - slow to import
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: PLC0415 - the same
        ExportTraceServiceResponse,
    )

    told = ExportTraceServiceResponse()
    try:
        if is_json:
            json_format.Parse(body or b"{}", told, ignore_unknown_fields=True)
        else:
            told.ParseFromString(body)
    except (DecodeError, json_format.ParseError, UnicodeDecodeError, RecursionError):
        raise NotDelivered("its answer cannot be read, so it is no OTLP server") from None
    said = printable(told.partial_success.error_message, limit=_LONGEST_TOLD)
    return max(0, told.partial_success.rejected_spans), said
