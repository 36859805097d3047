"""A model that has changed: nothing that it said before stands for it any more."""

import asyncio
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from roadworthy.app.app import App
from roadworthy.app.calibration.anchors import AnchorCheck, AnchorState, check_all
from roadworthy.app.calibration.judged import Asked
from roadworthy.app.calibration.request import CalibrationRequest, run_calibration, run_probes
from roadworthy.app.calibration.trials import judged_trials
from roadworthy.app.judging.drifts import drifts_of
from roadworthy.app.regrading.plan import RegradeRequest
from roadworthy.app.regrading.regrade import regrade
from roadworthy.base.errors import UnknownName
from roadworthy.records.calibration import Calibration, Standing
from roadworthy.records.label import Label, trial_item
from roadworthy.testing.judge_server import JudgeReply, JudgeRequest, JudgeServer, verdict

if TYPE_CHECKING:
    from tests.app.conftest import Project

RUBRIC = "rubrics/echo.yaml"
RUBRIC_TEXT = """
    name: echo
    min_score: 1
    criteria:
      - name: right
        question: Does it repeat the input?
"""


def strict(request: JudgeRequest) -> JudgeReply:
    shown = request.material
    return verdict(right="pass" if str(shown["input"]) in str(shown["output"]) else "fail")


def lenient(request: JudgeRequest) -> JudgeReply:
    return verdict(right="pass")


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with JudgeServer(strict) as made:
        yield made


@pytest.fixture
def judged(project: "Project", server: JudgeServer) -> "Project":
    """Two judges, one of them at another temperature of the same model; a suite that asks one."""
    judges = [
        f'[judges.{name}]\nmodel = "{model}"\nbase_url = "{server.url}"\n{more}'
        for name, model, more in [("main", "m", ""), ("hot", "m", "temperature = 1\n")]
    ]
    target = '[targets.agent]\npython = "agent:answer"\n'
    project.write("roadworthy.toml", "\n".join([target, *judges]))
    for suite in ("main", "other"):
        project.write(f"evals/{suite}/rubrics/echo.yaml", RUBRIC_TEXT)
        graders = f"repeats: 1\ngraders: [rubric: {{rubric: {RUBRIC}, judge: main}}]\n"
        project.write(f"evals/{suite}/suite.yaml", graders)
    project.case("bye", "bye")
    project.write("labels.jsonl", "\n".join(json.dumps(row(number)) for number in range(60)))
    return project


def row(number: int) -> dict[str, object]:
    right = number % 2 == 0
    said = f"It is {number}." if right else "No."
    return {
        "item": f"q{number}",
        "labels": {"ann": "pass" if right else "fail"},
        "material": {"input": f"It is {number}.", "output": said},
    }


def request(
    judged: "Project", suite: str, judge: str, *, anchors: int | None
) -> CalibrationRequest:
    return CalibrationRequest(
        suite=suite,
        labels=judged.folder / "labels.jsonl",
        run_judge=True,
        asked=Asked(rubric=RUBRIC, judges=(judge,), suite=suite),
        anchors=anchors,
    )


def calibrate(
    judged: "Project",
    app: App,
    suite: str = "main",
    judge: str = "main",
    *,
    anchors: int | None = 40,
) -> Calibration:
    wanted = request(judged, suite, judge, anchors=anchors)
    return asyncio.run(run_calibration(app, wanted)).calibration


def drift(app: App, server: JudgeServer) -> AnchorCheck:
    """The model becomes lenient, and the anchors show it."""
    server.script = lenient
    found = asyncio.run(check_all(app))
    assert found[0].state is AnchorState.DRIFTED
    server.requests.clear()
    return found[0]


def label_all(app: App, run: str) -> None:
    """Somebody passes every trial of a run, drawn at random."""
    app.store.labels.add(
        [
            Label(
                id=f"{run}/{one.trial.case}",
                item=trial_item(run, one.trial.case, one.trial.repeat),
                question="echo",
                value="pass",
                annotator="ana",
                drawn="audit",
                at=1.0,
            )
            for one in app.store.runs.results(run)
        ]
    )


def test_a_run_after_a_drift_asks_what_was_answered_before(
    judged: "Project", app: App, server: JudgeServer
) -> None:
    calibrate(judged, app)
    judged.run(app, suite="main", name="before")
    drift(app, server)

    judged.run(app, suite="main", name="after")
    assert len(server.requests) == 2
    judged.run(app, suite="main", name="later")
    assert len(server.requests) == 2  # answers of after the drift are kept as ever


def test_so_do_regrading_calibrating_and_probing(
    judged: "Project", app: App, server: JudgeServer
) -> None:
    calibrate(judged, app)
    judged.run(app, suite="main", name="before")
    wanted = request(judged, "main", "main", anchors=None)
    asyncio.run(run_probes(app, wanted, items=12))
    drift(app, server)

    asyncio.run(regrade(app, "before", RegradeRequest()))
    regraded = len(server.requests)
    after = calibrate(judged, app, anchors=None)
    calibrated = len(server.requests)
    asyncio.run(run_probes(app, wanted, items=12))

    assert regraded == 2
    assert calibrated == regraded + 60
    assert after.standing is Standing.NOT_CALIBRATED
    assert len(server.requests) > calibrated


def test_what_was_said_before_a_drift_calibrates_nothing(
    judged: "Project", app: App, server: JudgeServer
) -> None:
    calibrate(judged, app)
    judged.run(app, suite="main", name="before")
    label_all(app, "before")
    drift(app, server)

    with pytest.raises(UnknownName, match="no labelled trial"):
        judged_trials(app, "echo", "main", None)

    judged.run(app, suite="main", name="after")
    label_all(app, "after")
    found = judged_trials(app, "echo", "main", None)
    assert {one.id.partition("/")[0] for one in found.labelled.items} == {"after"}


def test_a_reading_of_a_later_run_that_was_asked_before_the_drift_counts_for_nothing(
    judged: "Project", app: App, server: JudgeServer
) -> None:
    """A run that was under way when the drift was found may still have read the old answers."""
    calibrate(judged, app)
    judged.run(app, suite="main", name="before")
    drift(app, server)
    (entry, *_) = [
        one
        for result in app.store.runs.results("before")
        for one in result.readings
        if one.instrument
    ]

    assert drifts_of(app).touch(entry, began_at=app.clock().timestamp())


def test_a_drift_suspends_every_judge_of_that_model_wherever_it_was_calibrated(
    judged: "Project", app: App, server: JudgeServer
) -> None:
    calibrate(judged, app)
    calibrate(judged, app, "other", anchors=None)
    calibrate(judged, app, judge="hot", anchors=None)

    drift(app, server)

    newest = {
        (one.domain, one.models): app.store.calibrations.newest(one.instrument, one.domain)
        for one in app.store.calibrations.list()
    }
    assert set(newest) == {
        ("main", ("openai:m",)),
        ("other", ("openai:m",)),
        ("main", ("openai:m t=1",)),
    }
    assert {one.standing for one in newest.values() if one} == {Standing.DRIFTED}
    other = newest["other", ("openai:m",)]
    assert other is not None
    assert "show that its model changed" in other.reasons[0]


def test_anchors_of_before_the_drift_do_not_suspend_a_judge_that_was_calibrated_again(
    judged: "Project", app: App, server: JudgeServer
) -> None:
    calibrate(judged, app)
    drift(app, server)
    again = calibrate(judged, app, anchors=None)

    (found,) = asyncio.run(check_all(app))

    assert found.state is AnchorState.UNMEASURED
    assert "--freeze-anchors" in found.said
    assert app.store.calibrations.newest(again.instrument, "main") == again


def test_a_drift_that_is_seen_twice_is_one(
    judged: "Project", app: App, server: JudgeServer
) -> None:
    calibrate(judged, app)
    drift(app, server)
    first = drifts_of(app).of("openai:m")

    assert first is not None
    drift(app, server)
    assert drifts_of(app).of("openai:m") == first
    assert drifts_of(app).of("openai:another") is None
