"""Variants that stand alone, or whose parent is no longer what it was, are told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from roadworthy.records.grader_spec import CheckGrader
from roadworthy.suite.lint import lint_suite
from roadworthy.suite.messy.child import Parent, Recipe, make_child
from roadworthy.suite.messy.operators import named_operators
from roadworthy.suite.yaml_file import parse_yaml

WriteSuite = Callable[[dict[str, str]], Path]
PARENT = "input: I want my money back for order 7\nexpect: {output: [contains: refund]}\n"


def lint(folder: Path, check: CheckGrader) -> list[tuple[str, str | None]]:
    return [(f"{item.file.name}: {item.message}", item.hint) for item in lint_suite(folder, check)]


@pytest.fixture
def child() -> str:
    fields = parse_yaml(PARENT.encode(), Path("refund.yaml")).value
    assert isinstance(fields, dict)
    parent = Parent(case_id="refund", fields=fields)
    return make_child(parent, Recipe(operators=named_operators(["typos"]))).text


def test_a_variant_of_a_parent_as_it_was_is_fine(
    write_suite: WriteSuite, check: CheckGrader, child: str
) -> None:
    files = {"cases/refund.yaml": PARENT, "cases/refund--typos.yaml": child}

    assert lint(write_suite(files), check) == []


def test_a_parent_that_was_changed_since_makes_its_variants_stale(
    write_suite: WriteSuite, check: CheckGrader, child: str
) -> None:
    changed = PARENT.replace("order 7", "order 8")
    files = {"cases/refund.yaml": changed, "cases/refund--typos.yaml": child}

    assert lint(write_suite(files), check) == [
        (
            "refund--typos.yaml: stale: refund was changed since this variant was made of it",
            "make it again: roadworthy case messy refund --ops typos",
        )
    ]


def test_a_parent_with_another_title_and_kind_is_the_same_parent(
    write_suite: WriteSuite, check: CheckGrader, child: str
) -> None:
    changed = PARENT + "title: A refund\nkind: regression\ntags: [money]\n"
    files = {"cases/refund.yaml": changed, "cases/refund--typos.yaml": child}

    assert lint(write_suite(files), check) == []


def test_a_parent_that_is_missing_is_named(
    write_suite: WriteSuite, check: CheckGrader, child: str
) -> None:
    files = {"cases/refunds.yaml": PARENT, "cases/refund--typos.yaml": child}

    ((message, hint),) = lint(write_suite(files), check)
    assert message == "refund--typos.yaml: a variant of 'refund', which this suite does not have"
    assert hint is not None
    assert "refunds" in hint


def test_a_parent_that_cannot_be_read_is_not_called_missing(
    write_suite: WriteSuite, check: CheckGrader, child: str
) -> None:
    files = {"cases/refund.yaml": PARENT + "titel: x", "cases/refund--typos.yaml": child}

    assert [message for message, _ in lint(write_suite(files), check)] == [
        "refund.yaml: unknown key 'titel'"
    ]


def test_a_variant_of_a_variant_is_sent_to_the_first_parent(
    write_suite: WriteSuite, check: CheckGrader, child: str
) -> None:
    grandchild = "input: x y z\nparent: refund--typos\nexpect: {output: [contains: refund]}\n"
    files = {
        "cases/refund.yaml": PARENT,
        "cases/refund--typos.yaml": child,
        "cases/a.yaml": grandchild,
    }

    assert lint(write_suite(files), check) == [
        ("a.yaml: a variant of refund--typos, which is itself a variant", "say refund")
    ]
