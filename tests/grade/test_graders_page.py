"""The page on graders names all of them, and its examples work."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from roadworthy.grade import Grade, Grader
from roadworthy.grade.argument_constraint import OPERATORS
from roadworthy.grade.options import build_grader, full_options
from roadworthy.grade.registry import BUILT_IN, check_grader
from roadworthy.grade.write_verbs import WRITE_VERBS
from roadworthy.testing import a_trial

PAGE = (Path(__file__).parents[2] / "docs/reference/graders.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def section(name: str) -> str:
    found = re.search(rf"^### `{name}`\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None, f"no section on {name}"
    return found[1]


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_every_grader_has_a_section_that_names_its_options(name: str) -> None:
    kind: Any = BUILT_IN.get(name)
    options = [field.name for field in dataclasses.fields(kind) if field.init]

    assert [option for option in options if f"`{option}`" not in section(name)] == []


def test_the_sections_are_those_of_graders() -> None:
    assert sorted(re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)) == sorted(BUILT_IN)


def test_every_operator_and_every_writing_verb_is_listed() -> None:
    assert [key for key in OPERATORS if f"| `{key}: " not in PAGE] == []
    assert f": {', '.join(sorted(WRITE_VERBS))}." in section("repeated_write")


@pytest.mark.parametrize("block", blocks("yaml"))
def test_every_yaml_example_is_a_list_of_graders_that_can_be_built(block: str) -> None:
    for entry in YAML().load(block):
        for name, raw in entry.items() if isinstance(entry, dict) else [(entry, None)]:
            check_grader(name, raw)


async def test_the_grader_of_ones_own_works_as_shown() -> None:
    (source,) = blocks("python")
    names: dict[str, Any] = {"__name__": __name__}
    exec(source, names)
    kind: type[Grader] = names["brief"]

    grader = build_grader(kind, full_options(kind, 2))
    reading = await grader.grade(a_trial(output="three whole words"))

    why = "does not hold: The output has at most `words` words"
    assert reading == Grade(passed=False, score=0.0, why=why)
