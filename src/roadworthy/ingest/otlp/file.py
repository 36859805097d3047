"""OTLP in files: requests as JSON, one or one per line (collector), and what Tempo exports.

The spans of a trace may stand anywhere in a file, so all traces are held until its end.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

from roadworthy.base.codec import Json
from roadworthy.ingest.importer import BadRecord, Imported, Item
from roadworthy.ingest.json_pieces import BROKEN_STREAM, CHUNK_BYTES, json_pieces
from roadworthy.ingest.lines import json_lines
from roadworthy.ingest.otlp.grouping import gather
from roadworthy.ingest.otlp.json_form import BATCHES, lenient_json, spans_in
from roadworthy.ingest.otlp.wire_span import Rejected, WireSpan
from roadworthy.ingest.source import SourceError

MAX_FILE_SPANS: Final = 2_000_000
_KNOWN: Final = re.compile(
    rb'"(?:resourceSpans|resource_spans|scopeSpans|scope_spans|instrumentationLibrarySpans)"\s*:'
)
_LONGEST_LINE: Final = 16 << 20
_BOM: Final = b"\xef\xbb\xbf"


class OtlpJson:
    """Imports OTLP JSON."""

    name: ClassVar[str] = "otlp-json"
    about: ClassVar[str] = "OpenTelemetry traces as JSON: OTLP requests, collector files, Tempo"

    def recognises(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the port asks for it
        """Some member is called like a list of OTLP's."""
        return _KNOWN.search(head) is not None

    def read(self, stream: BinaryIO) -> Iterator[Item]:
        """Read all requests, then yield the traces in the order in which they begin."""
        faults: list[BadRecord] = []
        read = gather(_spans(stream, faults), source=self.name, most=MAX_FILE_SPANS)
        for number, part in enumerate(read.parts, start=1):
            yield Imported(trace=part, position=f"trace {number}")
        yield from faults
        if read.rejected:
            yield BadRecord(position=f"{read.rejected} spans", why=read.why)


def _spans(stream: BinaryIO, faults: list[BadRecord]) -> Iterator[WireSpan | Rejected]:
    for position, request in _requests(stream, faults):
        try:
            yield from spans_in(request)
        except SourceError as error:
            faults.append(BadRecord(position=position, why=str(error)))


def _requests(stream: BinaryIO, faults: list[BadRecord]) -> Iterator[tuple[str, dict[str, Json]]]:
    is_lines = _first_line_is_whole(stream)
    for position, value in _lines(stream) if is_lines else _pieces(stream):
        if isinstance(value, SourceError):
            faults.append(BadRecord(position=position, why=str(value)))
        elif isinstance(value, dict):
            yield position, value


def _first_line_is_whole(stream: BinaryIO) -> bool:
    """Whether the first line is a JSON object by itself, with more to come."""
    head = b""
    while b"\n" not in head and len(head) < _LONGEST_LINE:
        try:
            chunk = stream.read(CHUNK_BYTES)
        except BROKEN_STREAM:
            break
        if not chunk:
            break
        head += chunk
    stream.seek(0)
    line, mark, _ = head.removeprefix(_BOM).partition(b"\n")
    try:
        return mark != b"" and isinstance(lenient_json(line), dict)
    except SourceError:
        return False


def _lines(stream: BinaryIO) -> Iterator[tuple[str, Json | SourceError]]:
    for number, value in json_lines(stream):
        yield f"line {number}", value


def _pieces(stream: BinaryIO) -> Iterator[tuple[str, Json | SourceError]]:
    """Batches of one request; Tempo may put the request into a member called ``trace``."""
    for piece in json_pieces(stream):
        if piece.fault is not None:
            yield piece.position, SourceError(piece.fault)
        elif piece.key in (*BATCHES, "trace", None):
            try:
                value = lenient_json(piece.data)
            except SourceError as error:
                yield piece.position, error
                continue
            yield piece.position, {piece.key: [value]} if piece.key in BATCHES else value
