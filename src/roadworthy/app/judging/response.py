"""Bounding what a provider may send; loaded with the client, which brings `httpx2`."""

from collections.abc import AsyncIterator
from typing import Final

from httpx2 import AsyncByteStream, Response

MAX_RESPONSE: Final = 4_000_000
"""Bytes of a response that are taken; what is longer is no verdict."""


class ResponseTooLong(Exception):
    """A server sent more than a verdict can need."""

    def __init__(self) -> None:
        super().__init__(f"more than {MAX_RESPONSE / 1e6:g} MB came back")


class _Bounded(AsyncByteStream):
    """Bytes as they come, until there are too many."""

    def __init__(self, stream: AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken = 0
        async for chunk in self._stream:
            taken += len(chunk)
            if taken > MAX_RESPONSE:
                raise ResponseTooLong
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def bound(response: Response) -> None:
    """A hook for a client: let no more of the response through than is taken."""
    if isinstance(response.stream, AsyncByteStream):
        response.stream = _Bounded(response.stream)


def too_long_in(error: BaseException | None) -> ResponseTooLong | None:
    """What `bound` raised, wherever the client wrapped it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ResponseTooLong):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None
