"""A red-green proof that hangs on a judge is as good as the judge."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from roadworthy.app.app import App
from roadworthy.app.verify_case import Verification, VerifyRequest, verify_case
from roadworthy.records.calibration import Calibration, Standing
from roadworthy.records.decision import Verdict
from roadworthy.run.runner import Control
from roadworthy.testing.judge_server import JudgeReply, JudgeRequest, JudgeServer, verdict

if TYPE_CHECKING:
    from tests.app.conftest import Project

RUBRIC = (
    "name: echo\nmin_score: 1\ncriteria: [{name: right, question: Does it repeat the input?}]\n"
)
SUITE = "repeats: 1\ngraders: [rubric: rubrics/echo.yaml]\n"


def script(request: JudgeRequest) -> JudgeReply:
    shown = request.material
    return verdict(right="pass" if str(shown["input"]) in str(shown["output"]) else "fail")


@pytest.fixture
def judged(project: "Project") -> Iterator["Project"]:
    """A candidate that only a judge decides; `red` fails it and `green` passes."""
    with JudgeServer(script) as server:
        judge = f'[judges.main]\nmodel = "m"\nbase_url = "{server.url}"\n'
        targets = "".join(f'[targets.{one}]\npython = "{one}:answer"\n' for one in ("red", "green"))
        project.write("roadworthy.toml", targets + judge)
        project.write("red.py", "def answer(message):\n    return 'no idea'\n")
        project.write("green.py", "def answer(message):\n    return message\n")
        project.write("evals/main/rubrics/echo.yaml", RUBRIC)
        project.write("evals/main/suite.yaml", SUITE)
        project.case("hello", "hello", kind="candidate", expect={"output": [{"contains": "e"}]})
        yield project


def verified(app: App) -> Verification:
    request = VerifyRequest(case="hello", red="red", green="green")
    return asyncio.run(verify_case(app, request, control=Control()))


def test_a_judge_that_nobody_calibrated_proves_nothing(judged: "Project", app: App) -> None:
    found = verified(app)

    assert found.verdict is Verdict.UNMEASURED
    assert "never calibrated" in found.why
    assert "next: roadworthy judge calibrate" in found.why
    assert (found.red.measured, found.green.measured, found.kind) == (0, 0, "candidate")


def test_a_suite_may_let_it_prove_in_writing_and_the_reason_is_told(
    judged: "Project", app: App
) -> None:
    judged.write("evals/main/suite.yaml", SUITE + "uncalibrated_judges: labels come next week\n")

    found = verified(app)

    assert found.verdict is Verdict.PASS
    assert "labels come next week" in found.why
    assert found.kind == "regression"


def test_a_calibrated_judge_proves(judged: "Project", app: App) -> None:
    first = verified(app)
    (result, *_) = app.store.runs.results(first.red.run)
    (entry,) = [one for one in result.readings if one.instrument]
    app.store.calibrations.add(
        Calibration(
            id="1",
            instrument=entry.instrument,
            rubric="echo",
            rubric_digest="",
            models=("openai:m",),
            domain="main",
            standing=Standing.CALIBRATED,
            reasons=(),
            at=1.0,
        )
    )

    found = verified(app)

    assert found.verdict is Verdict.PASS
    assert found.kind == "regression"
