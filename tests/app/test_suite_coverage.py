"""The coverage map of a project: covered means measured, and gaps are told."""

from typing import Any

import pytest

from roadworthy.app.app import App
from roadworthy.app.suite_coverage import MapView, SuiteCoverage, map_suite
from roadworthy.base.errors import BadRequest


def the_map(found: SuiteCoverage, *by: str) -> MapView:
    return next(view for view in found.maps if view.by == by)


def test_a_cell_has_the_rate_that_was_last_measured(project: Any, app: App) -> None:
    project.case("a", "hi", category="greeting")
    project.case("b", "crash", category="greeting")
    project.run(app, suite="main")

    cell = the_map(map_suite(app, "main"), "category").cells[0]

    assert cell.covered
    assert (cell.cases, cell.rate.value, cell.rate.measured) == (("a", "b"), 0.5, 4)


def test_a_cell_whose_cases_were_never_measured_is_not_covered(project: Any, app: App) -> None:
    project.case("a", "hi", category="greeting")

    view = the_map(map_suite(app, "main"), "category")

    assert (view.covered, view.unmeasured, view.empty) == (0, 1, 0)
    assert view.cells[0].unmeasured == ("a",)
    assert view.cells[0].rate.value is None


def test_what_was_measured_before_a_case_was_changed_covers_nothing(project: Any, app: App) -> None:
    project.case("a", "hi", category="greeting")
    project.run(app, suite="main")
    project.case("a", "something else", category="greeting")

    assert the_map(map_suite(app, "main"), "category").covered == 0


def test_a_run_of_other_cases_leaves_the_older_rate(project: Any, app: App) -> None:
    project.case("a", "hi", category="greeting")
    project.run(app, suite="main", name="all")
    project.run(app, suite="main", name="some", cases=["hello"])

    assert the_map(map_suite(app, "main"), "category").covered == 1


def test_a_retired_case_leaves_its_cell_empty(project: Any, app: App) -> None:
    project.case("a", "hi", category="greeting")
    project.run(app, suite="main")
    project.case("a", "hi", category="greeting", kind="retired")

    view = the_map(map_suite(app, "main"), "category")

    assert (view.covered, view.empty) == (0, 1)
    assert view.gaps[0].beside == ("a",)


def test_the_plan_of_a_suite_makes_gaps_visible(project: Any, app: App) -> None:
    project.write(
        "evals/main/suite.yaml",
        """
        coverage:
          values:
            category: [greeting, refund]
            persona: [calm, angry]
          cross: [[category, persona]]
          never: [{category: refund, persona: calm}]
        """,
    )
    project.case("a", "hi", category="greeting", tags=["persona:calm"])

    found = map_suite(app, "main")

    gaps = the_map(found, "category", "persona").gaps
    assert [tuple(gap.values.values()) for gap in gaps] == [
        ("greeting", "angry"),
        ("refund", "angry"),
    ]
    assert all(gap.planned for gap in gaps)
    assert [tuple(gap.values.values()) for gap in the_map(found, "category").gaps] == [("refund",)]


def test_any_dimensions_can_be_crossed(project: Any, app: App) -> None:
    project.case("a", "hi", tags=["channel:mail", "mood:bad"])

    found = map_suite(app, "main", by=["channel", "mood"])

    assert [view.by for view in found.maps] == [("channel", "mood")]
    assert found.maps[0].unsaid == ("hello",)


@pytest.mark.parametrize("by", [["categroy"], ["category", "category"]])
def test_a_dimension_that_is_none_is_refused(by: list[str], app: App) -> None:
    with pytest.raises(BadRequest):
        map_suite(app, "main", by=by)


def test_what_no_case_says_is_told(app: App) -> None:
    assert map_suite(app, "main").notes == ("no case says: category, fault, persona, policy",)
