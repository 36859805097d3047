"""Broken input of every kind, typed into the real entry point; what must always hold afterwards."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pytest

from roadworthy.base.codec import Json
from roadworthy.base.printable import printable
from roadworthy.cli import main
from roadworthy.cli.render import table

ODD: tuple[Json, ...] = (
    None,
    True,
    False,
    "",
    [],
    {},
    0,
    -1,
    10**30,
    1e308,
    float("inf"),
    float("nan"),
    "\0",
    "\x1b[31m\u202e",
    "x" * 3000,
    "2026-11-20",
    "../../../etc/passwd",
    ["a", {"b": [None]}],
    {"$regex": "("},
    {"": ""},
    {"$any": False, "$absent": 1},
)
TOKENS = (
    *(b'{ } [ ] " : , &a *a !!python/object --- # null 1e999 \\u0000 \\ud800'.split()),
    *(b"\n", b"\t", b"\0", b"\xff", b"\xc3", b"\x1b[31m", b"- ", b"<<: "),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    code: int
    out: str
    err: str


Typed: TypeAlias = Callable[..., Done]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Type a command in an empty folder; what it promises of any input is checked at once."""
    for name in ("ROADWORTHY_STORE", "ROADWORTHY_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return run


def run(*words: object, names: str | None = None) -> Done:
    """Run; the exit code has a meaning, a refusal says why, and `names` is in what it says."""
    with _pipes() as (out, err):
        argv, sys.argv = sys.argv, ["roadworthy", *(str(word) for word in words)]
        try:
            code = main._run()
        finally:
            sys.argv = argv
    done = Done(code=code, out=_text(out), err=_text(err))
    said = done.out + done.err
    assert code in (0, 1, 2, 3, 4), done
    assert "Traceback" not in said
    assert all(line == printable(line) for line in said.split("\n")), done
    if code == 2 and names is not None:
        assert names in said.replace("\n", ""), done
    return done


def mutated(data: bytes, rng: Random) -> bytes:
    """`data` with one to four accidents: bytes flipped, cut, doubled, moved or put in."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice((1, 1, 2, 8, 64, 512)))
        piece = data[start:end]
        data = rng.choice(
            (
                data[:start] + rng.randbytes(len(piece)) + data[end:],
                data[:start] + data[end:],
                data[:end] + piece + data[end:],
                data[:start] + rng.choice(TOKENS) + data[start:],
                data[:start] + piece[::-1] + data[end:],
                data[:start],
            )
        )
    return data


def twisted(value: Json, rng: Random) -> Json:
    """A copy of `value` with one part replaced, removed, doubled or given another name."""
    value = deepcopy(value)
    parents = list(_parents(value))
    if not parents:
        return rng.choice(ODD)
    parent = rng.choice(parents)
    if isinstance(parent, list):
        spot = rng.randrange(len(parent))
        rng.choice((lambda: parent.pop(spot), lambda: parent.append(parent[spot]),
                    lambda: _put(parent, spot, rng.choice(ODD))))()  # fmt: skip
    else:
        key = rng.choice(list(parent))
        rng.choice((lambda: parent.pop(key), lambda: _put(parent, key, rng.choice(ODD)),
                    lambda: _put(parent, key, rng.choice(ODD)),
                    lambda: _put(parent, key + "x", parent.pop(key))))()  # fmt: skip
    return value


def as_json(value: Json) -> bytes:
    return json.dumps(value).encode()


def strays(folder: Path) -> list[Path]:
    """Files that only a broken write leaves."""
    return [path for path in folder.rglob("*") if path.suffix in (".part", ".tmp", ".new")]


def _put(parent: Any, spot: Any, value: Json) -> None:
    parent[spot] = value


def _parents(value: Json) -> Iterator[Any]:
    if isinstance(value, dict | list) and value:
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _parents(inner)


@contextmanager
def _pipes() -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    table.stdout.cache_clear()
    table.stderr.cache_clear()
    before = sys.stdout, sys.stderr
    pipes = tuple(io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in before)
    sys.stdout, sys.stderr = pipes
    try:
        yield pipes[0], pipes[1]
    finally:
        sys.stdout, sys.stderr = before
        table.stdout.cache_clear()
        table.stderr.cache_clear()


def _text(pipe: io.TextIOWrapper) -> str:
    pipe.flush()
    assert isinstance(pipe.buffer, io.BytesIO)
    return pipe.buffer.getvalue().decode()


@pytest.fixture(scope="session")
def accidents() -> Any:
    """This module: its functions break things."""
    return sys.modules[__name__]
