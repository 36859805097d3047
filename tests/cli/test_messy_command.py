"""`roadworthy case messy` as scripts and people see it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Roadworthy

CASE = """\
kind: regression
input: I want my money back for order 1003, please.
expect: {output: [{contains: "1003"}]}
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "roadworthy.toml").write_text("", encoding="utf-8")
    cases = tmp_path / "evals" / "desk" / "cases"
    cases.mkdir(parents=True)
    (cases.parent / "suite.yaml").write_text("", encoding="utf-8")
    (cases / "refund.yaml").write_text(CASE, encoding="utf-8")
    return cases


def test_it_writes_a_file_for_each_and_exits_with_0(roadworthy: "Roadworthy", suite: Path) -> None:
    done = roadworthy("case", "messy", "refund", "--ops", "typos, anger", "--each")

    assert done.code == 0
    assert [line.rpartition("/")[2] for line in done.out.splitlines()] == [
        "refund--typos.yaml",
        "refund--anger.yaml",
    ]
    assert (suite / "refund--typos.yaml").exists()


def test_what_cannot_be_made_is_told_and_exits_with_1(
    roadworthy: "Roadworthy", suite: Path
) -> None:
    done = roadworthy("case", "messy", "refund", "--ops", "typos,long-results", "--each")

    assert done.code == 1
    assert "refund--typos.yaml" in done.out
    assert "it has no recording whose results could grow" in done.err


def test_when_nothing_could_be_made_it_exits_with_2(roadworthy: "Roadworthy", suite: Path) -> None:
    done = roadworthy("case", "messy", "refund", "--ops", "injected-result", "--json")

    assert done.code == 2
    assert done.data["variants"][0]["state"] == "refused"


def test_a_dry_run_prints_the_file_and_writes_none(roadworthy: "Roadworthy", suite: Path) -> None:
    done = roadworthy("case", "messy", "refund", "--ops", "missing-fields", "--dry-run")

    assert done.code == 0
    assert "  input: I want my money back for order, please." in done.out.splitlines()
    assert [path.name for path in suite.iterdir()] == ["refund.yaml"]


def test_the_intensity_stands_in_the_name(roadworthy: "Roadworthy", suite: Path) -> None:
    done = roadworthy(
        "case", "messy", "refund", "--ops", "typos", "--intensity", "heavy", "--seed", "2", "--json"
    )

    assert done.data["variants"][0]["case"] == "refund--typos.heavy.s2"


def test_a_hostile_input_cannot_reach_the_terminal(roadworthy: "Roadworthy", suite: Path) -> None:
    hostile = 'input: "please refund \\e[31m order 7"\nexpect: {output: [{contains: x}]}\n'
    (suite / "bad.yaml").write_text(hostile, encoding="utf-8")
    done = roadworthy("case", "messy", "bad", "--ops", "anger", "--dry-run")

    assert done.code == 0
    assert "\x1b" not in done.out
