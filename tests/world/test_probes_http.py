"""One GET of a service on this machine, whatever it answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from roadworthy.records.probe_spec import HttpLook, ProbeSpec
from roadworthy.records.trial import Ending, Observation
from roadworthy.world.probes.observe import observe
from roadworthy.world.probes.subject import Subject, Surroundings

Answer = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


def saying(reply: bytes) -> Answer:
    async def answer(_asked: str, writer: asyncio.StreamWriter) -> None:
        writer.write(reply)
        await writer.drain()

    return answer


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = (await reader.readuntil(b"\r\n\r\n")).decode()
            await answer(asked.splitlines()[0], writer)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def seen(
    url: str, *, case: str = "c1", timeout_s: float = 5.0, declared: bool = False
) -> Observation:
    subject = Subject(run="r1", case=case, repeat=0, trace_id="ab" * 16, ending=Ending.COMPLETED)
    probe = ProbeSpec(name="api", look=HttpLook(url=url, declared=declared), timeout_s=timeout_s)
    around = Surroundings(folder=Path(), environment={})
    (observation,) = await observe([probe], subject, around)
    return observation


async def test_status_and_json_are_seen() -> None:
    body = b'{"status": "cancelled"}'
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n"

    async with serving(saying(reply + body)) as url:
        found = await seen(f"{url}/orders/7")

    assert found.value == {"status": 200, "json": {"status": "cancelled"}}


async def test_an_answer_in_chunks_is_put_together() -> None:
    reply = b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"

    async with serving(saying(reply)) as url:
        found = await seen(url)

    assert found.value == {"status": 404, "text": "abcde"}


async def test_a_redirect_is_seen_and_not_followed() -> None:
    reply = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"

    async with serving(saying(reply)) as url:
        found = await seen(url)

    assert found.value == {"status": 302, "text": ""}


async def test_values_of_the_trial_are_escaped_in_the_address() -> None:
    asked: list[str] = []

    async def answer(line: str, writer: asyncio.StreamWriter) -> None:
        asked.append(line)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with serving(answer) as url:
        await seen(f"{url}/orders/{{case}}?q={{case}}", case="a b/../x?y\r\nHost: evil")

    escaped = "a%20b%2F..%2Fx%3Fy%0D%0AHost%3A%20evil"
    assert asked == [f"GET /orders/{escaped}?q={escaped} HTTP/1.1"]


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 300_000,
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n",
    ],
)
async def test_a_broken_or_endless_answer_is_no_observation(reply: bytes) -> None:
    async with serving(saying(reply)) as url:
        found = await seen(url)

    assert found.error
    assert found.value is None


async def test_json_that_is_none_is_a_fact() -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{"

    async with serving(saying(reply)) as url:
        found = await seen(url)

    assert found.value == {"status": 200, "problem": "not JSON, though it says so"}


async def test_a_service_that_never_answers_is_given_up() -> None:
    async def answer(_asked: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        await writer.drain()
        await asyncio.Event().wait()

    async with asyncio.timeout(20), serving(answer) as url:
        found = await seen(url, timeout_s=0.2)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    assert found.error == "it took longer than 0.2 s"


async def test_nobody_there_is_no_observation() -> None:
    async with serving(saying(b"")) as url:
        pass

    found = await seen(url)

    assert found.error is not None
    assert found.error.startswith("nothing answers at 127.0.0.1")


async def test_another_host_is_not_asked_unless_the_suite_names_it() -> None:
    refused = await seen("http://shop.invalid/")
    asked = await seen("http://shop.invalid/", declared=True)

    assert refused.error == "'shop.invalid' is not this machine, and the suite does not name it"
    assert asked.error is not None
    assert asked.error.startswith("nothing answers at shop.invalid")
