"""Probes whose work nobody can interrupt, in a process that is ended at the deadline."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from roadworthy.base.codec import Json, encode
from roadworthy.records.probe_spec import PythonLook, SqlLook
from roadworthy.world.probes import child
from roadworthy.world.probes.bindings import bindings
from roadworthy.world.probes.cannot_look import CannotLook
from roadworthy.world.probes.subject import Subject, Surroundings
from roadworthy.world.probes.value import MAX_ROWS, MAX_VALUE_BYTES, rows

_CHILD: Final = str(Path(child.__file__))
_LIMIT: Final = 16 * MAX_VALUE_BYTES


class _Rows(msgspec.Struct):
    columns: list[str]
    rows: list[list[Json]]


class _Answer(msgspec.Struct):
    value: Json = None
    error: str | None = None


async def call_python(
    look: PythonLook, subject: Subject, around: Surroundings, *, timeout_s: float
) -> Json:
    """What the function returns. Raises `CannotLook` when it raises or returns no JSON."""
    job: dict[str, Json] = {
        "kind": "python",
        "folder": str(around.folder),
        "function": look.function,
        "trial": subject.as_mapping,
    }
    return await _answer(job, around, timeout_s)


async def query_url(
    look: SqlLook, subject: Subject, around: Surroundings, *, timeout_s: float
) -> Json:
    """The rows that the query gives; its transaction is rolled back.

    Raises:
        CannotLook: the database or the query failed. The message never holds the address, which
            may hold a password.
    """
    url = look.url or around.environment.get(look.url_from or "")
    if not url:
        raise CannotLook(f"the target's environment has no {look.url_from!r}")
    job: dict[str, Json] = {
        "kind": "sql",
        "url": url,
        "query": look.query,
        "bind": bindings(look, subject),
        "rows": MAX_ROWS,
    }
    try:
        found = msgspec.convert(await _answer(job, around, timeout_s), _Rows)
    except CannotLook as error:
        raise CannotLook(str(error).replace(url, "the database")) from None
    return rows(found.columns, found.rows)


async def _answer(job: dict[str, Json], around: Surroundings, timeout_s: float) -> Json:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # the folder that we stand in must not come before the standard library
        _CHILD,
        cwd=around.folder,
        env=dict(around.environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        said = await _said(process, encode({**job, "seconds": timeout_s}))
    finally:
        await _end(process)
    try:
        answer = msgspec.json.decode(said, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CannotLook("the check ended without an answer") from None
    if answer.error is not None:
        raise CannotLook(answer.error)
    return answer.value


async def _said(process: asyncio.subprocess.Process, job: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(ConnectionError):  # it ended at once: what it said, if anything, counts
        process.stdin.write(job)
        await process.stdin.drain()
    process.stdin.close()
    said = bytearray()
    while part := await process.stdout.read(65_536):
        said += part
        if len(said) > _LIMIT:
            raise CannotLook(f"the answer has more than {_LIMIT} bytes")
    return bytes(said)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the process and whatever it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
