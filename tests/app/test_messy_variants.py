"""Variants beside their parent: written once, kept up to date, never over a person's work."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from roadworthy.app.app import App
from roadworthy.app.cases import lint, list_cases
from roadworthy.app.messy import MessyReport, MessyRequest, make_variants
from roadworthy.app.report import show_run
from roadworthy.app.suites import load
from roadworthy.base.errors import BadRequest
from roadworthy.records.case import Kind
from roadworthy.suite.messy.long_context import LEAST_TURNS
from roadworthy.suite.recording_file import read_recording

if TYPE_CHECKING:
    from tests.app.conftest import Chat, Project

ASKED = "I want my money back for order 1003, please."
CALL = '{"tool":"find_order","arguments":{"order_id":"1003"},"result":{"paid":180}}\n'
ALL = "all"


@pytest.fixture
def refund(project: "Project") -> Path:
    """A regression case with a recording and a proof of its own."""
    project.write("evals/main/recordings/refund.jsonl", CALL)
    return project.case(
        "refund",
        ASKED,
        recording="recordings/refund.jsonl",
        history=[{"at": "2026-11-01T00:00:00Z", "change": "x -> y", "why": "z"}],
        tags=["money"],
    )


@pytest.fixture
def traffic(project: "Project", app: App, chat: "Chat") -> None:
    """Stored conversations, enough for a long history; one of them holds a secret."""
    for number in range(3):
        said = [
            {"role": role, "content": f"{role} {number}.{turn}, I am eve@mail.test"}
            for turn in range(20)
            for role in ("user", "assistant")
        ]
        lines = project.lines(chat(f"talk {number}", messages=said), name=f"{number}.jsonl")
        project.bring(app, lines)


def messy(app: App, *ops: str, case: str = "refund", **options: Any) -> MessyReport:
    return asyncio.run(make_variants(app, MessyRequest(case=case, ops=ops, **options)))


def states(report: MessyReport) -> dict[str, str]:
    return {line.case: line.state for line in report.variants}


def test_a_variant_is_a_capability_case_that_names_its_parent(app: App, refund: Path) -> None:
    report = messy(app, "typos")

    assert states(report) == {"refund--typos": "written"}
    cases = {case.id: case for case in load(app, "main").cases}
    child, parent = cases["refund--typos"], cases["refund"]
    assert (child.parent, child.kind, child.tags) == ("refund", Kind.CAPABILITY, parent.tags)
    assert child.input != parent.input
    assert "1003" in str(child.input)
    assert child.graders == parent.graders
    assert child.recording == parent.recording
    assert "history" not in Path(report.variants[0].path).read_text(encoding="utf-8")


def test_every_operator_makes_a_file_that_loads_and_lints(
    app: App, refund: Path, traffic: None
) -> None:
    report = messy(app, ALL, each=True)

    refused = [line for line in report.variants if line.why]
    assert [line.case for line in refused] == ["refund--long-results"]
    assert refused[0].why == "long-results: stored traces hold no replies of tools"
    assert [item for item in lint(app) if item.severity == "error"] == []
    assert len(list_cases(app, "main")) == 2 + 15


def test_making_them_again_changes_nothing(app: App, refund: Path, traffic: None) -> None:
    messy(app, ALL, each=True)
    before = _files(app)

    assert set(states(messy(app, ALL, each=True)).values()) == {"unchanged", "refused"}
    assert _files(app) == before


def test_later_traffic_does_not_change_a_variant(
    app: App, refund: Path, traffic: None, project: "Project", chat: "Chat"
) -> None:
    messy(app, "long-history")
    project.bring(app, project.lines(chat("later"), name="later.jsonl"))

    assert states(messy(app, "long-history")) == {"refund--long-history": "unchanged"}


def test_a_changed_parent_gives_its_variants_anew(
    app: App, refund: Path, project: "Project"
) -> None:
    messy(app, "anger")
    project.case("refund", "I want my money back for order 2004, please.")

    assert states(messy(app, "anger")) == {"refund--anger": "updated"}
    child = next(case for case in load(app, "main").cases if case.parent)
    assert "2004" in str(child.input)


def test_what_a_person_changed_is_left_alone_unless_forced(app: App, refund: Path) -> None:
    path = Path(messy(app, "anger").variants[0].path)
    edited = path.read_text(encoding="utf-8") + "# I read this\n"
    path.write_text(edited, encoding="utf-8")

    report = messy(app, "anger")
    assert states(report) == {"refund--anger": "edited"}
    assert report.refused == 1
    assert path.read_text(encoding="utf-8") == edited
    assert states(messy(app, "anger", force=True)) == {"refund--anger": "updated"}
    assert "I read this" not in path.read_text(encoding="utf-8")


def test_a_case_of_the_same_name_that_is_no_variant_is_never_overwritten(
    app: App, refund: Path, project: "Project"
) -> None:
    own = project.case("refund--typos", "mine")
    before = own.read_bytes()

    report = messy(app, "typos", "slang", each=True, force=True)
    assert states(report) == {"refund--typos": "refused", "refund--slang": "written"}
    assert own.read_bytes() == before


def test_a_dry_run_shows_the_files_and_writes_none(app: App, refund: Path) -> None:
    before = _files(app)
    report = messy(app, "injected-result", dry_run=True)

    (line,) = report.variants
    assert line.text is not None
    assert "planted-order" in line.text
    assert _files(app) == before
    assert messy(app, "injected-result").variants[0].text == line.text


def test_a_variant_with_other_results_has_a_recording_of_its_own(app: App, refund: Path) -> None:
    (line,) = messy(app, "injected-result").variants

    assert line.recording == "recordings/refund--injected-result.jsonl"
    own = read_recording(refund.parents[1] / line.recording)
    assert "paid" in json.dumps(own.calls[0].result)
    assert own.calls[0].result != {"paid": 180}


def test_a_recording_left_by_a_killed_try_does_not_stand_in_the_way(
    app: App, refund: Path, project: "Project"
) -> None:
    project.write("evals/main/recordings/refund--injected-result.jsonl", CALL)

    assert states(messy(app, "injected-result")) == {"refund--injected-result": "written"}


def test_several_operators_in_one_variant_stand_in_its_name(app: App, refund: Path) -> None:
    report = messy(app, "typos", "anger", seed=7)

    assert states(report) == {"refund--typos--anger.s7": "written"}


def test_a_long_history_comes_from_stored_traces_without_their_secrets(
    app: App, refund: Path, traffic: None
) -> None:
    messy(app, "long-history")
    child = next(case for case in load(app, "main").cases if case.parent)

    assert isinstance(child.input, list)
    assert len(child.input) > LEAST_TURNS
    said = json.dumps(child.input)
    assert "user 0." in said
    assert "eve@mail.test" not in said


def test_a_second_request_is_that_of_another_case(app: App, project: "Project") -> None:
    project.case("refund", ASKED)
    messy(app, "two-requests")
    child = next(case for case in load(app, "main").cases if case.parent)

    assert str(child.input).endswith("hello")
    wanted = {spec.options.get("text") for spec in child.graders if spec.grader == "contains"}
    assert wanted == {ASKED, "hello"}


@pytest.mark.parametrize(
    ("case", "ops", "why"),
    [
        ("nothing", "typos", "no case called"),
        ("refund", "typoes", "no operator called 'typoes'"),
        ("refund", "", "no operator was named"),
        ("refund--slang", "typos", "is itself a variant"),
        ("old", "typos", "is retired"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    project: "Project", refund: Path, case: str, ops: str, why: str
) -> None:
    app = project.app()
    messy(app, "slang")
    project.case("old", "an old case", kind="retired")

    with pytest.raises(BadRequest, match=why):
        messy(app, *ops.split(), case=case)


def test_a_run_tells_how_far_its_variants_lie_apart(app: App, project: "Project") -> None:
    project.case("refund", ASKED)
    messy(app, "misleading-context", "typos", each=True)
    project.run(app, repeats=5)
    (told,) = show_run(app, "latest").sensitivity

    assert told.parent == "refund"
    rates = {rate.case: (rate.passed, rate.measured) for rate in told.wordings}
    assert rates == {
        "refund": (5, 5),
        "refund--misleading-context": (5, 5),
        "refund--typos": (0, 5),
    }
    assert (told.spread, told.drop) == (1.0, 0.5)


def _files(app: App) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in app.project.rglob("evals/**/*.*")}
