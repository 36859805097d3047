"""How a judge did on each part of the held-out items."""

from collections.abc import Collection, Sequence
from typing import Final

from roadworthy.app.calibration.figures import Figures, agreement_of, figures
from roadworthy.app.calibration.items import LabelledItem
from roadworthy.app.calibration.rule import ANSWER
from roadworthy.base.ids import natural_key
from roadworthy.records.calibration import Slice

MOST: Final = 100
"""Slices that are kept: the largest; a slice for each item says nothing."""


def slices_of(items: Sequence[LabelledItem], answers: Collection[str]) -> tuple[Slice, ...]:
    """Each ``name=value`` that items carry, in natural order."""
    parts: dict[str, list[LabelledItem]] = {}
    for item in items:
        for name, value in item.slices.items():
            parts.setdefault(f"{name}={value}", []).append(item)
    largest = sorted(parts, key=lambda name: (-len(parts[name]), natural_key(name)))[:MOST]
    made = (_slice(name, figures(parts[name], answers)) for name in largest)
    found = [one for one in made if one is not None]
    return tuple(sorted(found, key=lambda one: natural_key(one.name)))


def answer_slices(held_out: Figures) -> tuple[Slice, ...]:
    """Each answer against every other, where a question has more answers than pass and fail."""
    return tuple(
        Slice(name=f"{ANSWER}{answer}", confusion=confusion, agreement=agreement_of(confusion))
        for answer, confusion in held_out.answers.items()
        if confusion.items
    )


def _slice(name: str, of_part: Figures) -> Slice | None:
    if of_part.agreement is None:
        return None
    return Slice(name=name, confusion=of_part.confusion, agreement=of_part.agreement)
