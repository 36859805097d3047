"""One trial for each case: trials of a case resemble each other, within a run and across runs.

Counted each on its own they would make intervals too narrow, and the same answers could stand on
both sides of the split. Which trial speaks for its case is drawn by a hash of seed and trial, so
no verdict has a say in it and the order of the items has none.
"""

from collections.abc import Iterable

from roadworthy.app.calibration.items import LabelledItem
from roadworthy.base.codec import canonical
from roadworthy.base.ids import hex_digest


def one_per_case(items: Iterable[LabelledItem], seed: int) -> list[LabelledItem]:
    """The items in their order, of several of a case one; an item of no case is its own."""
    given = list(items)
    chosen: dict[tuple[str, str], LabelledItem] = {}
    for item in sorted(given, key=lambda one: hex_digest(canonical(["case", seed, one.id]))):
        chosen.setdefault(item.cluster, item)
    kept = {item.id for item in chosen.values()}
    return [item for item in given if item.id in kept]
