"""The two containers of an Inspect log, read sample by sample.

A ``.eval`` file is a zip: ``header.json`` (``_journal/start.json`` while the evaluation runs) and
one ``samples/<id>_epoch_<n>.json`` each. A ``.json`` log is one object whose ``eval`` stands ahead
of its ``samples``. Inspect writes NaN for a sample left unscored; it is read as null.
"""

import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, Final

from roadworthy.base.codec import Json
from roadworthy.base.printable import printable
from roadworthy.ingest.json_pieces import MAX_RECORD_BYTES, Piece, json_pieces
from roadworthy.ingest.source import SourceError, decode_json
from roadworthy.ingest.stream import FLOOR_BYTES, MAX_RATIO

ZIP_MAGIC: Final = b"PK\x03\x04"
HEADERS: Final = ("header.json", "_journal/start.json", "start.json")
_SAMPLES: Final = "samples/"
_CHUNK: Final = 1 << 20
_LONGEST_NAME: Final = 200
_ZSTD: Final = 93
_METHODS: Final = {9: "deflate64", _ZSTD: "zstd", 95: "xz", 98: "ppmd"}
_CONVERT: Final = "convert it first: inspect log convert FILE --to json --output-dir DIR"
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    RuntimeError,  # encrypted
    OverflowError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The header (its ``eval``), a sample, or what is wrong in their place."""

    position: str
    value: Json = None
    is_header: bool = False
    fault: SourceError | None = None
    hint: str | None = None


def inspect_records(stream: BinaryIO) -> Iterator[Found]:
    """The header, then the samples, in the order in which they stand."""
    try:
        magic = stream.read(len(ZIP_MAGIC))
        stream.seek(0)
    except _BROKEN as error:
        yield Found(position="file", fault=SourceError(f"cannot be read: {error}"))
        return
    if magic == ZIP_MAGIC:
        yield from _zipped(stream)
    else:
        yield from _plain(stream)


def _plain(stream: BinaryIO) -> Iterator[Found]:
    is_empty = True
    for piece in json_pieces(stream):
        found = _piece(piece)
        if found is not None:
            is_empty = is_empty and found.is_header
            yield found
    if is_empty:
        yield Found(position="file", fault=SourceError("holds no samples"))


def _piece(piece: Piece) -> Found | None:
    is_sample = piece.key == "samples" and piece.index is not None
    position = piece.position if is_sample else piece.key or "file"
    if piece.fault is not None:
        return Found(position=position, fault=SourceError(piece.fault))
    if not is_sample and piece.key != "eval":
        return None
    return _decoded(piece.data, position, is_header=not is_sample)


def _decoded(data: bytes, position: str, *, is_header: bool = False) -> Found:
    try:
        value = decode_json(data)
    except SourceError as error:
        try:
            value = _with_nan(data)
        except (ValueError, RecursionError, SourceError):
            return Found(position=position, fault=error)
    return Found(position=position, value=value, is_header=is_header)


def _with_nan(data: bytes) -> Json:
    """JSON in which NaN and infinities stand, which are read as null."""
    loaded = json.loads(data, parse_constant=lambda _: None)
    return decode_json(json.dumps(loaded))  # checks depth and numbers as for every record


def _zipped(stream: BinaryIO) -> Iterator[Found]:
    try:
        size = stream.seek(0, 2)
        archive = zipfile.ZipFile(stream)
    except _BROKEN as error:
        yield Found(position="file", fault=SourceError(f"is no whole zip file: {error}"))
        return
    with archive:
        yield from _members(archive, _Allowance(max(FLOOR_BYTES, size * MAX_RATIO)))


def _members(archive: zipfile.ZipFile, left: "_Allowance") -> Iterator[Found]:
    names = archive.namelist()
    header = next((name for name in HEADERS if name in names), None)
    if header is None:
        yield Found(position="file", fault=SourceError("holds no header.json"))
        return
    found = _member(archive, archive.getinfo(header), left, is_header=True)
    if found.hint is not None:  # so are the samples: told once
        yield Found(position="file", fault=found.fault, hint=found.hint)
        return
    spec = found.value.get("eval") if isinstance(found.value, dict) else None
    yield found if found.fault else Found(position=header, value=spec, is_header=True)
    samples = [info for info in archive.infolist() if _is_sample(info.filename)]
    for info in samples:  # not by name: two members may have the same
        yield _member(archive, info, left)
        if left.left < 0:
            return
    if not samples:
        yield Found(position="file", fault=SourceError("holds no samples"))


def _is_sample(name: str) -> bool:
    return name.startswith(_SAMPLES) and name.endswith(".json")


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: "_Allowance", *, is_header: bool = False
) -> Found:
    name = printable(info.filename, limit=_LONGEST_NAME)
    try:
        with archive.open(info) as member:
            data = left.read(member)
    except NotImplementedError:
        why = _packing(info.compress_type)
        return Found(position=name, fault=SourceError(why), hint=_CONVERT)
    except SourceError as error:
        return Found(position=name, fault=error)
    except _BROKEN as error:
        return Found(position=name, fault=SourceError(f"cannot be unpacked: {error}"))
    return _decoded(data, name, is_header=is_header)


def _packing(method: int) -> str:
    since = ", which Python can unpack from 3.14 on" if method == _ZSTD else ""
    return f"is packed with {_METHODS.get(method, 'a method')} (zip method {method}){since}"


@dataclass(slots=True)
class _Allowance:
    """How many bytes may still be unpacked; a small file that unpacks to a huge one is hostile."""

    left: int

    def read(self, member: IO[bytes]) -> bytes:
        """All of `member`. Raises `SourceError` when it is too large."""
        chunks: list[bytes] = []
        size = 0
        while chunk := member.read(_CHUNK):
            size += len(chunk)
            self.left -= len(chunk)
            if size > MAX_RECORD_BYTES:
                raise SourceError(f"is larger than {MAX_RECORD_BYTES >> 20} MiB")
            if self.left < 0:
                raise SourceError("the file unpacks to an unreasonable size")
            chunks.append(chunk)
        return b"".join(chunks)
