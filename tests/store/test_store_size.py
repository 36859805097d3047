"""What real conversations cost on disk, and that importing them again costs nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from roadworthy.base.codec import Json, encode
from roadworthy.base.ids import hex_digest, span_id
from roadworthy.records import semconv
from roadworthy.records.grading import Grading
from roadworthy.records.judgement import Judgement, Unread
from roadworthy.records.label import Label
from roadworthy.records.reading import Grade, TrialReading
from roadworthy.records.span import Span
from roadworthy.records.trace import Trace
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.sql import SqlStore, open_store
from roadworthy.testing import a_run, a_trial

AIRLINE = Path(__file__).parents[3] / "shared/data/tau-trajectories/tau-bench/gpt-4o-airline.json"


def message(turn: dict[str, Json]) -> Json:
    parts: list[Json] = [{"type": "text", "content": turn["content"]}] if turn["content"] else []
    calls = turn.get("tool_calls") or []
    assert isinstance(calls, list)
    return {"role": turn["role"], "parts": [*parts, *calls]}


def spans(turns: list[dict[str, Json]], trace_id: str) -> Iterator[Span]:
    messages = [message(turn) for turn in turns]
    root = span_id(trace_id, "root")
    for place, turn in enumerate(turns):
        attributes: dict[str, Json] | None = None
        if turn["role"] == "assistant":
            attributes = {
                semconv.OPERATION: semconv.CHAT,
                semconv.INPUT_MESSAGES: messages[:place],
                semconv.OUTPUT_MESSAGES: [messages[place]],
            }
        elif turn["role"] == "tool":
            attributes = {
                semconv.OPERATION: semconv.EXECUTE_TOOL,
                semconv.TOOL_NAME: turn["name"],
                semconv.TOOL_CALL_ID: turn["tool_call_id"],
                semconv.TOOL_RESULT: turn["content"],
            }
        if attributes is not None:
            yield Span(
                id=span_id(trace_id, place),
                name="step",
                start_ns=place,
                end_ns=place,
                parent_id=root,
                attributes=attributes,
            )


@pytest.fixture(scope="module")
def airline() -> list[Trace]:
    if not AIRLINE.exists():
        pytest.skip(f"the tau-bench file is not at {AIRLINE}")
    traces = []
    for number, record in enumerate(json.loads(AIRLINE.read_bytes())):
        trace_id = hex_digest(str(number).encode())
        traces.append(
            Trace(id=trace_id, spans=tuple(spans(record["traj"], trace_id)), source="tau-bench")
        )
    return traces


def test_a_span_of_a_real_conversation_takes_six_tenths_of_a_kilobyte(
    airline: list[Trace], tmp_path: Path
) -> None:
    store = open_store(tmp_path / "store.db")

    assert store.traces.append(airline) == 200

    count = store.stats().rows["spans"]
    store.close()
    sent = sum(len(encode(trace)) for trace in airline)
    kept = (tmp_path / "store.db").stat().st_size
    assert kept / count <= 600, f"{kept / count:.0f} bytes per span"
    assert sent / kept > 10


def test_real_traces_come_back_whole_and_appending_them_again_changes_nothing(
    airline: list[Trace], tmp_path: Path
) -> None:
    path = tmp_path / "store.db"
    store = open_store(path)
    store.traces.append(airline)
    rows = store.stats().rows
    for trace in airline:
        assert encode(store.traces.load(trace.id)) == encode(trace)
    store.close()
    content = path.read_bytes()

    store = open_store(path)
    assert store.traces.append(airline) == 0
    assert store.stats().rows == rows
    store.close()
    assert path.read_bytes() == content


def test_appending_results_again_changes_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    reading = TrialReading(
        grader="exact", version=1, reading=Grade(passed=True, score=1.0, why="so")
    )
    results = [
        TrialResult(trial=a_trial([("look", {})], repeat=n), readings=(reading,)) for n in range(99)
    ]
    store = open_store(path)
    store.runs.create(a_run())
    assert store.runs.append(results) == 99
    store.close()
    content = path.read_bytes()

    store = open_store(path)
    assert store.runs.append(results) == 0
    store.close()

    assert path.read_bytes() == content


def test_grading_labelling_and_judging_again_changes_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    reading = TrialReading(
        grader="exact", version=2, reading=Grade(passed=True, score=1.0, why="so")
    )
    label = Label(id="l", item="i", question="tone", annotator="ann", value="pass")
    judgement = Judgement(
        model="m:x", rubric="r", number=0, unread=Unread.UNREADABLE, raw="Sure! " * 40
    )

    def write(store: SqlStore) -> tuple[int, int]:
        store.judgements.put("k", judgement)
        graded = store.runs.append_readings("run", 1, {("case", n): [reading] for n in range(99)})
        return store.labels.add([label]), graded

    store = open_store(path)
    store.runs.create(a_run())
    store.runs.append([TrialResult(trial=a_trial(None, repeat=n), readings=()) for n in range(99)])
    store.runs.begin_grading(Grading(run="run", number=1, started_at=1.0, cases=()))
    assert write(store) == (1, 99)
    store.close()
    content = path.read_bytes()

    store = open_store(path)
    assert write(store) == (0, 0)
    store.close()

    assert path.read_bytes() == content
