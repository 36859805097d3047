"""The form of a judge's answer: what it may say of a criterion, and what that is worth."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.records.rubric import Criterion, Rubric, Scale


class Position(StrEnum):
    """Where the agent's answer stands when two are compared."""

    FIRST = "first"
    SECOND = "second"

    @property
    def swapped(self) -> "Position":
        """The other one."""
        return Position.SECOND if self is Position.FIRST else Position.FIRST


_SCALES: Final[Mapping[Scale, Mapping[str, float]]] = MappingProxyType(
    {
        Scale.PASS_FAIL: {"fail": 0.0, "pass": 1.0},
        Scale.ONE_TO_FIVE: {"1": 0.0, "2": 0.25, "3": 0.5, "4": 0.75, "5": 1.0},
    }
)


def answers_of(criterion: Criterion, position: Position | None) -> dict[str, float]:
    """Each answer that is allowed, with its score for the agent."""
    if position is None:
        return dict(_SCALES[criterion.scale])
    return {position.value: 1.0, position.swapped.value: 0.0, "tie": 0.5}


def answer_schema(rubric: Rubric, position: Position | None) -> dict[str, Json]:
    """JSON Schema of a whole answer; the reason comes before the answer that it explains."""
    criteria: dict[str, Json] = {
        one.name: _closed(
            {
                "reason": {"type": "string"},
                "quotes": {"type": "array", "items": {"type": "string"}},
                "answer": {"type": "string", "enum": [*sorted(answers_of(one, position))]},
            }
        )
        for one in rubric.criteria
    }
    return _closed({"criteria": _closed(criteria)})


def _closed(properties: dict[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }
