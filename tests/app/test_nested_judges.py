"""A judge inside another grader is checked with the suite: its rubric pinned, its lack told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from roadworthy.app.app import App
from roadworthy.app.judging.grader_check import grader_check
from roadworthy.base.codec import Json
from roadworthy.records.grader_spec import BadOptions

JUDGE = '[judges.main]\nmodel = "openai:gpt-4.1"\n'
NESTED: Json = [{"contains": "refund"}, {"not": {"rubric": "tone"}}]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "roadworthy.toml").write_text(JUDGE, encoding="utf-8")
    with App(tmp_path) as app:
        yield app


def test_the_digest_of_a_rubric_is_pinned_however_deep_it_stands(app: App) -> None:
    check = grader_check(app, app.project)

    alone = check("rubric", "tone")
    full = check("any", NESTED)

    assert alone["digest"]
    assert full == {
        "graders": [{"contains": {"text": "refund"}}, {"not": {"grader": {"rubric": alone}}}]
    }


def test_a_value_that_only_looks_like_a_rubric_is_left_alone(app: App) -> None:
    check = grader_check(app, app.project)

    assert check("exact", {"value": {"rubric": "tone"}}) == {"value": {"rubric": "tone"}}


def test_what_is_wrong_with_judges_inside_is_said_with_the_rest_at_its_place(app: App) -> None:
    check = grader_check(app, app.project)

    with pytest.raises(BadOptions) as caught:
        check(
            "weighted",
            {
                "graders": [
                    {"grader": {"rubric": {"rubric": "tone", "judge": "mian"}}},
                    {"grader": {"any": [{"rubric": "tones"}, {"regex": "("}]}},
                ],
                "at_least": 2,
            },
        )

    assert [one.place for one in caught.value.problems] == [
        "graders[0].grader.rubric.judge",
        "graders[1].grader.any[0].rubric.rubric",
        "graders[1].grader.any[1].regex.pattern",
        "at_least",
    ]
