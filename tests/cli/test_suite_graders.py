"""`suite graders`: every grader with its options, for people and for programs."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from roadworthy.app import grader_list
from roadworthy.app.grader_list import list_graders, type_in_words
from roadworthy.base.errors import BadRequest
from roadworthy.cli.main import cli
from roadworthy.grade import registry
from roadworthy.grade.registry import grader_names


def printed(*words: str) -> str:
    result = CliRunner().invoke(cli, ["suite", "graders", *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_grader_is_listed_with_a_line_that_says_what_it_does() -> None:
    rows: list[dict[str, Any]] = json.loads(printed("--json"))

    assert {"not", "weighted", "bleu", "policy.tools", "rubric"} <= {row["name"] for row in rows}
    assert [row["name"] for row in rows if not row["summary"] or row["problem"]] == []
    lines = printed().splitlines()
    assert len(lines) == len(rows) + 1
    assert any(line.startswith("refusal ") and "expected, phrases" in line for line in lines)


def test_one_grader_is_shown_with_types_and_defaults() -> None:
    text = printed("similarity")

    assert text.startswith("similarity, version 1, from roadworthy\n\nPasses when")
    rows = [line.split() for line in text.splitlines()[-3:]]
    assert rows == [
        ["text", "text", "or", "list", "of", "text", "required"],
        ["at_least", "number", "required"],
        ["method", "ratio", "|", "token_sort", "|", "partial", '"ratio"'],
    ]


def test_a_grader_without_options_says_so() -> None:
    assert printed("completed").endswith("\n\nIt takes no options.\n")


def test_one_grader_as_json_has_the_same_options() -> None:
    row = json.loads(printed("refusal", "--json"))

    assert row["version"] == 1
    assert row["options"] == [
        {
            "name": "expected",
            "type": "true or false",
            "required": False,
            "default": True,
            "bare": True,
        },
        {
            "name": "phrases",
            "type": "list of text",
            "required": False,
            "default": [],
            "bare": False,
        },
    ]


def test_a_name_that_nobody_answers_to_offers_the_nearest() -> None:
    result = CliRunner().invoke(cli, ["suite", "graders", "similarty"])

    assert isinstance(result.exception, BadRequest)
    assert result.exception.hint == "did you mean 'similarity'?"


def test_no_type_is_shown_in_pythons_own_words() -> None:
    types = [one.type for row in list_graders() for one in row.options]

    assert types
    assert [one for one in types if "[" in one or "." in one or "Any" in one] == []
    assert type_in_words(dict[str, int]) == "mapping"
    assert type_in_words(int | None) == "whole number or nothing"


def test_a_hostile_package_cannot_write_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        name, value = "\x1b[2Jbad", "package:\x1b]0;x\x07"

        def load(self) -> object:
            raise ImportError("\x1b[31m\n\u202e")

    monkeypatch.setattr(registry, "_offered", lambda: {Entry.name: Entry()})
    monkeypatch.setattr(grader_list, "grader_names", lambda: [Entry.name, *grader_names()])

    for text in (printed(), printed("--json")):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "cannot be loaded" in text
