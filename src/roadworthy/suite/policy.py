"""The `policy` of a case or suite file → specs of its rules."""

import contextlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace
from pydantic_core import PydanticCustomError

from roadworthy.base.errors import BadFile, Problem
from roadworthy.base.registry import nearest
from roadworthy.records.grader_spec import CheckGrader, GraderSpec
from roadworthy.suite.check_file import check_file
from roadworthy.suite.grader_item import GraderItem
from roadworthy.suite.graders import AskedGrader, asked_in, specs
from roadworthy.suite.policy_item import PolicyItem, policy_item, rule_of
from roadworthy.suite.suite_file import SuiteFile
from roadworthy.suite.yaml_file import YamlFile, read_yaml


@dataclass(slots=True, kw_only=True)
class ReadPolicy:
    """Rules that could be read, names of those that the file relaxes, and what is wrong."""

    rules: list[GraderSpec] = field(default_factory=list)
    relaxed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_policy(
    document: YamlFile, check: CheckGrader, *, known: Collection[str] | None = None
) -> ReadPolicy:
    """Read `policy` of a document; `known` are the rules of the suite, `None` in the suite's file.

    What is wrong with the form of an item is reported when the file is checked.
    """
    read = ReadPolicy()
    value = document.value if isinstance(document.value, dict) else {}
    items = value.get("policy")
    named: set[str] = set()
    for index, raw in enumerate(items if isinstance(items, list) else []):
        with contextlib.suppress(PydanticCustomError):
            item = policy_item(raw)
            read.problems += _naming(item, index, document, named, known)
            named.add(item.name)
            _take(read, item, index, document, check)
    return read


def _naming(
    item: PolicyItem,
    index: int,
    document: YamlFile,
    named: Collection[str],
    known: Collection[str] | None,
) -> Iterable[Problem]:
    place = ("policy", index, "name")
    if item.name in named:
        hint = "two rules with one check need a `name` each"
        yield document.problem(place, f"there is a rule {item.name!r} already", hint=hint)
    if item.relaxed is not None and known is None:
        yield document.problem(place, "only a case can relax a rule of its suite")
    elif item.relaxed is not None and item.name not in (known or ()):
        message = f"the suite has no rule {item.name!r}"
        yield document.problem(place, message, hint=nearest(item.name, list(known or ())))


def _take(
    read: ReadPolicy, item: PolicyItem, index: int, document: YamlFile, check: CheckGrader
) -> None:
    if item.relaxed is not None:
        read.relaxed.append(item.name)
        return
    asked = GraderItem(
        name=item.grader,
        options=item.options,
        required=item.severity != "low",
        has_options=True,
    )
    place = ("policy", index, item.check)
    found, problems = specs([AskedGrader(item=asked, place=place)], document, check)
    read.problems += problems
    for spec in found:
        weighed = {} if item.severity == "high" else {"severity": item.severity}
        read.rules.append(replace(spec, options=spec.options | weighed))


def load_suite_graders(path: Path, check: CheckGrader) -> tuple[GraderSpec, ...]:
    """The graders and rules of a ``suite.yaml`` alone, for trials that somebody else ran.

    Raises:
        BadFile: with everything that is wrong with them.
    """
    document = read_yaml(path)
    if document.value is None:  # nothing but defaults
        return ()
    _, formed = check_file(SuiteFile, document)
    found, problems = specs(asked_in(document, formed), document, check)
    policy = read_policy(document, check)
    if wrong := [*formed, *problems, *policy.problems]:
        raise BadFile(wrong)
    return (*found, *policy.rules)


def rules_in(graders: Iterable[GraderSpec]) -> list[str]:
    """Names of the rules among `graders`."""
    return [name for name in map(rule_of, graders) if name is not None]
