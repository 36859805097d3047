"""Labels of a file that may calibrate: those of items that were drawn at random.

The file says so with ``"drawn": "audit"``, as the queue does. Where it says nothing it is taken to
be a random draw, since whoever gives it chose it for this, and the report tells.
"""

from typing import Final

from msgspec.structs import replace

from roadworthy.app.calibration.items import LabelledItems
from roadworthy.app.calibration.truth import AUDIT
from roadworthy.gate.wording import counted

NOT_AT_RANDOM: Final = "not drawn at random"
_WHY: Final = "for what graders said, which makes a judge look better than it is"


def at_random(labelled: LabelledItems) -> LabelledItems:
    """The items that were drawn at random or do not say; how many others there were is told."""
    items = tuple(one for one in labelled.items if one.drawn in (AUDIT, ""))
    others = len(labelled.items) - len(items)
    told = [left_out_note(counted(others, "item"))] if others else []
    if silent := sum(not one.drawn for one in items):
        told.append(
            f"{counted(silent, 'item')} of the file taken to be drawn at random, as nothing in it "
            "says how they were"
        )
    left_out = {NOT_AT_RANDOM: others} if others else {}
    return replace(labelled, items=items, left_out=left_out, told=tuple(told))


def left_out_note(what: str) -> str:
    """The sentence about labelled items that were not drawn at random."""
    return f"{what} left out: not drawn at random but {_WHY}"
