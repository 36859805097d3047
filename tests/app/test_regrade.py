"""Stored trials under today's graders: what is read, what is refused, what is told."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.regrading.plan import RegradeRequest, plan_regrade
from roadworthy.app.regrading.regrade import regrade
from roadworthy.app.regrading.report import RegradeReport
from roadworthy.app.report import show_run
from roadworthy.app.verdicts import compare_runs, evidence
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.records.decision import Verdict
from roadworthy.records.grading import Grading
from roadworthy.records.reading import Cause, Unmeasured
from roadworthy.records.run import Budget, RunState
from roadworthy.run.tally import Tally
from roadworthy.testing.judge_server import JudgeServer, verdict

if TYPE_CHECKING:
    from tests.app.conftest import Chat, Project

STRICT: Json = [{"contains": "hello"}, {"contains": "goodbye"}]
LENIENT: Json = [{"contains": "You said"}]
POLICY = """
    policy:
      - name: few-words
        severity: high
        budget: {max_calls: 0}
"""

LEAVES_A_FILE = """
    from pathlib import Path

    def answer(message):
        Path(__file__).with_name("seen.txt").write_text(message)
        return f"You said: {message}"
"""


def again(app: App, run: str = "one", **request: Any) -> RegradeReport:
    return asyncio.run(regrade(app, run, RegradeRequest(**request)))


def expecting(project: "Project", output: Json, name: str = "hello", says: str = "hello") -> None:
    project.case(name, says, expect={"output": output})


@pytest.fixture
def ran(project: "Project", app: App) -> App:
    """One case, which passes both of its trials."""
    project.run(app, name="one")
    return app


def test_trials_are_read_by_todays_graders_though_the_agent_is_gone(
    ran: App, project: "Project"
) -> None:
    (project.folder / "agent.py").unlink()
    expecting(project, STRICT)

    report = again(ran)

    assert (report.passed_to_failed, report.unchanged, report.trials) == (2, 0, 2)
    assert (report.before, report.grading, report.in_force) == (0, 1, True)
    row = ran.store.runs.load("one")
    assert (row.passed, row.failed, row.grading) == (0, 2, 1)


def test_a_report_says_that_the_grading_changed_and_the_agent_did_not(
    ran: App, project: "Project"
) -> None:
    expecting(project, STRICT)

    assert again(ran).meaning == "the grading changed, the agent did not"


def test_what_was_said_before_is_kept_and_can_be_shown(ran: App, project: "Project") -> None:
    before = list(ran.store.runs.results("one"))
    expecting(project, STRICT)
    again(ran)

    assert list(ran.store.runs.results("one", grading=0)) == before
    assert show_run(ran, "one", grading=0).pass_rate.value == 1.0
    shown = show_run(ran, "one")
    assert shown.pass_rate.value == 0.0
    assert [(one.number, one.in_force) for one in shown.gradings] == [(0, False), (1, True)]


def test_a_changed_verdict_names_the_grader_that_made_it_and_what_it_says(
    ran: App, project: "Project"
) -> None:
    expecting(project, STRICT)

    first = again(ran).changes[0]

    assert (first.case, first.repeat, first.before, first.after) == ("hello", 0, "passed", "failed")
    (made,) = first.graders
    assert (made.grader, made.cause, made.why_before) == ("contains", "new", None)
    assert made.why_after is not None
    assert "goodbye" in made.why_after


def test_a_grader_that_is_asked_in_another_way_tells_both_reasons(
    ran: App, project: "Project"
) -> None:
    expecting(project, [{"contains": "goodbye"}])

    (made,) = again(ran).changes[0].graders

    assert (made.cause, made.said_before, made.said_after) == ("options", "passed", "failed")
    assert made.before != made.after
    assert made.why_before == "the expected text is in the output"
    assert made.why_after == '"goodbye" is not in the output (0 of 1 found)'


def test_a_grader_that_is_gone_can_turn_a_failure_into_a_pass(project: "Project", app: App) -> None:
    expecting(project, STRICT)
    project.run(app, name="one")
    expecting(project, [{"contains": "hello"}])

    report = again(app)

    assert report.failed_to_passed == 2
    assert [one.cause for one in report.changes[0].graders] == ["gone"]
    assert report.pass_rate_before.value == 0.0
    assert report.pass_rate_after.value == 1.0
    assert report.pass_rate_after.measured == 2


def test_the_evidence_of_a_run_is_that_of_the_grading_in_force(
    ran: App, project: "Project"
) -> None:
    before = evidence(ran, "one")
    expecting(project, STRICT)
    again(ran)

    after = evidence(ran, "one")

    assert (before.cases[0].passed, after.cases[0].failed) == (2, 2)
    assert (before.grading, after.grading) == (0, 1)
    assert before.cases[0].digest != after.cases[0].digest


def test_a_case_that_asks_something_else_today_leaves_its_trials_unmeasured(
    ran: App, project: "Project"
) -> None:
    project.case("hello", "hello there")

    report = again(ran)

    assert report.to_unmeasured == 2
    (refused,) = report.refused
    assert (refused.case, refused.why) == (
        "hello",
        "what the case asks has changed since the trial",
    )
    for result in ran.store.runs.results("one"):
        for entry in result.readings:
            assert isinstance(entry.reading, Unmeasured)
            assert entry.reading.cause is Cause.CASE_CHANGED
    planned = ran.store.runs.load("one").run.cases[0]
    assert evidence(ran, "one").cases[0].digest == planned.digest


@pytest.mark.parametrize(("says", "refused"), [("hello", 0), ("hello there", 1)])
def test_a_run_of_before_there_were_digests_of_the_question_is_read_if_that_is_proved(
    ran: App, project: "Project", says: str, refused: int
) -> None:
    row = ran.store.runs.load("one")
    old = replace(row.run, id="old", cases=tuple(replace(c, asked="") for c in row.run.cases))
    ran.store.runs.create(old)
    ran.store.runs.append(
        [replace(one, trial=replace(one.trial, run="old")) for one in ran.store.runs.results("one")]
    )
    expecting(project, LENIENT, says=says)

    report = again(ran, "old")

    assert len(report.refused) == refused
    assert all("may have changed" in one.why for one in report.refused)
    assert report.to_unmeasured == 2 * refused


def test_only_some_cases_are_read_and_the_others_keep_their_readings(
    project: "Project", app: App
) -> None:
    project.case("bye", "bye")
    project.run(app, name="one")
    expecting(project, STRICT)
    expecting(project, STRICT, name="bye", says="bye")

    report = again(app, cases=("hello",))

    assert report.kept == ("bye",)
    assert report.passed_to_failed == 2
    found = {case.case: (case.passed, case.failed) for case in evidence(app, "one").cases}
    assert found == {"hello": (0, 2), "bye": (2, 0)}


def test_a_case_that_the_suite_no_longer_has_keeps_its_readings(
    project: "Project", app: App
) -> None:
    project.case("bye", "bye")
    project.run(app, name="one")
    (project.folder / "evals/main/cases/bye.yaml").unlink()

    report = again(app)

    assert (report.kept, report.unchanged, report.ungraded) == (("bye",), 4, 0)


def test_a_rehearsal_tells_the_same_and_stores_nothing(ran: App, project: "Project") -> None:
    expecting(project, STRICT)

    rehearsed = again(ran, dry_run=True)

    assert ran.store.runs.gradings("one") == []
    assert (rehearsed.grading, rehearsed.in_force) == (None, False)
    real = again(ran)
    same = ("changes", "graders", "passed_to_failed", "pass_rate_before", "pass_rate_after")
    assert [getattr(rehearsed, name) for name in same] == [getattr(real, name) for name in same]


def test_grading_again_with_nothing_changed_changes_no_verdict(ran: App) -> None:
    report = again(ran)

    assert (report.unchanged, report.changes) == (2, ())
    assert all(one.before == one.after for one in report.graders)


def begun(app: App, **changed: Any) -> Grading:
    """A grading of today's plan that was killed before its first reading, or after."""
    plan = plan_regrade(app, app.store.runs.load("one"), RegradeRequest())
    made = Grading(run="one", number=1, started_at=1.0, cases=plan.cases, source=str(plan.folder))
    made = replace(made, **changed)
    app.store.runs.begin_grading(made)
    return made


def test_a_grading_that_was_killed_goes_on_where_it_was(ran: App) -> None:
    begun(ran)
    first = next(iter(ran.store.runs.results("one")))
    ran.store.runs.append_readings("one", 1, {("hello", 0): first.readings})

    report = again(ran)

    assert (report.grading, report.resumed, report.trials) == (1, 1, 2)
    assert len(ran.store.runs.gradings("one")) == 1


def test_a_killed_grading_with_graders_inside_graders_goes_on_too(
    project: "Project", app: App
) -> None:
    expecting(project, [{"all": [{"contains": "hello"}, {"contains": "You said"}]}])
    project.run(app, name="one")
    begun(app)
    first = next(iter(app.store.runs.results("one")))
    app.store.runs.append_readings("one", 1, {("hello", 0): first.readings})

    report = again(app)

    assert (report.grading, report.resumed, report.trials) == (1, 1, 2)


def test_another_plan_begins_the_next_grading(ran: App, project: "Project") -> None:
    begun(ran)
    expecting(project, STRICT)

    report = again(ran)

    assert (report.grading, report.resumed) == (2, 0)
    assert ran.store.runs.load("one").grading == 2


def test_a_grader_of_another_version_is_never_mixed_into_a_grading(ran: App) -> None:
    begun(ran)
    first = next(iter(ran.store.runs.results("one")))
    other = tuple(replace(entry, version=entry.version + 1) for entry in first.readings)
    ran.store.runs.append_readings("one", 1, {("hello", 0): other})

    assert again(ran).grading == 2


def test_a_case_that_changed_while_the_grading_was_killed_begins_the_next(
    ran: App, project: "Project"
) -> None:
    begun(ran)
    first = next(iter(ran.store.runs.results("one")))
    ran.store.runs.append_readings("one", 1, {("hello", 0): first.readings})
    project.case("hello", "hello there", expect={"output": [{"contains": "hello"}]})

    report = again(ran)

    assert (report.grading, report.to_unmeasured) == (2, 2)


LOOK: Json = [{"file": "seen.txt", "name": "seen", "expect": {"text": {"$contains": "hello"}}}]


@pytest.fixture
def looked(project: "Project", app: App) -> App:
    """A run whose agent leaves a file, which is looked at after each trial and then deleted."""
    project.write("agent.py", LEAVES_A_FILE)
    project.case("hello", "hello", end_state=LOOK)
    project.run(app, name="one")
    assert app.store.runs.load("one").passed == 2
    (project.folder / "seen.txt").unlink()
    return app


def test_what_was_seen_right_after_a_trial_can_be_graded_again(
    looked: App, project: "Project"
) -> None:
    other: Json = [{"file": "seen.txt", "name": "seen", "expect": {"text": {"$contains": "bye"}}}]
    project.case("hello", "hello", end_state=other)

    (made,) = again(looked).changes[0].graders

    assert (made.grader, made.said_after) == ("end_state", "failed")


def test_a_look_elsewhere_leaves_only_what_it_saw_unmeasured(
    looked: App, project: "Project"
) -> None:
    other: Json = [
        {"file": "other.txt", "name": "seen", "expect": {"text": {"$contains": "hello"}}}
    ]
    project.case("hello", "hello", end_state=other)

    report = again(looked)

    assert (report.refused, report.to_unmeasured) == ((), 2)
    assert {one.grader: one.after for one in report.graders if one.after} == {
        "completed": {"passed": 2, "failed": 0, "unmeasured": 0},
        "contains": {"passed": 2, "failed": 0, "unmeasured": 0},
        "end_state": {"passed": 0, "failed": 0, "unmeasured": 2},
    }


def test_an_unfinished_grading_is_told_and_counts_for_nothing(ran: App) -> None:
    begun(ran)

    shown = show_run(ran, "one")

    assert (shown.grading, shown.pass_rate.value) == (0, 1.0)
    assert [one.finished_at is None for one in shown.gradings] == [False, True]


def test_progress_counts_every_trial_once(ran: App) -> None:
    seen: list[int] = []

    def tick(tally: Tally) -> None:
        seen.append(tally.before + tally.written)

    asyncio.run(regrade(ran, "one", RegradeRequest(), on_tick=tick))

    assert seen[-1] == 2


def test_a_run_without_trials_has_nothing_to_grade(project: "Project", app: App) -> None:
    project.plan(app, name="one")

    with pytest.raises(BadRequest, match="no trials yet"):
        again(app)


def test_a_case_that_the_run_does_not_have_is_refused(ran: App) -> None:
    with pytest.raises(UnknownName, match="has no case 'helo'") as caught:
        again(ran, cases=("helo",))

    assert caught.value.hint == "did you mean 'hello'?"


def test_a_grading_that_there_is_not_cannot_be_shown(ran: App) -> None:
    with pytest.raises(UnknownName, match="has no grading 7"):
        show_run(ran, "one", grading=7)


def test_runs_that_were_graded_differently_are_no_change_of_the_agent(
    ran: App, project: "Project"
) -> None:
    expecting(project, STRICT)
    project.run(ran, name="two")

    decision = compare_runs(ran, "one", "two")

    assert decision.verdict is not Verdict.FAIL
    assert decision.comparison is not None
    assert decision.comparison.changes == ()
    told = " | ".join(decision.comparison.not_comparable)
    assert "graded differently (nothing" not in told
    assert "graded differently (no such grader → contains@1/" in told
    assert "to grade both alike: roadworthy eval regrade one" in told


def test_graded_alike_the_runs_can_be_compared(ran: App, project: "Project") -> None:
    expecting(project, STRICT)
    project.run(ran, name="two")
    again(ran, "one")

    decision = compare_runs(ran, "one", "two")

    assert decision.comparison is not None
    assert decision.comparison.not_comparable == ()
    assert [change.change for change in decision.comparison.changes] == ["unchanged"]


def test_another_judge_is_a_change_of_the_grading(project: "Project", app: App) -> None:
    del app
    with JudgeServer(lambda asked: verdict(right="pass" if asked.model == "m" else "fail")) as s:
        _judged(project, s, "m")
        project.run(project.app(), name="one")
        _judged(project, s, "n")

        report = again(project.app())

    (made,) = report.changes[0].graders
    assert (made.grader, made.cause) == ("rubric", "judge")


def test_what_a_judge_said_once_is_not_paid_for_again(project: "Project") -> None:
    with JudgeServer(lambda _: verdict(right="pass")) as server:
        _judged(project, server, "m")
        project.run(project.app(), name="one")
        asked = len(server.requests)

        report = again(project.app())

    assert asked
    assert len(server.requests) == asked
    assert report.unchanged == 2


def test_judges_keep_to_the_budget_of_the_grading(project: "Project") -> None:
    with JudgeServer(lambda _: verdict(right="pass")) as server:
        _judged(project, server, "m")
        project.case("bye", "bye")
        project.run(project.app(), name="one")
        _judged(project, server, "n")
        asked = len(server.requests)

        report = again(project.app(), budget=Budget(tokens=1))

    assert len(server.requests) == asked + 1  # what one costs is known when it has answered
    assert (report.to_unmeasured, report.unchanged) == (2, 2)


def _judged(project: "Project", server: JudgeServer, model: str) -> None:
    judge = f'[judges.main]\nmodel = "{model}"\nbase_url = "{server.url}"\n'
    project.write("roadworthy.toml", f'[targets.agent]\npython = "agent:answer"\n{judge}')
    criteria: Json = [{"name": "right", "question": "Is it right?"}]
    rubric: Json = {"name": "echo", "min_score": 1, "criteria": criteria}
    project.write("evals/main/rubrics/echo.yaml", json.dumps(rubric))
    project.write("evals/main/suite.yaml", "repeats: 2\ngraders: [rubric: rubrics/echo.yaml]\n")


@pytest.fixture
def imported(project: "Project", app: App, chat: "Chat") -> App:
    """Two trials that were run elsewhere: one success, one failure."""
    project.write("evals/rules/suite.yaml", POLICY)
    project.bring(app, project.lines(chat("a"), chat("b", success=False)), as_run="one")
    return app


def test_an_imported_run_needs_the_name_of_a_suite(imported: App) -> None:
    with pytest.raises(BadRequest, match="was imported, so it has no suite of its own"):
        again(imported)


def test_an_imported_run_is_held_to_a_policy_beside_what_its_source_recorded(
    imported: App,
) -> None:
    before = {r.trial.case: r.readings for r in imported.store.runs.results("one")}

    again(imported, suite="rules")

    for result in imported.store.runs.results("one"):
        assert result.readings[:1] == before[result.trial.case]
        assert [entry.grader for entry in result.readings] == [
            "recorded_outcome",
            "policy.budget:few-words",
        ]


def test_an_imported_run_is_graded_by_its_latest_suite_if_none_is_named(imported: App) -> None:
    again(imported, suite="rules")

    assert again(imported).grading == 2


def test_a_suite_without_graders_of_its_own_reads_no_imported_run(imported: App) -> None:
    with pytest.raises(BadRequest, match="has no graders of its own"):
        again(imported, suite="main")


def test_trials_that_come_after_a_grading_are_unmeasured_until_the_next(
    imported: App, project: "Project", chat: "Chat"
) -> None:
    again(imported, suite="rules")
    project.bring(imported, project.lines(chat("a"), chat("c"), name="more.jsonl"), as_run="one")

    shown = show_run(imported, "one")

    assert (shown.ungraded, shown.unmeasured, shown.trials) == (1, 1, 3)
    report = again(imported)
    assert (report.from_unmeasured, report.ungraded) == (1, 0)
    assert show_run(imported, "one").ungraded == 0


def test_a_run_that_was_interrupted_can_be_graded_as_far_as_it_went(
    ran: App, project: "Project"
) -> None:
    ran.store.runs.set_state("one", RunState.INTERRUPTED, at=1.0)
    expecting(project, STRICT)

    assert again(ran).passed_to_failed == 2
