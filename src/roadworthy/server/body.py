"""The body of an OTLP request: read and inflated within limits, whatever it claims to be.

A gzip stream is inflated in steps and given up as soon as it passes the limit, so that ten
gigabytes of zeros cost what the limit costs. Members of a stream are counted, too: a million
empty ones take time, not room.
"""

import asyncio
import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol

from roadworthy.base.errors import RoadworthyError
from roadworthy.base.printable import printable
from roadworthy.server.backlog import Behind, Claim

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of one request, as sent and inflated. The collector's exporter sends a few megabytes."""
PATIENCE_S: Final = 60.0
_STEP: Final = 1024 * 1024
_FEED: Final = 64 * 1024
_MOST_MEMBERS: Final = 1000
_GZIP: Final = 16 + zlib.MAX_WBITS


class Refused(RoadworthyError):
    """A request that is wrong as it stands; sending it again will not help."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Streamed(Protocol):
    """The part of a request that reading needs."""

    @property
    def headers(self) -> Any:
        """Header names, any case, to values."""

    def stream(self) -> Any:
        """Chunks of the body as they arrive."""


async def read_body(request: Streamed, claim: Claim, *, most: int = MOST_BYTES) -> bytes:
    """Read the body, counting it in `claim`.

    Where there is no room the rest is read and dropped: a client that is still sending would
    not see the answer.

    Raises:
        Refused: it is too long (413) or takes too long (408).
        Behind: there is no room for it now.
    """
    chunks: list[bytes] = []
    size = 0
    behind: Behind | None = None
    _refuse_announced(request, most)
    claim.arriving(chunks.clear)
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise _too_long(most)
                behind = behind or _kept(chunk, chunks, claim)
    except TimeoutError:
        raise Refused(408, f"the body took more than {PATIENCE_S:.0f} s to arrive") from None
    if behind is not None:
        raise behind
    claim.arrived()
    return b"".join(chunks)


def _kept(chunk: bytes, chunks: list[bytes], claim: Claim) -> Behind | None:
    """Keep `chunk`, or nothing at all where there is no room; says which."""
    try:
        claim.grow(len(chunk))
    except Behind as error:
        claim.release()
        chunks.clear()
        return error
    chunks.append(chunk)
    return None


def _refuse_announced(request: Streamed, most: int) -> None:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and len(announced) <= 20 and int(announced) > most:  # noqa: PLR2004 - more digits than 64 bits have
        raise _too_long(most)


def inflate(
    body: bytes, encoding: str, *, most: int = MOST_BYTES, grow: Callable[[int], None]
) -> bytes:
    """`body` as it was before its Content-Encoding. `grow` is told of every step's bytes.

    Raises:
        Refused: an encoding that OTLP does not have (415), a stream that is damaged or cut
            off (400), or one that passes `most` bytes (413).
    """
    match encoding.strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            try:
                stream = _Gunzip(most, grow)
                for start in range(0, len(body), _FEED):
                    stream.feed(body[start : start + _FEED])
                return stream.end()
            except zlib.error:
                raise Refused(400, "the body is not the gzip stream that it claims to be") from None
        case other:
            said = printable(repr(other), limit=40)
            raise Refused(415, f"Content-Encoding {said} is not known; send gzip or none")


class _Gunzip:
    """Inflates what it is fed, counting as it goes; small feeds keep every copy small."""

    def __init__(self, most: int, grow: Callable[[int], None]) -> None:
        self._most = most
        self._grow = grow
        self._member = zlib.decompressobj(_GZIP)
        self._members = 1
        self._size = 0
        self.chunks: list[bytes] = []

    def feed(self, piece: bytes) -> None:
        """Inflate one piece of the stream."""
        while piece:
            if self._member.eof:
                piece = self._begin(piece)
                if not piece:
                    return
            self._keep(self._member.decompress(piece, _STEP))
            piece = self._member.unused_data or self._member.unconsumed_tail

    def end(self) -> bytes:
        """Everything that was inflated."""
        while not self._member.eof:
            chunk = self._member.decompress(b"", _STEP)
            if not chunk and not self._member.eof:
                raise Refused(400, "the gzip stream was cut off")
            self._keep(chunk)
        return b"".join(self.chunks)

    def _begin(self, piece: bytes) -> bytes:
        """The next member, behind the zeros that may pad the one before."""
        piece = piece.lstrip(b"\0")
        if piece:
            self._members += 1
            if self._members > _MOST_MEMBERS:
                raise Refused(400, f"the gzip stream has more than {_MOST_MEMBERS} members")
            self._member = zlib.decompressobj(_GZIP)
        return piece

    def _keep(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._most:
            raise _too_long(self._most)
        self._grow(len(chunk))
        self.chunks.append(chunk)


def _too_long(most: int) -> Refused:
    return Refused(413, f"the body is longer than {most // 1024 // 1024} MiB; send smaller batches")
