"""Inspect logs in both containers: samples as trials, scores as outcomes."""

import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roadworthy.base.codec import Json
from roadworthy.ingest.formats import formats, read_file
from roadworthy.ingest.importer import BadRecord, Imported, Item
from roadworthy.records.trace import TraceOutcome

ReadAll = Callable[[str, Json | bytes], list[Item]]

SPEC: Json = {"task": "popularity", "model": "ollama/gemma3", "run_id": "r1", "eval_id": "e1"}


def a_sample(**changes: Any) -> dict[str, Any]:
    sample: dict[str, Any] = {
        "id": 1,
        "epoch": 1,
        "input": "Is it so?",
        "target": " Yes",
        "messages": [
            {"role": "user", "content": "Is it so?", "source": "input"},
            {
                "role": "assistant",
                "content": [
                    {"type": "reasoning", "reasoning": "let me look"},
                    {"type": "text", "text": "Looking."},
                ],
                "source": "generate",
                "model": "gemma3",
                "tool_calls": [
                    {"id": "bash_1", "function": "bash", "arguments": {"cmd": "ls"}},
                    {"id": "bash_2", "function": "bash", "arguments": {"cmd": "cat x"}},
                ],
            },
            {"role": "tool", "content": "a", "tool_call_id": "bash_1", "function": "bash"},
            {
                "role": "tool",
                "content": "",
                "tool_call_id": "bash_2",
                "function": "bash",
                "error": {"type": "file_not_found", "message": "x"},
            },
            {"role": "assistant", "content": "Yes", "source": "generate"},
        ],
        "output": {"choices": [{"stop_reason": "stop"}]},
        "scores": {"match": {"value": "C", "answer": "Yes", "explanation": "as asked"}},
        "model_usage": {"ollama/gemma3": {"input_tokens": 66, "output_tokens": 3}},
        "uuid": "u1",
    }
    return {**sample, **changes}


def as_json(*samples: Any) -> dict[str, Any]:
    return {"version": 2, "status": "success", "eval": SPEC, "samples": list(samples)}


def as_zip(*samples: Any, header: str = "header.json") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", json.dumps({"version": 2, "eval": SPEC}))
        for sample in samples:
            name = f"samples/{sample['id']}_epoch_{sample['epoch']}.json"
            archive.writestr(name, json.dumps(sample))
        if header == "header.json":
            archive.writestr(header, json.dumps({"version": 2, "status": "success", "eval": SPEC}))
    return file.getvalue()


def one(items: list[Item]) -> Imported:
    (item,) = items
    assert isinstance(item, Imported), item
    return item


def test_a_sample_is_a_trial_with_its_calls_and_errors(read_all: ReadAll) -> None:
    item = one(read_all("inspect", as_json(a_sample(epoch=3))))
    listed, failed = item.trace.trajectory.agent_calls

    assert (item.case, item.repeat) == ("1", 2)
    assert (listed.tool, listed.arguments, listed.result) == ("bash", {"cmd": "ls"}, "a")
    assert failed.error == "file_not_found: x"
    assert item.trace.trajectory.final_answer == "Yes"
    assert item.trace.version == "ollama/gemma3"
    assert item.trace.name == "popularity sample 1"
    assert item.trace.stop == "stop"
    assert item.trace.trajectory.usage.tokens == 69
    assert item.trace.outcome == TraceOutcome(
        success=True, score=1.0, source="Inspect scorer match"
    )


def test_the_zip_and_the_json_of_one_log_give_the_same_traces(read_all: ReadAll) -> None:
    samples = [a_sample(), a_sample(epoch=2), a_sample(id="b")]
    plain = read_all("inspect", as_json(*samples))
    packed = read_all("inspect", as_zip(*samples))
    unfinished = read_all("inspect", as_zip(*samples, header="none"))

    traces = [one([item]).trace for item in plain]
    assert [one([item]).trace for item in packed] == traces
    assert [one([item]).trace for item in unfinished] == traces
    assert packed[0].position == "samples/1_epoch_1.json"


@pytest.mark.parametrize(
    ("value", "success", "score"),
    [
        ("C", True, 1.0),
        ("I", False, 0.0),
        ("P", False, 0.5),
        ("N", False, 0.0),
        (True, True, 1.0),
        (False, False, 0.0),
        (1, True, 1.0),
        (0.7, False, 0.7),
        ("yes", True, 1.0),
        ("0.25", False, 0.25),
        (7, None, 7.0),
        ("garbage", None, None),
        ({"a": 1}, None, None),
        ([1, 0], None, None),
        (float("nan"), None, None),
    ],
)
def test_scores_say_success_or_nothing(
    read_all: ReadAll, value: Any, success: bool | None, score: float | None
) -> None:
    item = one(read_all("inspect", as_json(a_sample(scores={"match": {"value": value}}))))

    assert item.trace.outcome is not None
    assert (item.trace.outcome.success, item.trace.outcome.score) == (success, score)


def test_the_first_scorer_decides_and_all_are_kept(read_all: ReadAll) -> None:
    scores = {"match": {"value": "I"}, "grader": {"value": "C", "explanation": "kind"}}
    item = one(read_all("inspect", as_json(a_sample(scores=scores))))

    assert item.trace.outcome is not None
    assert item.trace.outcome.success is False
    assert item.trace.attributes["inspect.scores"] == scores


@pytest.mark.parametrize(
    ("changes", "stop"),
    [
        ({"error": {"message": "the sandbox is gone", "traceback": ""}}, "error"),
        ({"limit": {"type": "message", "limit": 30}}, "max_turns"),
        ({"limit": {"type": "token", "limit": 30}}, "max_tokens"),
        ({"limit": {"type": "working", "limit": 30}}, "timeout"),
        ({"limit": {"type": "operator", "limit": 1}}, "operator"),
        ({"output": {"choices": []}}, None),
    ],
)
def test_what_halted_a_sample_is_its_stop(
    read_all: ReadAll, changes: dict[str, Any], stop: str | None
) -> None:
    assert one(read_all("inspect", as_json(a_sample(**changes)))).trace.stop == stop


def test_an_error_leaves_no_outcome_and_says_why(read_all: ReadAll) -> None:
    broken = a_sample(error={"message": "the sandbox is gone"})
    trace = one(read_all("inspect", as_json(broken))).trace

    assert trace.outcome is None
    assert trace.attributes["roadworthy.source_error"] == "the sandbox is gone"


def test_unscored_samples_have_no_outcome(read_all: ReadAll) -> None:
    assert one(read_all("inspect", as_json(a_sample(scores=None)))).trace.outcome is None


def test_attachments_are_put_back(read_all: ReadAll) -> None:
    sample = a_sample(
        input="attachment://abc",
        messages=[
            {"role": "user", "content": "attachment://abc"},
            {"role": "user", "content": [{"type": "text", "text": "attachment://gone"}]},
        ],
        attachments={"abc": "a long question"},
    )
    trace = one(read_all("inspect", as_json(sample))).trace

    assert trace.trajectory.messages[0].text == "a long question"
    assert trace.trajectory.messages[1].text == "attachment://gone"
    assert trace.attributes["roadworthy.user_instruction"] == "a long question"


def test_answers_that_came_with_the_task_are_no_model_calls(read_all: ReadAll) -> None:
    shot = {"role": "assistant", "content": "an example", "source": "input"}
    sample = a_sample()
    sample["messages"].insert(0, shot)

    assert one(read_all("inspect", as_json(sample))).trace.trajectory.model_calls == 2


def test_a_broken_sample_costs_only_itself(read_all: ReadAll) -> None:
    good, bad = read_all("inspect", as_zip(a_sample(), {**a_sample(), "id": 2, "epoch": 0}))

    assert isinstance(good, Imported)
    assert isinstance(bad, BadRecord)
    assert (bad.position, bad.why) == ("samples/2_epoch_0.json", "epoch: counts from 1")


def packed(content: bytes, method: int, *, names: bytes = b"") -> bytes:
    """A zip file that says of its members that `method` packed them: all, or those named so."""
    changed = bytearray(content)
    for mark, at, name_at in ((b"PK\x03\x04", 8, 30), (b"PK\x01\x02", 10, 46)):
        place = changed.find(mark)
        while place >= 0:
            if changed[place + name_at :].startswith(names):
                changed[place + at : place + at + 2] = method.to_bytes(2, "little")
            place = changed.find(mark, place + 4)
    return bytes(changed)


@pytest.mark.parametrize(("method", "named"), [(95, "xz"), (98, "ppmd"), (77, "a method")])
def test_a_compression_that_python_lacks_is_named_once_with_a_way_out(
    method: int, named: str, read_all: ReadAll
) -> None:
    (item,) = read_all("inspect", packed(as_zip(a_sample()), method))

    assert isinstance(item, BadRecord)
    assert item.position == "file"
    assert item.why.startswith(f"is packed with {named} (zip method {method})")
    assert item.hint == "convert it first: inspect log convert FILE --to json --output-dir DIR"


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python can unpack zstd")
def test_zstd_which_newer_versions_of_inspect_write_is_named_with_the_python_that_reads_it(
    read_all: ReadAll,
) -> None:
    (item,) = read_all("inspect", packed(as_zip(a_sample()), 93))

    assert isinstance(item, BadRecord)
    assert item.why == ("is packed with zstd (zip method 93), which Python can unpack from 3.14 on")


def test_one_sample_that_cannot_be_unpacked_costs_only_itself(read_all: ReadAll) -> None:
    content = as_zip(a_sample(), {**a_sample(), "id": 2})

    good, bad = read_all("inspect", packed(content, 95, names=b"samples/2_"))

    assert isinstance(good, Imported)
    assert isinstance(bad, BadRecord)
    assert bad.position == "samples/2_epoch_1.json"
    assert "zip method 95" in bad.why


@pytest.mark.parametrize("cut", [3, 40, 400, -30])
def test_a_cut_zip_is_one_bad_record(read_all: ReadAll, cut: int) -> None:
    (item,) = read_all("inspect", as_zip(a_sample())[:cut])

    assert isinstance(item, BadRecord)


def test_a_zip_bomb_is_given_up(read_all: ReadAll, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roadworthy.ingest.inspect_log_file.FLOOR_BYTES", 1 << 20)
    bomb = [a_sample(id=name, setup="0" * (2 << 20)) for name in range(50)]
    items = read_all("inspect", as_zip(*bomb))

    assert len(items) < 20
    assert isinstance(items[-1], BadRecord)
    assert items[-1].why == "the file unpacks to an unreasonable size"


def test_a_log_is_told_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    packed, plain = tmp_path / "log.bin", tmp_path / "log.json"
    packed.write_bytes(as_zip(a_sample()))
    plain.write_text(json.dumps(as_json(a_sample())))

    assert one(list(read_file(packed, formats()))).case == "1"
    assert one(list(read_file(plain, formats()))).case == "1"
