"""Two things that the agent read which cannot both be true.

A result speaks of a thing when it is an object with identifying keys (``id`` or ``…_id``), or a
list of such objects. Two speak of the same thing when all of these keys and their values are the
same, and they contradict each other when another plain value under a shared key differs. A write
of the agent in between may have changed it, so the search starts afresh there.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from roadworthy.base.codec import Json
from roadworthy.base.printable import printable
from roadworthy.grade.failure_handling.story import Story
from roadworthy.grade.write_verbs import writes
from roadworthy.records.trajectory import ToolCall, parsed_arguments

Entity: TypeAlias = tuple[tuple[str, str], ...]
Facts: TypeAlias = dict[str, str | int | float | bool]

_MOST_OBJECTS: Final = 500


def conflicts(story: Story) -> Iterator[tuple[int, ToolCall, str]]:
    """Calls whose result contradicts an earlier one, with the first contradiction of each."""
    known: dict[Entity, Facts] = {}
    for at, call in story.calls:
        if call.error is not None:
            continue
        if writes(call, None):
            known.clear()
            continue
        told: str | None = None
        for entity, facts in _entities(parsed_arguments(call.result)):
            before = known.setdefault(entity, facts)
            told = told or _difference(entity, before, facts)
            known[entity] = before | facts
        if told is not None:
            yield at, call, told


def _entities(result: Json) -> Iterator[tuple[Entity, Facts]]:
    """Objects that have an identifier, on the top level or in a list there; bounded."""
    for value in (result if isinstance(result, list) else [result])[:_MOST_OBJECTS]:
        if isinstance(value, dict):
            facts = {key: one for key, one in value.items() if isinstance(one, str | int | float)}
            named = tuple(sorted((key, str(facts[key])) for key in facts if _identifies(key)))
            if named:
                yield named, facts


def _identifies(key: str) -> bool:
    return key == "id" or key.endswith(("_id", "Id"))


def _difference(entity: Entity, before: Facts, now: Facts) -> str | None:
    for key in before.keys() & now.keys():
        if before[key] != now[key]:
            name, value = entity[0]
            return printable(
                f"{key} of {name} {value} was {before[key]!r}, then {now[key]!r}", limit=160
            )
    return None
