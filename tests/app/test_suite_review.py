"""Reviews of real runs and of a project's files, and retirement after a person's yes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from roadworthy.app.app import App
from roadworthy.app.import_traces import import_file
from roadworthy.app.suite_review import review
from roadworthy.app.suite_review_list import plan_from_file, write_list
from roadworthy.app.suites import load
from roadworthy.base.errors import BadFile, BadRequest, UnknownName
from roadworthy.gate.spring_cleaning.ground import Rule
from roadworthy.gate.spring_cleaning.proposal import Advice, SuiteReview
from roadworthy.gate.spring_cleaning.subject import CleaningPolicy
from roadworthy.records.case import Kind

TAU2 = Path(__file__).parents[3] / "shared" / "data" / "tau-trajectories" / "tau2-bench"
VERSIONS = ("gpt-4.1_airline", "ft-gpt-4.1_airline", "qwen2.5-7b_airline")
POLICY = CleaningPolicy()
ASKS = "Where is my order 7781? It was to be here by last Friday."


@pytest.fixture(scope="module")
def airline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Three versions of an airline agent on tau2-bench, one trial of each task."""
    if not TAU2.is_dir():
        pytest.skip(f"the published trajectories are not here: {TAU2}")
    with App(tmp_path_factory.mktemp("airline")) as app:
        for name in VERSIONS:
            path = TAU2 / f"{name}.json"
            import_file(app, path, as_run=name, format_name=None, strict=True)
        yield app


def rules(found: SuiteReview) -> dict[str, set[Rule]]:
    return {one.case: {ground.rule for ground in one.grounds} for one in found.cases}


def test_of_the_airline_tasks_two_never_failed_in_three_versions(airline: App) -> None:
    """By hand: rewarded by all of gpt-4.1, its fine-tuned successor and qwen2.5-7b."""
    found = rules(review(airline, "tau2-bench", POLICY))

    assert {case for case, seen in found.items() if Rule.NEVER_FAILED in seen} == {"13", "31"}


def test_three_trials_saturate_no_airline_task(airline: App) -> None:
    found = rules(review(airline, "tau2-bench", POLICY))

    assert not any(Rule.SATURATED in seen for seen in found.values())


def test_a_lower_bar_saturates_those_two(airline: App) -> None:
    """Three passes of three: a failure rate of at most 1 - 0.05^(1/3) = 0.63."""
    found = rules(review(airline, "tau2-bench", CleaningPolicy(saturated_rate=0.64)))

    assert {case for case, seen in found.items() if Rule.SATURATED in seen} == {"13", "31"}


def test_the_three_broken_airline_tasks_failed_alike_and_chance_explains_it(airline: App) -> None:
    """Tasks 18, 29 and 45: passed, then failed twice. One pattern of three, by chance."""
    found = review(airline, "tau2-bench", POLICY)
    broken = {pair for pair in found.shared if pair.equal and pair.case in {"29", "45"}}

    assert {(pair.case, pair.other) for pair in broken} == {
        ("29", "18"),
        ("45", "18"),
        ("45", "29"),
    }
    assert not any(pair.shown for pair in found.shared)
    assert not found.together.cases


def test_the_price_of_published_trials_is_unknown_and_not_nothing(airline: App) -> None:
    found = review(airline, "tau2-bench", POLICY)

    assert all(one.spending.cost_usd is None for one in found.cases)
    assert found.runs_per_year is None
    assert any("cost of" in note for note in found.notes)


def test_a_suite_that_neither_files_nor_runs_know_is_unknown(app: App) -> None:
    with pytest.raises(UnknownName):
        review(app, "nowhere", POLICY)


def test_a_review_changes_no_file(project: Any, app: App) -> None:
    project.case("b", ASKS)
    project.case("a", ASKS)
    before = {path: path.read_bytes() for path in project.folder.rglob("*.yaml")}

    found = review(app, "main", POLICY)

    assert found.together.cases == ("b",)
    assert {path: path.read_bytes() for path in project.folder.rglob("*.yaml")} == before


def test_a_list_is_written_read_and_applied_with_its_reasons(project: Any, app: App) -> None:
    project.case("a", ASKS)
    project.case("b", ASKS)
    path = project.folder / "retire.yaml"
    write_list(review(app, "main", POLICY), path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("near duplicate:", "asked twice:"), encoding="utf-8")

    done = plan_from_file(app, path, suite="main").write()

    kinds = {case.id: case.kind for case in load(app, "main").cases}
    assert done.retired == ("b",)
    assert kinds == {"a": Kind.REGRESSION, "b": Kind.RETIRED, "hello": Kind.REGRESSION}
    assert "asked twice:" in (project.folder / "evals/main/cases/b.yaml").read_text("utf-8")


def test_a_list_applied_again_does_what_is_left_and_no_more(project: Any, app: App) -> None:
    project.case("a", ASKS)
    project.case("b", ASKS)
    path = project.folder / "retire.yaml"
    write_list(review(app, "main", POLICY), path)
    plan_from_file(app, path, suite=None).write()
    file = project.folder / "evals/main/cases/b.yaml"
    before = file.read_bytes()

    again = plan_from_file(app, path, suite=None).write()

    assert (again.retired, again.already) == ((), ("b",))
    assert file.read_bytes() == before


def test_all_that_is_wrong_with_a_list_is_told_and_nothing_is_retired(
    project: Any, app: App
) -> None:
    project.case("a", ASKS)
    project.case("b", ASKS)
    path = project.folder / "retire.yaml"
    listed = write_list(review(app, "main", POLICY), path).retire[0]
    entry = f"  - {{case: b, digest: {listed.digest}, why: twice}}\n"
    stale = "  - {case: a, digest: older, why: it was changed}\n"
    unknown = "  - {case: c, digest: x, why: no such case}\n"
    path.write_text(f"suite: main\nretire:\n{entry}{entry}{stale}{unknown}", encoding="utf-8")

    with pytest.raises(BadFile) as wrong:
        plan_from_file(app, path, suite=None)

    assert [problem.line for problem in wrong.value.problems] == [4, 5, 6]
    assert all(case.kind is Kind.REGRESSION for case in load(app, "main").cases)


@pytest.mark.parametrize(
    "text",
    ["", "suite: main\n", "suite: main\nretire: [{case: a}]\n", "retire: 3\nsuite: 4\n", "- a\n"],
)
def test_a_list_that_is_none_is_refused(text: str, project: Any, app: App) -> None:
    path = project.write("retire.yaml", text)

    with pytest.raises(BadFile):
        plan_from_file(app, path, suite=None)


def test_a_list_of_another_suite_is_refused(project: Any, app: App) -> None:
    path = project.write("retire.yaml", "suite: main\nretire: []\n")

    with pytest.raises(BadRequest, match="suite main, not of other"):
        plan_from_file(app, path, suite="other")


def test_a_list_is_never_written_over_a_file(project: Any, app: App) -> None:
    path = project.write("retire.yaml", "mine\n")

    with pytest.raises(BadRequest, match="already"):
        write_list(review(app, "main", POLICY), path)

    assert path.read_text(encoding="utf-8") == "mine\n"


def test_the_dates_of_a_case_come_from_its_file(project: Any, app: App) -> None:
    """Drafted in January, not touched since, and run with one outcome."""
    history = [{"at": "2026-01-05T00:00:00Z", "change": "candidate -> regression", "why": "w"}]
    project.case("old", "hello", history=history)
    project.run(app, suite="main")

    one = next(one for one in review(app, "main", POLICY).cases if one.case == "old")

    days = (datetime(2026, 11, 20, tzinfo=UTC) - datetime(2026, 1, 5, tzinfo=UTC)).days
    assert {ground.rule for ground in one.grounds} >= {Rule.STALE}
    assert any(f"not changed for {days} days" in ground.why for ground in one.grounds)
    assert one.advice is Advice.LOOK
