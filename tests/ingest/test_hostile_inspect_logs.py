"""Inspect logs made to hurt: what is hostile costs itself, in bounded time and memory."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from roadworthy.base.codec import Json
from roadworthy.ingest import inspect_log, inspect_log_file
from roadworthy.ingest.importer import BadRecord, Imported, Item

ReadAll = Callable[[str, Json | bytes], list[Item]]
HEADER = json.dumps({"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}})


def a_sample(**changes: Any) -> str:
    said = [{"role": "user", "content": "hi"}]
    return json.dumps({"id": 1, "epoch": 1, "input": "hi", "messages": said, **changes})


def as_zip(*members: tuple[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("header.json", HEADER), *members):
            archive.writestr(name, content)
    return file.getvalue()


def read(read_all: ReadAll, *members: tuple[str, str]) -> tuple[list[Imported], list[BadRecord]]:
    items = read_all("inspect", as_zip(*members))
    good = [item for item in items if isinstance(item, Imported)]
    return good, [item for item in items if isinstance(item, BadRecord)]


@pytest.mark.parametrize("size", [30 << 20, 300 << 20])
def test_a_member_that_unpacks_to_too_much_is_given_up(
    read_all: ReadAll, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(inspect_log_file, "FLOOR_BYTES", 20 << 20)

    good, bad = read(read_all, ("samples/1_epoch_1.json", "[" + " " * size + "]"))

    assert not good
    assert [item.why for item in bad] == ["the file unpacks to an unreasonable size"]


def test_members_that_unpack_to_too_much_together_are_given_up(
    read_all: ReadAll, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspect_log_file, "FLOOR_BYTES", 20 << 20)
    small = [(f"samples/{number}_epoch_1.json", " " * (1 << 20)) for number in range(100)]

    _, bad = read(read_all, *small)

    assert len(bad) < 40
    assert bad[-1].why == "the file unpacks to an unreasonable size"


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/abs", "\x1b[31mred", "\u202egpj", "x" * 60_000, "a\\..\\b", "", "a\nb"],
)
def test_names_of_members_are_never_paths_and_never_reach_a_terminal_raw(
    read_all: ReadAll, name: str
) -> None:
    member = f"samples/{name}.json"
    good, bad = read(read_all, (member, a_sample()), (member + "x.json", "no json"))

    assert len(good) == 1
    places = [*(item.position for item in good), *(item.position for item in bad)]
    assert all(place.isprintable() and len(place) <= 200 for place in places)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_both_read(read_all: ReadAll) -> None:
    name = "samples/1_epoch_1.json"

    good, _ = read(read_all, (name, a_sample()), (name, a_sample(id=2)))

    assert [item.case for item in good] == ["1", "2"]


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "hi"}] * 1_000_000,
        [{"role": "assistant", "content": "", "tool_calls": [{"function": "f"}] * 1_000_000}],
    ],
    ids=["messages", "calls"],
)
def test_a_sample_of_a_million_steps_is_refused_and_the_next_one_is_read(
    read_all: ReadAll, messages: Json
) -> None:
    good, bad = read(
        read_all, ("samples/1.json", a_sample(messages=messages)), ("samples/2.json", a_sample())
    )

    assert len(good) == 1
    assert [item.why for item in bad] == [
        f"messages: holds more than {inspect_log.MOST_STEPS} messages and calls"
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"messages": [{"role": "user", "content": [{}] * 1_000_000}]},
        {"target": ["x"] * 1_000_000},
        {"model_usage": {str(n): {"input_tokens": n} for n in range(100_000)}},
        {"scores": {str(n): {"value": 1} for n in range(100_000)}},
        {"metadata": {"deep": [[[]]] * 300_000}},
    ],
    ids=["parts", "targets", "usages", "scores", "metadata"],
)
def test_lists_of_a_million_items_elsewhere_are_read(
    read_all: ReadAll, changes: dict[str, Any]
) -> None:
    good, bad = read(read_all, ("samples/1.json", a_sample(**changes)))

    assert (len(good), bad) == (1, [])


def test_one_attachment_in_many_places_does_not_unfold_without_end(
    read_all: ReadAll,
) -> None:
    """20,000 messages that each stand for the same 5 MB are 100 GB in a store."""
    said = [{"role": "user", "content": "attachment://a"}] * 20_000

    good, bad = read(
        read_all,
        ("samples/1.json", a_sample(messages=said, attachments={"a": "x" * (5 << 20)})),
        ("samples/2.json", a_sample(messages=said, attachments={"a": "short"})),
    )

    assert len(good) == 1
    assert [item.why for item in bad] == ["attachments: unfolds to more than 256 MiB"]


@pytest.mark.parametrize("number", [10**400, -(10**400), 2**64, 1e308])
def test_absurd_numbers_are_refused_with_their_place_or_read(
    read_all: ReadAll, number: float
) -> None:
    usage = {"m": {"input_tokens": number, "total_cost": number}}
    scored = a_sample(scores={"s": {"value": number}})

    good, bad = read(
        read_all, ("samples/1.json", a_sample(model_usage=usage)), ("samples/2.json", scored)
    )

    assert len(good) + len(bad) == 2
    for item in good:
        cost = item.trace.trajectory.usage.cost_usd
        assert cost is None or cost >= 0
