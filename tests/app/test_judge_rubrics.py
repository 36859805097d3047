"""Rubrics by name and path, and what is wrong with a suite that asks for judges."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from roadworthy.app.app import App
from roadworthy.app.cases import lint
from roadworthy.app.judging.rubrics import load_rubric, ready_rubrics
from roadworthy.app.suites import load
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadFile, BadRequest
from roadworthy.grade.judge.instrument import rubric_digest

if TYPE_CHECKING:
    from tests.app.conftest import Project

JUDGE = '\n[judges.main]\nmodel = "m"\nbase_url = "http://127.0.0.1:9/v1"\n'
MINE = "name: mine\nmin_score: 1\ncriteria: [{name: right, question: Is it?}]\n"


@pytest.fixture
def judged(project: "Project") -> "Project":
    settings = (project.folder / "roadworthy.toml").read_text(encoding="utf-8")
    project.write("roadworthy.toml", settings + JUDGE)
    project.write("evals/main/rubrics/mine.yaml", MINE)
    return project


def asked(project: "Project", *graders: Json) -> list[Json]:
    """Options of the graders in full form."""
    project.case("hello", "hello", graders=list(graders))
    (case,) = load(project.app(), "main").cases
    return [one.options for one in case.graders if one.grader in ("rubric", "pairwise")]


def problems(project: "Project", *graders: Json) -> list[tuple[str | None, str, str | None]]:
    with pytest.raises(BadFile) as caught:
        asked(project, *graders)
    return [(one.place, one.message, one.hint) for one in caught.value.problems]


@pytest.mark.parametrize("name", ready_rubrics())
def test_the_ready_rubrics_are_rubrics_and_are_called_like_their_files(name: str) -> None:
    rubric = load_rubric(name, None)

    assert rubric.name == name
    assert any(criterion.required for criterion in rubric.criteria)


def test_the_ready_rubrics_are_these() -> None:
    assert ready_rubrics() == (
        "completeness",
        "correctness",
        "groundedness",
        "next_step",
        "relevance",
        "tone",
    )


def test_a_case_holds_the_digest_of_the_rubric_it_was_loaded_with(judged: "Project") -> None:
    ready, own = asked(judged, {"rubric": "tone"}, {"rubric": {"rubric": "rubrics/mine.yaml"}})

    assert ready == {"rubric": "tone", "digest": rubric_digest(load_rubric("tone", None))}
    mine = load_rubric("rubrics/mine.yaml", judged.folder / "evals/main")
    assert own == {"rubric": "rubrics/mine.yaml", "digest": rubric_digest(mine)}


def test_another_rubric_makes_another_case(judged: "Project") -> None:
    judged.case("hello", "hello", graders=[{"rubric": "rubrics/mine.yaml"}])
    (before,) = load(judged.app(), "main").cases
    judged.write("evals/main/rubrics/mine.yaml", MINE.replace("Is it?", "Is it so?"))

    (after,) = load(judged.app(), "main").cases

    assert before.digest != after.digest


def test_a_comparison_is_completed_alike(judged: "Project") -> None:
    (options,) = asked(judged, {"pairwise": {"rubric": "tone", "against": "Hello!"}})

    assert isinstance(options, dict)
    assert options["digest"] == rubric_digest(load_rubric("tone", None))


@pytest.mark.parametrize(
    ("options", "place", "message"),
    [
        ("tune", "rubric", "no rubric called 'tune'"),
        ("../../secret.yaml", "rubric", "leads out of the suite's folder"),
        ("rubrics/other.yaml", "rubric", "no such file"),
        ({"rubric": "tone", "digest": "0" * 16}, "rubric", "is not the one that was asked for"),
        ({"rubric": "tone", "judge": "mian"}, "judge", "no judge called 'mian'"),
        ({"rubric": "tone", "panel": ["main", "x"]}, "panel[1]", "no judge called 'x'"),
    ],
)
def test_what_a_suite_gets_wrong_is_told_when_it_is_loaded(
    judged: "Project", options: Json, place: str, message: str
) -> None:
    ((where, said, _),) = problems(judged, {"rubric": options})

    assert where is not None
    assert where.endswith(place)
    assert message in said


def test_a_mistake_in_a_rubric_is_told_with_its_file_and_line(judged: "Project") -> None:
    judged.write("evals/main/rubrics/mine.yaml", MINE.replace("min_score: 1", "min_score: 75"))

    ((_, said, _),) = problems(judged, {"rubric": "rubrics/mine.yaml"})

    assert "rubrics/mine.yaml line 2: min_score: " in said


def test_what_a_rubric_shows_and_only_the_item_knows_must_be_given(judged: "Project") -> None:
    judged.write("evals/main/rubrics/mine.yaml", MINE + "references: [output, expected, policy]\n")

    found = problems(judged, {"rubric": "rubrics/mine.yaml"})

    assert [said for _, said, _ in found] == [
        "is missing, and rubric mine shows it",
        "is missing, and rubric mine shows it",
    ]
    given: Json = {"rubric": "rubrics/mine.yaml", "expected": "3 bags", "policy": "Be brief."}
    assert asked(judged, {"rubric": given})


def test_without_a_judge_in_the_settings_the_next_step_is_told(project: "Project") -> None:
    ((_, said, hint),) = problems(project, {"rubric": "tone"})

    assert said == "no judge is set up in roadworthy.toml"
    assert hint == 'add [judges.main] with model = "…"'


def test_with_several_judges_one_must_be_named(judged: "Project") -> None:
    settings = (judged.folder / "roadworthy.toml").read_text(encoding="utf-8")
    judged.write("roadworthy.toml", settings + '[judges.second]\nmodel = "n"\n')

    ((_, said, hint),) = problems(judged, {"rubric": "tone"})

    assert said == "the project has several judges"
    assert hint == "name one with `judge`, or several with `panel`: main, second"


def test_a_missing_extra_is_told_when_the_suite_is_checked(
    judged: "Project", monkeypatch: pytest.MonkeyPatch
) -> None:
    judged.case("hello", "hello", graders=[{"rubric": "tone"}])
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "roadworthy.app.judging.grader_check.find_spec",
        lambda name: None if name == "pydantic_ai" else real(name),
    )

    (problem,) = lint(judged.app(), "main")

    assert problem.hint == "pip install 'roadworthy[judge]'"


def test_a_ready_rubric_needs_no_folder_and_one_of_a_suite_does(tmp_path: Path) -> None:
    assert load_rubric("tone", None).name == "tone"
    with pytest.raises(BadRequest, match="there is no suite here"):
        load_rubric("rubrics/mine.yaml", None)


def test_an_address_with_a_password_in_it_is_refused(project: "Project", app: App) -> None:
    project.write(
        "roadworthy.toml", '[judges.main]\nmodel = "m"\nbase_url = "https://me:secret@host/v1"\n'
    )

    with pytest.raises(BadFile, match=r"judges.main.base_url"):
        _ = app.settings
