"""What files ask to look at after a trial → probes, and the grader that judges what they saw."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError

from roadworthy.base.codec import Json
from roadworthy.base.errors import Problem
from roadworthy.records.grader_spec import BadOptions, CheckGrader, GraderSpec
from roadworthy.records.probe_spec import ProbeSpec
from roadworthy.suite.end_state_item import EndStateItem, Wrong, mistakes, probe_of
from roadworthy.suite.place import Place, follow
from roadworthy.suite.yaml_file import YamlFile

KEY: Final = "end_state"
GRADER: Final = "end_state"


@dataclass(slots=True)
class ReadEndState:
    """The looks of one file, and what is wrong with them."""

    probes: list[ProbeSpec] = field(default_factory=list)
    graders: list[GraderSpec] = field(default_factory=list)  # one that holds every expectation
    problems: list[Problem] = field(default_factory=list)


def read_end_state(
    document: YamlFile,
    check: CheckGrader,
    *,
    hosts: Sequence[str] | None,
    taken: Collection[str] = (),
) -> ReadEndState:
    """Read `end_state` of a suite or case file.

    Args:
        document: read as it stands, so that mistakes are found in a file that is wrong elsewhere.
        check: knows which expectations the grader takes.
        hosts: hosts beside this machine that the suite lets probes ask; `None`: not known.
        taken: names that the suite's own looks have.
    """
    read = ReadEndState()
    expected: dict[str, Json] = {}
    names = set(taken)
    for place, item in _items(document):
        wrong = [*mistakes(item, hosts), *_taken(item, names), *_expectation(item, check)]
        names.add(item.name)
        read.problems += [_problem(document, place, one) for one in wrong]
        if not wrong:
            read.probes.append(probe_of(item, hosts))
            if item.expects:
                expected[item.name] = item.expect
    if expected:
        read.graders.append(GraderSpec(grader=GRADER, options={"expect": expected}))
    return read


def _items(document: YamlFile) -> Iterator[tuple[Place, EndStateItem]]:
    """Items whose types are right; the others are reported when the file is checked."""
    value = document.value
    items = value.get(KEY) if isinstance(value, dict) else None
    for index, raw in enumerate(items if isinstance(items, list) else []):
        try:
            yield (KEY, index), EndStateItem.model_validate(raw)
        except ValidationError:
            continue


def _taken(item: EndStateItem, names: Collection[str]) -> Iterator[Wrong]:
    if item.name in names:
        yield Wrong("name", "stands twice: two looks of one case, the suite's included, share it")


def _expectation(item: EndStateItem, check: CheckGrader) -> Iterator[Wrong]:
    if not item.expects:
        return
    try:
        check(GRADER, {"expect": {item.name: item.expect}})
    except BadOptions as error:
        within = f"expect.{item.name}"
        for problem in error.problems:
            place = f"expect{problem.place.removeprefix(within)}"
            yield Wrong(place, problem.message, problem.hint)


def _problem(document: YamlFile, place: Place, wrong: Wrong) -> Problem:
    steps = _steps(document, place, wrong.key) if wrong.key else ()
    return document.problem((*place, *steps), wrong.message, hint=wrong.hint)


def _steps(document: YamlFile, place: Place, key: str) -> Sequence[str | int]:
    value = document.value
    assert isinstance(value, dict)
    items = value[KEY]
    assert isinstance(items, list)
    return follow(items[int(place[1])], key)
