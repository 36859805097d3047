"""A file that the agent left, or did not leave."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Final

import msgspec

from roadworthy.base.codec import Json
from roadworthy.records.probe_spec import FileLook
from roadworthy.world.probes.cannot_look import CannotLook
from roadworthy.world.probes.confined import confined
from roadworthy.world.probes.subject import Subject, Surroundings
from roadworthy.world.probes.value import MAX_VALUE_BYTES

MAX_FILE_BYTES: Final = 64_000_000


def look_at_file(look: FileLook, subject: Subject, around: Surroundings) -> Json:
    """``{exists, bytes, sha256}`` and ``text`` or ``json``. Blocks; reads regular files alone.

    A file that is not there is a fact about the agent, and so is one that is not what was
    asked for: it has a ``problem`` in the place of its content.

    Raises:
        CannotLook: the path leads out of its folder, or the file cannot be read or is too large.
    """
    path = confined(around.folder, look.root, look.path, subject)
    data = _content(path)
    if data is None:
        return {"exists": False}
    if isinstance(data, str):
        return {"exists": True, "problem": data}
    facts: dict[str, Json] = {
        "exists": True,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return facts | _read_as(look, data)


def _read_as(look: FileLook, data: bytes) -> dict[str, Json]:
    if look.read == "digest":
        return {}
    if len(data) > MAX_VALUE_BYTES:
        raise CannotLook(
            f"the file has {len(data)} bytes, at most {MAX_VALUE_BYTES} are kept; "
            "ask for its digest, or check it in Python"
        )
    try:
        if look.read == "text":
            return {"text": data.decode()}
        value: Json = msgspec.json.decode(data)
    except UnicodeDecodeError:
        return {"problem": "not UTF-8 text"}
    except (msgspec.DecodeError, RecursionError):
        return {"problem": "not JSON"}
    return {"json": value}


def _content(path: Path) -> bytes | str | None:
    """What is in the file; `None` when there is none, text when it is no regular file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would wait for ever
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CannotLook(f"the file cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return "not a regular file"
    with os.fdopen(handle, "rb") as stream:
        data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise CannotLook(f"the file is larger than {MAX_FILE_BYTES // 10**6} MB")
    return data
