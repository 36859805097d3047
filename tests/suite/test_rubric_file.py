"""Rubric files: what they hold, and every mistake with its line."""

from pathlib import Path
from textwrap import dedent

import pytest

from roadworthy.base.errors import BadFile
from roadworthy.records.rubric import Aggregate, Criterion, Flaw, Reference, Scale
from roadworthy.suite.rubric_file import read_rubric


def rubric_file(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def test_a_whole_rubric_is_read(tmp_path: Path) -> None:
    path = rubric_file(
        tmp_path,
        """
        name: refund-answer
        version: "3"
        min_score: 0.6
        aggregate: majority
        references: [output, documents]
        optional: [policy]
        domain: Refunds of flights.
        penalties: {hedged: 0.25}
        criteria:
          - name: amount
            question: Is the amount right?
            required: true
            quotes: true
          - name: tone
            question: Is it calm?
            scale: 1..5
            weight: 0.5
            anchors: [a, b, c, d, e]
        """,
    )

    rubric = read_rubric(path)

    assert (rubric.name, rubric.version, rubric.min_score) == ("refund-answer", "3", 0.6)
    assert rubric.aggregate is Aggregate.MAJORITY
    assert rubric.references == (Reference.OUTPUT, Reference.DOCUMENTS)
    assert rubric.optional == (Reference.POLICY,)
    assert rubric.penalties == {Flaw.HEDGED: 0.25}
    assert rubric.domain == "Refunds of flights."
    assert rubric.criteria == (
        Criterion(name="amount", question="Is the amount right?", required=True, quotes=True),
        Criterion(
            name="tone",
            question="Is it calm?",
            scale=Scale.ONE_TO_FIVE,
            weight=0.5,
            anchors=("a", "b", "c", "d", "e"),
        ),
    )


def test_every_mistake_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    path = rubric_file(
        tmp_path,
        """\
        name: Mine
        min_score: 75
        refrences: [output]
        criteria:
          - name: tone
            question: ""
            scale: 1..4
            weight: 0
        """,
    )

    with pytest.raises(BadFile) as caught:
        read_rubric(path)

    assert [(one.line, one.place) for one in caught.value.problems] == [
        (1, "name"),
        (2, "min_score"),
        (3, "refrences"),
        (6, "criteria[0].question"),
        (7, "criteria[0].scale"),
        (8, "criteria[0].weight"),
    ]
    assert caught.value.problems[2].hint == "did you mean 'references'?"


def test_mistakes_between_parts_are_told_with_their_line(tmp_path: Path) -> None:
    path = rubric_file(
        tmp_path,
        """\
        name: mine
        min_score: 0.5
        references: [input]
        optional: [input]
        criteria:
          - name: tone
            question: Is it?
            anchors: [only one]
          - {name: tone, question: Is it?}
        """,
    )

    with pytest.raises(BadFile) as caught:
        read_rubric(path)

    assert [str(one).partition("mine.yaml ")[2] for one in caught.value.problems] == [
        "line 5: criteria: 2 criteria are called 'tone'",
        "line 8: criteria[0].anchors: pass_fail has 2 answers, got 1 anchors",
        "line 3: references: does not name output, which is what is judged",
        "line 4: optional: input is among `references` already",
    ]


def test_a_rubric_without_criteria_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="criteria: must not be empty"):
        read_rubric(rubric_file(tmp_path, "name: mine\nmin_score: 1\ncriteria: []\n"))
