"""What users import: pinned, loadable, and typed the way the files beside this one use it."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import roadworthy
import roadworthy.grade
import roadworthy.testing

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__).parent
PINNED = {
    roadworthy: {
        "Answer",
        "InfrastructureError",
        "ToolError",
        "__version__",
        "instrument",
        "record_message",
        "session",
        "tool",
    },
    roadworthy.grade: {"Cause", "Grade", "Grader", "Reading", "Trial", "Unmeasured", "as_grader"},
    roadworthy.testing: {
        "MemoryStore",
        "a_call",
        "a_case",
        "a_run",
        "a_trace",
        "a_trial",
        "span_ids",
    },
}


@pytest.mark.parametrize("module", PINNED, ids=lambda module: module.__name__)
def test_the_public_names_are_these_and_all_of_them_load(module: ModuleType) -> None:
    assert sorted(module.__all__) == sorted(PINNED[module])
    assert all(getattr(module, name) is not None for name in module.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'nothing'"):
        roadworthy.nothing  # noqa: B018 - that is the test


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(roadworthy.__file__).parent / "py.typed").is_file()


@pytest.fixture
def agents() -> dict[str, Any]:
    return runpy.run_path(str(HERE / "agents_users_write.py"))


async def test_agents_like_these_run_outside_of_any_trial(agents: dict[str, Any]) -> None:
    answered = await agents["answer_async"]("cancel it")

    assert agents["answer"]("order 7") == "order 7: on its way"
    assert (answered.output, answered.stop) == ({"cancelled": True}, "done")
    assert agents["agent"]({"name": "you"})["output"] == ["hello", "you"]
    with pytest.raises(roadworthy.ToolError):
        agents["look_up"](-1)
    with pytest.raises(roadworthy.InfrastructureError, match="away"):
        await agents["answer_async"]("")


async def test_sessions_like_these_work_in_an_agent_that_is_not_traced(
    agents: dict[str, Any],
) -> None:
    assert await agents["ask"]("7, ") == "7, 7, 7, : on its way"


async def test_a_grader_like_this_reads_a_trial() -> None:
    graders = runpy.run_path(str(HERE / "graders_users_write.py"))
    polite, explain = graders["polite"], graders["explain"]

    assert isinstance(polite, roadworthy.grade.Grader)
    said = await polite.grade(roadworthy.testing.a_trial(output="please wait"))
    silent = await polite.grade(roadworthy.testing.a_trial(output=None))

    assert explain(said) == "1.0: 'please' is there"
    assert explain(silent) == "no_output: there is no text to read"
