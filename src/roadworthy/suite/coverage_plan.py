"""What a suite means to cover, as people write it under ``coverage:`` in ``suite.yaml``.

Without it a coverage map can only show the values that some case has, and a whole category that
nobody thought of stays invisible.
"""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from roadworthy.base.printable import printable
from roadworthy.suite.strict_model import StrictModel

Dimension = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Value = Annotated[str, Field(min_length=1, max_length=200)]


class CoveragePlan(StrictModel):
    """The values that cases should have, and which of them should meet."""

    values: dict[Dimension, Annotated[list[Value], Field(min_length=1)]] = {}
    """Dimension (`category`, `persona`, …) to the values that some case should have."""
    cross: list[Annotated[list[Dimension], Field(min_length=2, max_length=4)]] = []
    """Dimensions, each under `values`, of which every combination of values should have a case."""
    never: list[dict[Dimension, Value]] = []
    """Combinations that cannot occur: no case is missed there."""

    @model_validator(mode="after")
    def _only_what_is_listed(self) -> Self:
        said = "; ".join(self._mistakes())
        if said:
            raise PydanticCustomError("grader", "{said}", {"said": said})
        return self

    def _mistakes(self) -> Iterator[str]:
        for group in self.cross:
            for name in group:
                if name not in self.values:
                    yield f"`cross` names {name}, which has no list under `values`"
            if len(set(group)) < len(group):
                yield f"`cross` names a dimension twice: {', '.join(group)}"
        for combination in self.never:
            if not combination:
                yield "`never` holds an empty combination, which would be every case"
            for name, value in combination.items():
                if value not in self.values.get(name, ()):
                    shown = printable(value, limit=60)
                    yield f"`never` names {name}: {shown}, which is not under `values`"
