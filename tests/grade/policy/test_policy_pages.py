"""The pages on policies name every check and option, and their examples can be built."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from roadworthy.grade.policy.checks import CHECKS
from roadworthy.grade.policy.terms import OWN_OPERATORS
from roadworthy.grade.registry import check_grader
from roadworthy.suite.policy_item import policy_item

PAGE = (Path(__file__).parents[3] / "docs/reference/policy-checks.md").read_text(encoding="utf-8")
NAMES = [name.removeprefix("policy.") for name in CHECKS]


def section(name: str) -> str:
    found = re.search(rf"^### `{name}`\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None, f"no section on {name}"
    return found[1]


@pytest.mark.parametrize("name", NAMES)
def test_every_check_has_a_section_that_names_its_options(name: str) -> None:
    kind: Any = CHECKS.get(f"policy.{name}")
    options = [field.name for field in dataclasses.fields(kind)]
    own = [option for option in options if option not in ("severity", "facts")]

    assert [option for option in own if f"`{option}`" not in section(name)] == []


def test_the_sections_are_those_of_the_checks() -> None:
    assert sorted(re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)) == sorted(NAMES)


def test_every_operator_is_listed() -> None:
    assert [key for key in OWN_OPERATORS if f"`{key}: " not in PAGE] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_a_rule_that_can_be_built(name: str) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", section(name), re.DOTALL)

    assert blocks
    for raw in YAML(typ="safe").load("".join(blocks)):
        item = policy_item(raw)
        assert item.check == name
        check_grader(item.grader, item.options)
