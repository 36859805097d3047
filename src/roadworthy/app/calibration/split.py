"""Which labelled items decide, and which a rubric may be tuned on.

The parts are drawn by a hash of seed and item within each answer of people, so an item keeps its
part when the order of a file changes, and each answer has its share in both parts. The trial that
stands for a case is drawn by case, so that newer trials of it never cross over.
"""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import NamedTuple

from roadworthy.app.calibration.items import LabelledItem
from roadworthy.base.codec import canonical
from roadworthy.base.ids import hex_digest


class Split(NamedTuple):
    """Items by part, each in the order in which they came."""

    held_out: list[LabelledItem]
    tuning: list[LabelledItem]


def split(items: Sequence[LabelledItem], *, share: float, seed: int) -> Split:
    """Hold out `share` of the items of each answer, above 0 and at most 1; rounded up."""
    by_answer: dict[str | None, list[LabelledItem]] = {}
    for item in items:
        by_answer.setdefault(item.truth, []).append(item)
    held = {item.id for part in by_answer.values() for item in _drawn(part, share, seed)}
    return Split(
        [item for item in items if item.id in held],
        [item for item in items if item.id not in held],
    )


def _drawn(items: Iterable[LabelledItem], share: float, seed: int) -> list[LabelledItem]:
    order = sorted(items, key=lambda item: hex_digest(canonical([seed, item.case or item.id])))
    return order[: ceil(share * len(order) - 1e-9)]
