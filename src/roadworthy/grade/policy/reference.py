"""Values that a rule does not write outright: what the case says, what the trace says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from roadworthy.base.codec import Json
from roadworthy.grade.policy.scene import Scene

Facts: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in a scene something is asked: what stands before `place` may be used."""

    scene: Scene
    place: int
    facts: Facts


def resolved(value: Json, at: Moment) -> tuple[Json, bool]:
    """A value written outright, or as ``$fact`` or ``$attribute``; and whether it is known."""
    match value:
        case {"$fact": str(name), **rest} if not rest:
            return at.facts.get(name), name in at.facts
        case {"$attribute": str(name), **rest} if not rest:
            found = at.scene.attribute(name)
            return found, found is not None
        case _:
            return value, True
