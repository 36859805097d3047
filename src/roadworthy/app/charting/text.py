"""What agents, files and people call things, as a picture can hold it."""

from typing import Final
from unicodedata import east_asian_width

from roadworthy.base.codec import Json
from roadworthy.base.ids import hex_digest
from roadworthy.base.printable import printable

LONGEST_TEXT: Final = 160
LONGEST_SENTENCE: Final = 640
LABEL_COLUMNS: Final = 34
_TOLD_APART_BY: Final = 8  # hex digits, at the end of a text that was cut


def drawable(text: str, *, limit: int = LONGEST_TEXT) -> str:
    """`text` as a picture can hold it: hidden characters as visible escapes, cut at `limit`.

    Different texts stay different where they are cut: they would share a row. Twice is as once.
    """
    shown = printable(text)
    if len(shown) <= limit:
        return shown
    mark = "… " + hex_digest(shown.encode())[:_TOLD_APART_BY]
    return shown[: limit - len(mark)] + mark


def axis_label(name: Json) -> str:
    """The beginning of `name`, as much as an axis has room for."""
    text = str(name)
    wide = 0
    for at, char in enumerate(text):
        wide += 2 if east_asian_width(char) in "WF" else 1
        if wide > LABEL_COLUMNS:
            return text[: max(1, at - 1)] + "…"
    return text
