"""Runs one probe in a process of its own; started as a script, speaks JSON over its pipes.

It imports nothing of ours, so that it starts quickly and the target's folder cannot get in its
way. Whatever the probe prints goes to stderr: stdout belongs to the answer.
"""

import asyncio
import importlib
import inspect
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any


def main() -> None:
    """Read the job, do it, write ``{"value": …}`` or ``{"error": …}``."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    job = json.load(sys.stdin)
    signal.alarm(int(job["seconds"]) + 2)  # should nobody be left to end us
    try:
        done: dict[str, Any] = {"value": _KINDS[job["kind"]](job)}
        data = json.dumps(done, allow_nan=False).encode()
    except BaseException as error:  # noqa: BLE001 - also what ends a process is only an answer
        data = json.dumps({"error": _told(error)}).encode()
    answer.write(data)
    answer.close()
    os._exit(0)


def _call(job: dict[str, Any]) -> Any:
    sys.path.insert(0, job["folder"])
    module, _, name = job["function"].partition(":")
    function: Any = importlib.import_module(module)
    for part in name.split("."):
        function = getattr(function, part)
    found = function(job["trial"])
    return asyncio.run(found) if inspect.iscoroutine(found) else found


def _query(job: dict[str, Any]) -> Any:
    from sqlalchemy import create_engine, text  # noqa: PLC0415 - only where it is asked for

    engine = create_engine(job["url"])
    with engine.connect() as connection:
        try:
            found = connection.execute(text(job["query"]), job["bind"])
            rows = found.fetchmany(job["rows"] + 1)
            return {"columns": list(found.keys()), "rows": [[_cell(v) for v in r] for r in rows]}
        finally:
            connection.rollback()


def _cell(value: Any) -> Any:
    if isinstance(value, float) and value - value != 0:  # infinite, or not a number
        return str(value)
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        import hashlib  # noqa: PLC0415 - seldom needed

        data = bytes(value)
        return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return str(value)


def _told(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__]
    where = f" ({Path(own[-1].filename).name} line {own[-1].lineno})" if own else ""
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0][:500] if lines else ''}{where}"


_KINDS = {"python": _call, "sql": _query}

if __name__ == "__main__":
    main()
