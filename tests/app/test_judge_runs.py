"""Runs whose graders ask judges: bound when the run begins, paid for once, told of at the end."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from roadworthy.app.app import App
from roadworthy.app.evaluate import RunRequest, execute, plan_run
from roadworthy.app.judging.binding import bound_graders
from roadworthy.app.judging.judges import ProjectJudges
from roadworthy.app.suites import load, suite_folder
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest
from roadworthy.records.reading import Cause, Grade, Reading, TrialReading, Unmeasured
from roadworthy.records.run import RunState
from roadworthy.run.runner import Control
from roadworthy.testing import a_trial
from roadworthy.testing.judge_server import JudgeReply, JudgeRequest, JudgeServer, fails, verdict

if TYPE_CHECKING:
    from tests.app.conftest import Project

RUBRIC = """
    name: echo
    min_score: 1
    criteria:
      - name: right
        question: Does it repeat the input?
"""


def script(request: JudgeRequest) -> JudgeReply:
    """A judge that passes what repeats its input."""
    shown = request.material
    is_right = str(shown["input"]) in str(shown.get("output", shown.get("first")))
    return verdict(right="pass" if is_right else "fail")


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with JudgeServer(script) as made:
        yield made


@pytest.fixture
def judged(project: "Project", server: JudgeServer) -> "Project":
    """Two cases, both with a rubric of the suite's own."""
    _settings(project, server)
    project.write("evals/main/rubrics/echo.yaml", RUBRIC)
    project.write("evals/main/suite.yaml", "repeats: 2\ngraders: [rubric: rubrics/echo.yaml]\n")
    project.case("bye", "bye")
    return project


def _settings(project: "Project", server: JudgeServer, *more: str) -> None:
    judge = f'[judges.main]\nmodel = "m"\nbase_url = "{server.url}"\n'
    target = '[targets.agent]\npython = "agent:answer"\n'
    project.write("roadworthy.toml", "\n".join([target, judge, *more]))


def readings(app: App, run: str) -> list[TrialReading]:
    return [
        reading
        for result in app.store.runs.results(run)
        for reading in result.readings
        if reading.grader == "rubric"
    ]


def test_a_run_is_graded_by_its_judges(judged: "Project", app: App, server: JudgeServer) -> None:
    row = judged.run(app, name="one")

    found = readings(app, row.run.id)
    assert row.state is RunState.FINISHED
    assert [isinstance(one.reading, Grade) and one.reading.passed for one in found] == [True] * 4
    assert {one.instrument.partition("/")[2] for one in found} == {
        "openai:m\N{MULTIPLICATION SIGN}1"
    }


def test_equal_answers_are_judged_once_and_another_run_asks_nothing(
    judged: "Project", app: App, server: JudgeServer
) -> None:
    judged.run(app, name="one")
    assert len(server.requests) == 2  # two cases; their repeats say the same

    judged.run(app, name="two")

    assert len(server.requests) == 2
    assert len(readings(app, "two")) == 4


def test_judges_that_do_not_answer_leave_trials_unmeasured(
    judged: "Project", app: App, server: JudgeServer
) -> None:
    server.script = lambda _: fails(400)

    judged.run(app, name="one")

    causes = [
        one.reading.cause for one in readings(app, "one") if isinstance(one.reading, Unmeasured)
    ]
    assert causes == [Cause.JUDGE_UNAVAILABLE] * 4


def test_the_limit_holds_over_every_try_of_a_run(
    judged: "Project", app: App, server: JudgeServer
) -> None:
    """One request of 1,100 tokens fits; a killed run that is resumed gets no second helping."""
    _settings(judged, server, "[judging]", "max_tokens = 1500")
    name = judged.plan(app, name="one", concurrency=1)
    control = Control()

    async def first_half() -> None:
        await execute(app, name, control=control, on_tick=lambda _: control.stop())

    asyncio.run(first_half())
    judged.execute(app, name)

    assert len(server.requests) == 1
    lost = [one.reading for one in readings(app, "one") if isinstance(one.reading, Unmeasured)]
    assert len(lost) == 2
    assert all("the budget for judges is used up" in one.why for one in lost)


def test_a_rubric_that_changed_ends_the_run_that_was_planned_with_it(
    judged: "Project", app: App
) -> None:
    name = judged.plan(app, name="one")
    judged.write("evals/main/rubrics/echo.yaml", RUBRIC.replace("min_score: 1", "min_score: 0.5"))

    with pytest.raises(BadRequest, match="cases changed since run one was planned"):
        judged.execute(app, name)


def test_a_run_whose_judge_has_no_key_is_not_even_planned(
    judged: "Project", app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    judged.write(
        "roadworthy.toml",
        '[targets.agent]\npython = "agent:answer"\n[judges.main]\nmodel = "m"\n',
    )

    with pytest.raises(BadRequest, match="the environment has no OPENAI_API_KEY"):
        judged.plan(app, name="one")

    assert app.store.runs.list() == []


def test_an_agent_that_says_it_is_the_judges_model_is_noted(judged: "Project", app: App) -> None:
    judges = ProjectJudges(app, None)
    judges.panel(["main"])

    judges.compare_with(["other", "m"])
    judges.compare_with(["m"])

    assert judges.notes == [
        "judge and agent are the same model, m: models favour their own answers"
    ]


def test_notes_reach_whoever_runs_it(judged: "Project", app: App) -> None:
    """An agent whose spans name the judge's model."""
    judged.write(
        "agent.py",
        """
        from opentelemetry import trace

        def answer(message):
            tracer = trace.get_tracer("agent")
            with tracer.start_as_current_span("chat") as span:
                span.set_attribute("gen_ai.operation.name", "chat")
                span.set_attribute("gen_ai.response.model", "m")
            return f"You said: {message}"
        """,
    )
    heard: list[str] = []
    name = plan_run(app, RunRequest(name="one")).id

    asyncio.run(execute(app, name, control=Control(), on_note=heard.append))

    assert heard == ["judge and agent are the same model, m: models favour their own answers"]


async def test_stored_trials_can_be_judged_without_a_run(
    judged: "Project", app: App, server: JudgeServer
) -> None:
    """What a later grading does: graders of the suite, bound, over trials that are there."""
    suite = load(app, "main")
    judges = ProjectJudges(app, suite_folder(app, "main"))
    (case, *_) = suite.cases
    graders = bound_graders(case.graders, judges, asked=case.input)

    found: list[Reading] = [
        await grader.grade(a_trial(output=f"You said: {case.input}"))
        for spec, grader in graders
        if spec.grader == "rubric"
    ]
    await judges.close()

    assert [isinstance(one, Grade) and one.passed for one in found] == [True]
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("against", "passed"), [("Nothing.", True), ("You said: hello, my dear", False)]
)
def test_two_answers_are_compared_in_both_orders(
    judged: "Project", app: App, server: JudgeServer, against: str, passed: bool
) -> None:
    def longer(request: JudgeRequest) -> JudgeReply:
        first, second = request.material["first"], request.material["second"]
        return verdict(right="first" if len(first) > len(second) else "second")

    server.script = longer
    item: Json = {"pairwise": {"rubric": "rubrics/echo.yaml", "against": against}}
    judged.write("evals/main/suite.yaml", "repeats: 1\n")
    judged.case("hello", "hello", graders=[item])

    judged.run(app, name="one", cases=["hello"])

    (result,) = app.store.runs.results("one")
    (reading,) = [one.reading for one in result.readings if one.grader == "pairwise"]
    assert isinstance(reading, Grade)
    assert (reading.passed, reading.score) == (passed, float(passed))
    assert len(server.requests) == 2
