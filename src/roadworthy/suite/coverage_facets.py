"""What a case says of itself that a coverage map can sort by: dimension to values.

Only what is written counts; nothing is guessed from the text of a case. A tag of the form
``persona:impatient`` gives the dimension `persona` the value ``impatient``, whatever the
dimension; tags without a colon are values of `tags`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from roadworthy.records.case import Case
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.suite.policy_item import rule_of
from roadworthy.suite.read_case import ReadCase

Facets: TypeAlias = Mapping[str, tuple[str, ...]]

PATH: Final = "path"
HAPPY: Final = "happy"
EDGE: Final = "edge"
DIMENSIONS: Final = (
    PATH,
    "category",
    "fault",
    "persona",
    "policy",
    "difficulty",
    "variant",
    "tier",
    "tool",
    "tags",
)
"""Dimensions that need no tags of their own, in the order in which they are shown."""
_TAG: Final = re.compile(r"(?P<dimension>[a-z][a-z0-9_-]{0,39}):(?P<value>\S(?:.*\S)?)")
_EDGE_BY: Final = ("category", "fault", "variant")
_PATH_WORDS: Final = {
    **dict.fromkeys(("happy", "happy-path", "happy path"), HAPPY),
    **dict.fromkeys(("edge", "edge-case", "edge case", "messy"), EDGE),
}
"""Tags that say which path it is, as people write them."""


def facets_of(read: ReadCase) -> Facets:
    """The values of a case in every dimension that it has any in, each value once."""
    case = read.case
    found = facets_of_tags(case.tags)
    for dimension, values in (
        ("category", [case.category]),
        ("difficulty", [case.difficulty]),
        ("tier", [case.tier]),
        ("policy", [rule_of(spec) for spec in case.graders]),
        ("tool", tools_of(case)),
        ("variant", [] if read.file.variant is None else read.file.variant.ops),
    ):
        known = [value for value in values if value]
        found[dimension] = [*found.get(dimension, []), *known]
    if not found.get(PATH):
        found[PATH] = [_path(read, found)]
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items() if values}


def facets_of_tags(tags: Iterable[str]) -> dict[str, list[str]]:
    """What tags alone say."""
    found: dict[str, list[str]] = {}
    for tag in tags:
        parts = _TAG.fullmatch(tag)
        dimension, value = (parts["dimension"], parts["value"]) if parts else ("tags", tag)
        found.setdefault(dimension, []).append(value)
    return found


def tools_of(case: Case) -> tuple[str, ...]:
    """Tools that a case expects to be called, or whose replies it holds; in order, each once."""
    recorded = [] if case.recording is None else [call.tool for call in case.recording.calls]
    expected = [tool for spec in case.graders for tool in _expected(spec)]
    return tuple(dict.fromkeys([*expected, *recorded]))


def _expected(spec: GraderSpec) -> list[str]:
    calls = spec.options.get("calls") if spec.grader == "trajectory" else None
    if not isinstance(calls, list):
        return []
    named = [call.get("tool") for call in calls if isinstance(call, dict)]
    return [tool for tool in named if isinstance(tool, str)]


def _path(read: ReadCase, found: Mapping[str, Sequence[str]]) -> str:
    """What a tag says; else edge when something goes wrong in it, or went wrong at its origin."""
    said = [_PATH_WORDS[tag] for tag in read.case.tags if tag in _PATH_WORDS]
    if said:
        return said[0]
    origin = read.file.origin
    went_wrong = origin is not None and origin.finding is not None
    return EDGE if went_wrong or any(found.get(name) for name in _EDGE_BY) else HAPPY
