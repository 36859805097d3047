"""The ten Langfuse exports as a person reads them: each call once, and titled by the question."""

from collections.abc import Callable
from pathlib import Path

import pytest

from roadworthy.ingest.formats import formats, read_file
from roadworthy.ingest.importer import Imported
from roadworthy.records.told_path import tell
from roadworthy.records.trace import Trace
from roadworthy.records.trace_summary import summarise

Published = Callable[[str], Path]
CALLS = {
    "agno-2025-06-11": 1,
    "claude-agent-2025-12-22": 2,
    "crewai-2025-07-11": 0,
    "google-adk-2025-08-28": 1,
    "langgraph-python-2025-08-22": 1,
    "llamaindex-2025-06-05": 0,
    "microsoft-agent-2025-12-17": 1,
    "openai-agents-2025-09-30": 1,
    "pydantic-ai-tools-2025-06-06": 0,
    "vercel-aisdk-2025-11-17": 1,
}


def exported(foreign: Published, name: str) -> Trace:
    (item,) = read_file(foreign(f"trace-formats/langfuse/{name}.trace.json"), formats())
    assert isinstance(item, Imported), item
    return item.trace


@pytest.mark.parametrize(("name", "count"), CALLS.items())
def test_each_call_stands_once_in_the_message_that_made_it(
    foreign: Published, name: str, count: int
) -> None:
    """Also where the messages give it no id and its span does, or the other way round."""
    turns = tell(exported(foreign, name).trajectory)

    calls = [call for turn in turns for call in turn.calls]
    assert len(calls) == count
    assert all(call.result is not None for call in calls)
    assert all(turn.message is not None for turn in turns)
    assert [part for turn in turns for part in turn.parts] == []


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("langgraph-python-2025-08-22", "Search the web for 'example' and summarize."),
        ("google-adk-2025-08-28", "hi"),
        ("agno-2025-06-11", "What is currently trending on Twitter?"),
        ("llamaindex-2025-06-05", "What is Langfuse?"),
    ],
)
def test_a_trace_is_titled_by_what_the_user_asked(
    foreign: Published, name: str, question: str
) -> None:
    assert summarise(exported(foreign, name)).question == question
