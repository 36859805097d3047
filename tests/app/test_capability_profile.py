"""The pass rate of groups of cases, with what it rests on."""

from typing import Any

from roadworthy.app.app import App
from roadworthy.app.capability_profile import ProfileLine
from roadworthy.app.report import show_run


def lines(app: App, run: str) -> dict[tuple[str, str], ProfileLine]:
    return {(one.by, one.value): one for one in show_run(app, run).profile}


def test_groups_have_the_rates_of_their_cases(project: Any, app: App) -> None:
    project.case("good", "hi", category="greeting", tags=["persona:calm", "vip"])
    project.case("bad", "crash", category="greeting", difficulty="hard")
    run = project.run(app, suite="main").run.id

    found = lines(app, run)

    greeting = found["category", "greeting"]
    assert (greeting.cases, greeting.rate.value, greeting.rate.measured) == (2, 0.5, 4)
    assert greeting.rate.low is not None
    assert greeting.rate.low < 0.5
    assert found["difficulty", "hard"].rate.value == 0.0
    assert found["persona", "calm"].rate.value == 1.0
    assert found["tags", "vip"].cases == 1


def test_a_dimension_in_which_all_cases_are_alike_is_no_group(project: Any, app: App) -> None:
    run = project.run(app, suite="main").run.id

    assert lines(app, run) == {}


def test_a_case_that_was_changed_since_has_no_category_of_then(project: Any, app: App) -> None:
    project.case("good", "hi", category="greeting", tags=["vip"])
    run = project.run(app, suite="main").run.id
    project.case("good", "something else", category="other", tags=["vip"])

    assert set(lines(app, run)) == {("tags", "vip")}


def test_a_group_that_was_not_measured_has_no_rate(project: Any, app: App) -> None:
    project.case("lost", "hi", tags=["vip"])
    run = project.plan(app, suite="main")

    line = lines(app, run)["tags", "vip"]

    assert (line.unmeasured, line.rate.value, line.rate.measured) == (1, None, 0)


def test_a_suite_that_cannot_be_read_leaves_tags_and_tiers(project: Any, app: App) -> None:
    project.case("good", "hi", category="greeting", tags=["vip"])
    run = project.run(app, suite="main").run.id
    project.write("evals/main/suite.yaml", "repeats: [")

    assert ("tags", "vip") in lines(app, run)


def test_more_tags_than_anyone_reads_are_cut_to_those_of_most_cases(project: Any, app: App) -> None:
    project.case("one", "hi", tags=[f"t{n}" for n in range(80)])
    project.case("two", "ho", tags=["t79"])
    run = project.run(app, suite="main").run.id

    found = [value for by, value in lines(app, run) if by == "tags"]

    assert len(found) == 50
    assert "t79" in found
