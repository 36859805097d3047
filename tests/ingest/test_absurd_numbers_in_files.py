"""Whichever number of a foreign file is absurd: it is read, or refused with its place."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roadworthy.base.codec import encode
from roadworthy.base.errors import BadRequest
from roadworthy.ingest.formats import formats, recognise
from roadworthy.ingest.importer import Imported
from roadworthy.records.trace_summary import summarise

_DATA = Path(__file__).parents[3] / "shared" / "data"
_LARGEST = 150_000
_ABSURD = (10**400, -(10**400), 2**64, 1e308, -1)


def _files() -> list[Path]:
    found = [
        *(_DATA / "trace-formats").glob("*/*.json"),
        *(_DATA / "trace-formats").glob("*/*.traj"),
        *(_DATA / "whowhen-algorithm-generated").glob("**/1.json"),
    ]
    return sorted(p for p in found if p.stat().st_size < _LARGEST and "chatml" not in p.name)


def _numbers(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Places of numbers, the same for all items of a list."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers(inner, (*place, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner, (*place, "*"))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place


def _put(value: Any, place: tuple[str, ...], number: float) -> Any:
    if not place:
        return number
    if isinstance(value, dict) and place[0] in value:
        return {**value, place[0]: _put(value[place[0]], place[1:], number)}
    if isinstance(value, list) and place[0] == "*":
        return [_put(inner, place[1:], number) for inner in value]
    return value


@pytest.mark.skipif(not _DATA.is_dir(), reason="the shared data is not on this machine")
@pytest.mark.parametrize("path", _files(), ids=lambda path: path.stem)
def test_no_absurd_number_is_more_than_a_bad_record(path: Path) -> None:
    whole = json.loads(path.read_bytes())
    try:
        read = recognise(path, formats())
    except BadRequest:
        pytest.skip("this file holds no traces")
    for place in sorted(set(_numbers(whole))):
        for number in _ABSURD:
            stream = io.BytesIO(json.dumps(_put(whole, place, number)).encode())
            for item in read.read(stream):
                if isinstance(item, Imported):
                    summarise(item.trace)
                    encode(item)
