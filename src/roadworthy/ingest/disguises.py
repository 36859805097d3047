"""Letters in disguise: full-width ones, and invisible characters between the others.

A key that was copied out of a page or a chat may hold them. It still opens its door for whoever
types it anew, so it is looked for as if they were not there.
"""

import re
from typing import Final

_DISGUISE: Final = re.compile(
    r"[\u00ad\u200b-\u200d\u2060\ufeff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]"
)
_INVISIBLE: Final = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_FIRST_WIDE: Final = 0xFF01
_LAST_WIDE: Final = 0xFF5E
_WIDER_BY: Final = 0xFEE0


def is_disguised(text: str) -> bool:
    """Whether `text` holds such characters. Nearly none does, and for those it is quick."""
    return not text.isascii() and _DISGUISE.search(text) is not None


def undisguised(text: str) -> tuple[str, list[int]]:
    """`text` in plain letters, and where each of them stands in it, the end of `text` too."""
    places = [at for at, char in enumerate(text) if char not in _INVISIBLE]
    plain = "".join(_plain(text[at]) for at in places)
    return plain, [*places, len(text)]


def _plain(char: str) -> str:
    code = ord(char)
    return chr(code - _WIDER_BY) if _FIRST_WIDE <= code <= _LAST_WIDE else char
