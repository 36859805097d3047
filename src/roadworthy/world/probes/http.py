"""One GET of a service that the agent changed: cancellable, bounded, with no redirect followed."""

import asyncio
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

import msgspec

from roadworthy.base.codec import Json
from roadworthy.records.probe_spec import HttpLook, filled, is_loopback
from roadworthy.world.probes.cannot_look import CannotLook
from roadworthy.world.probes.subject import Subject
from roadworthy.world.probes.value import MAX_VALUE_BYTES

_MAX_HEAD_BYTES: Final = 32_768
_PORTS: Final = {"http": 80, "https": 443}


async def look_at_http(look: HttpLook, subject: Subject) -> Json:
    """``{status, json}`` or ``{status, text}``.

    Raises:
        CannotLook: nothing answers there, or not in HTTP, or with too much; or the host is
            neither this machine nor declared.
    """
    address = urlsplit(look.url)
    if not (look.declared or is_loopback(address.hostname or "")):
        raise CannotLook(
            f"{address.hostname!r} is not this machine, and the suite does not name it"
        )
    values = {name: quote(value, safe="") for name, value in subject.placeholders.items()}
    answer = await _exchange(address, _target(address, values))
    response = HTTPResponse(_Received(answer), method="GET")  # type: ignore[arg-type]  # it only asks for a file
    try:
        response.begin()
        body = response.read()
    except (HTTPException, ValueError, OSError) as error:
        raise CannotLook(f"the answer is no HTTP: {type(error).__name__}") from None
    if len(body) > MAX_VALUE_BYTES:
        raise CannotLook(f"the answer has more than {MAX_VALUE_BYTES} bytes")
    return {"status": response.status, **_body(response, body)}


class _Received:
    """An answer in the shape of a socket, for the parser of the standard library."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> BytesIO:
        return BytesIO(self._data)


async def _exchange(address: SplitResult, target: str) -> bytes:
    host = address.hostname or ""
    secure = address.scheme == "https"
    try:
        port = address.port or _PORTS[address.scheme]
        reader, writer = await asyncio.open_connection(host, port, ssl=secure or None)
    except (OSError, ValueError) as error:
        raise CannotLook(f"nothing answers at {host}: {error}") from None
    try:
        lines = f"GET {target} HTTP/1.1\r\nHost: {address.netloc.rpartition('@')[2]}\r\n"
        writer.write(f"{lines}Accept: */*\r\nConnection: close\r\n\r\n".encode("ascii"))
        return await _read(reader)
    except OSError as error:
        raise CannotLook(f"{host} broke off: {error}") from None
    finally:
        writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> bytes:
    limit = _MAX_HEAD_BYTES + 2 * MAX_VALUE_BYTES  # chunks have their own lines
    received = bytearray()
    while part := await reader.read(65_536):
        received += part
        if len(received) > limit:
            raise CannotLook(f"the answer has more than {MAX_VALUE_BYTES} bytes")
    return bytes(received)


def _target(address: SplitResult, values: dict[str, str]) -> str:
    query = f"?{filled(address.query, values)}" if address.query else ""
    target = (filled(address.path, values) or "/") + query
    return quote(target, safe="/?&=%:@!$'()*+,;~-._[]")


def _body(response: HTTPResponse, body: bytes) -> dict[str, Json]:
    if "json" in (response.getheader("content-type") or "").lower():
        try:
            value: Json = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {"problem": "not JSON, though it says so"}
        return {"json": value}
    return {"text": body.decode("utf-8", "replace")}
