"""The coverage map: what counts, what is empty, and in which order gaps are told."""

import json
from pathlib import Path

import pytest

from roadworthy.base.codec import Json
from roadworthy.base.errors import BadFile, BadRequest
from roadworthy.records.case import Kind
from roadworthy.suite.coverage import SortedCase, coverage_map, sorted_case
from roadworthy.suite.coverage_facets import facets_of, facets_of_tags, tools_of
from roadworthy.suite.coverage_plan import CoveragePlan
from roadworthy.suite.suite_folder import SuiteFolder, read_suite_folder

NO_PLAN = CoveragePlan()


def a_sorted(case: str, kind: Kind = Kind.REGRESSION, **facets: str) -> SortedCase:
    return sorted_case(case, kind, {name: tuple(text.split("+")) for name, text in facets.items()})


def a_plan(**fields: Json) -> CoveragePlan:
    return CoveragePlan.model_validate(fields)


def a_folder(folder: Path, suite: Json = None, **cases: Json) -> SuiteFolder:
    (folder / "s" / "cases").mkdir(parents=True)
    (folder / "s" / "suite.yaml").write_text(json.dumps(suite or {}), encoding="utf-8")
    for name, fields in cases.items():
        assert isinstance(fields, dict)
        text = json.dumps({"input": "hello", **fields})
        (folder / "s" / "cases" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return read_suite_folder(folder / "s", _any_grader)


def _any_grader(_name: str, options: Json) -> dict[str, Json]:
    return options if isinstance(options, dict) else {}


def test_each_combination_is_a_cell_with_its_cases_or_empty() -> None:
    cases = [
        a_sorted("a", category="refund", persona="calm"),
        a_sorted("b", category="refund", persona="calm"),
        a_sorted("c", category="exchange", persona="angry"),
    ]

    made = coverage_map(cases, ["category", "persona"], NO_PLAN)

    assert [(cell.name, cell.cases) for cell in made.cells] == [
        ("category=exchange, persona=angry", ("c",)),
        ("category=refund, persona=calm", ("a", "b")),
    ]
    assert {gap.name for gap in made.empty} == {
        "category=exchange, persona=calm",
        "category=refund, persona=angry",
    }


@pytest.mark.parametrize("kind", [Kind.CANDIDATE, Kind.QUARANTINED, Kind.RETIRED])
def test_a_case_that_tells_nothing_now_leaves_its_cell_empty_and_stands_beside(kind: Kind) -> None:
    made = coverage_map([a_sorted("a", kind, category="refund")], ["category"], NO_PLAN)

    assert made.cells == ()
    assert [(gap.name, gap.beside) for gap in made.empty] == [("category=refund", ("a",))]


def test_a_case_stands_in_a_cell_for_each_of_its_values() -> None:
    made = coverage_map([a_sorted("a", tags="x+y")], ["tags"], NO_PLAN)

    assert [cell.values["tags"] for cell in made.cells] == ["x", "y"]


def test_a_case_without_a_value_is_told_apart_and_covers_nothing() -> None:
    cases = [a_sorted("a", category="refund"), a_sorted("b")]

    made = coverage_map(cases, ["category"], NO_PLAN)

    assert made.unsaid == ("b",)
    assert [cell.cases for cell in made.cells] == [("a",)]


def test_there_is_a_happy_path_and_edge_cases_in_every_suite() -> None:
    made = coverage_map([a_sorted("a", path="edge")], ["path"], NO_PLAN)

    assert [gap.name for gap in made.empty] == ["path=happy"]


def test_planned_gaps_come_first_then_those_between_common_values() -> None:
    plan = a_plan(values={"persona": ["calm", "deaf"]})
    cases = [a_sorted(f"a{n}", category="refund", persona="calm") for n in range(5)]
    cases += [a_sorted(f"b{n}", category="fraud", persona="angry") for n in range(4)]
    cases += [a_sorted("c", category="rare", persona="shy")]

    singles = coverage_map(cases, ["persona"], plan)
    pairs = coverage_map(cases, ["category", "persona"], NO_PLAN)

    assert [gap.name for gap in singles.empty] == ["persona=deaf"]
    assert singles.empty[0].planned
    assert [gap.expected for gap in pairs.empty[:2]] == [2.0, 2.0]
    assert [gap.expected for gap in pairs.empty] == sorted(
        (gap.expected for gap in pairs.empty), reverse=True
    )


def test_a_planned_crossing_marks_its_gaps_and_leaves_out_what_cannot_be() -> None:
    plan = a_plan(
        values={"category": ["refund", "fraud"], "persona": ["calm", "angry"]},
        cross=[["category", "persona"]],
        never=[{"category": "fraud", "persona": "calm"}],
    )

    made = coverage_map([a_sorted("a", category="refund", persona="calm")], plan.cross[0], plan)

    assert {(gap.name, gap.planned) for gap in made.empty} == {
        ("category=refund, persona=angry", True),
        ("category=fraud, persona=angry", True),
    }


def test_more_combinations_than_a_person_reads_are_refused() -> None:
    cases = [a_sorted(str(n), tags=f"t{n}", category=f"c{n}") for n in range(101)]

    with pytest.raises(BadRequest, match="10,201 combinations"):
        coverage_map(cases, ["tags", "category"], NO_PLAN)


def test_a_tag_with_a_colon_is_a_value_of_a_dimension() -> None:
    assert facets_of_tags(["persona:very angry", "fault:timeout", "plain", "a:", ":b", "A:b"]) == {
        "persona": ["very angry"],
        "fault": ["timeout"],
        "tags": ["plain", "a:", ":b", "A:b"],
    }


def test_what_a_case_file_says_becomes_its_values(tmp_path: Path) -> None:
    read = a_folder(
        tmp_path,
        a={
            "category": "refund",
            "difficulty": "hard",
            "tier": "critical",
            "tags": ["persona:angry", "vip"],
            "policy": [{"name": "no-deletes", "tools": {"forbidden": ["delete"]}}],
            "expect": {"trajectory": {"mode": "any_order", "calls": [{"tool": "refund"}]}},
        },
    )

    assert dict(facets_of(read.cases[0])) == {
        "persona": ("angry",),
        "tags": ("vip",),
        "category": ("refund",),
        "difficulty": ("hard",),
        "tier": ("critical",),
        "policy": ("no-deletes",),
        "tool": ("refund",),
        "path": ("edge",),
    }
    assert tools_of(read.cases[0].case) == ("refund",)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, "happy"),
        ({"category": "refund"}, "edge"),
        ({"tags": ["fault:timeout"]}, "edge"),
        ({"category": "refund", "tags": ["path:happy"]}, "happy"),
        ({"category": "refund", "tags": ["happy-path"]}, "happy"),
        ({"tags": ["messy"]}, "edge"),
        (
            {"origin": {"trace": "t", "source": "s", "minted_at": "2026-01-01", "finding": "f"}},
            "edge",
        ),
        ({"origin": {"trace": "t", "source": "s", "minted_at": "2026-01-01"}}, "happy"),
    ],
)
def test_a_case_is_an_edge_case_when_something_goes_wrong_in_it(
    fields: Json, path: str, tmp_path: Path
) -> None:
    read = a_folder(tmp_path, a=fields)

    assert facets_of(read.cases[0])["path"] == (path,)


def test_a_variant_has_the_operators_that_made_it(tmp_path: Path) -> None:
    variant: Json = {"ops": ["typos", "anger"], "version": 1, "of": "d", "seal": "s"}
    read = a_folder(tmp_path, a={"parent": "b", "variant": variant})

    assert facets_of(read.cases[0])["variant"] == ("typos", "anger")
    assert facets_of(read.cases[0])["path"] == ("edge",)


def test_all_mistakes_of_a_plan_are_told_at_once_with_the_file(tmp_path: Path) -> None:
    plan: Json = {
        "values": {"category": ["a"]},
        "cross": [["category", "persona"], ["category", "category"]],
        "never": [{"category": "b"}, {}],
    }
    read = a_folder(tmp_path, {"coverage": plan}, a={})

    with pytest.raises(BadFile) as wrong:
        _ = read.suite

    said = str(wrong.value)
    assert "suite.yaml line 1: coverage:" in said
    for part in ("names persona", "a dimension twice", "category: b", "empty combination"):
        assert part in said
