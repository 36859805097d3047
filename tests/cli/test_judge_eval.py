"""`eval run` with a judge, from the command line to the exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from roadworthy.app.app import App
from roadworthy.records.reading import Grade
from roadworthy.testing.judge_server import (
    JudgeReply,
    JudgeRequest,
    JudgeServer,
    fails,
    says,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Done, Roadworthy

    from roadworthy.records.reading import Reading

SUITE = """
repeats: 1
graders:
  - rubric: {rubric: correctness, expected: It left on Monday.}
"""
AGENT = """
def answer(message):
    return "It left on Monday."
"""
CASE = {"kind": "regression", "input": "Where is my refund?", "expect": {"output": ["completed"]}}


@pytest.fixture
def judged(tmp_path: Path, roadworthy: Roadworthy) -> Callable[..., Done]:
    """`eval run --json` of one case whose judge answers as told."""

    def run(script: Callable[[JudgeRequest], JudgeReply]) -> Done:
        with JudgeServer(script) as server:
            (tmp_path / "roadworthy.toml").write_text(
                '[targets.agent]\npython = "agent:answer"\n'
                f'[judges.main]\nmodel = "m"\nbase_url = "{server.url}"\nmax_tries = 1\n'
            )
            return roadworthy("eval", "run", "--json")

    cases = tmp_path / "evals" / "refunds" / "cases"
    cases.mkdir(parents=True)
    (cases / "where.yaml").write_text(json.dumps(CASE))
    (cases.parent / "suite.yaml").write_text(SUITE)
    (tmp_path / "agent.py").write_text(AGENT)
    return run


def reading(project: Path) -> Reading:
    """What the judge's grader found on the one trial."""
    with App(project) as app:
        (row,) = app.store.runs.list()
        (result,) = app.store.runs.results(row.run.id)
    return next(one.reading for one in result.readings if one.grader == "rubric")


def test_a_judge_that_is_content_passes_a_trial(
    judged: Callable[..., Done], tmp_path: Path
) -> None:
    done = judged(lambda _: verdict(correct="5"))

    assert done.data["trials"] == 1, done.err
    found = reading(tmp_path)
    assert isinstance(found, Grade)
    assert found.passed


def test_a_judge_that_is_not_fails_it_and_says_why_without_control_characters(
    judged: Callable[..., Done], tmp_path: Path
) -> None:
    done = judged(lambda _: verdict(correct="1", reason="wrong day\x1b[2J"))

    found = reading(tmp_path)
    assert isinstance(found, Grade)
    assert not found.passed
    assert "wrong day" in done.out
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize("reply", [says("Looks good to me!"), fails(500)])
def test_a_judge_that_gives_no_verdict_measures_nothing(
    judged: Callable[..., Done], reply: JudgeReply
) -> None:
    done = judged(lambda _: reply)

    assert (done.code, done.data["unmeasured"]) == (4, 1)
    assert "Traceback" not in done.err


def test_what_the_judge_is_shown_is_the_case_and_the_expectation(
    judged: Callable[..., Done],
) -> None:
    asked: list[JudgeRequest] = []

    def script(request: JudgeRequest) -> JudgeReply:
        asked.append(request)
        return verdict(correct="5")

    judged(script)

    assert asked[0].material == {
        "input": "Where is my refund?",
        "output": "It left on Monday.",
        "expected": "It left on Monday.",
    }
