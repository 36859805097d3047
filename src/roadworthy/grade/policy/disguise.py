"""Finding a planted text again after somebody has written it another way.

Undone are: upper and lower case, full-width and other look-alike forms, anything put between the
characters (spaces, dashes, dots, zero-width marks), reversal, percent and HTML escapes, base64 at
any offset, and hex. A text that was translated, summarised or encrypted is not found.
"""

import html
import re
import unicodedata
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

MIN_CHARACTERS: Final = 6
"""Letters and digits that a planted text needs, so that chance does not write it."""

_APART = re.compile(r"[\W_]+")
_ESCAPE = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_GROUP = 3  # bytes that become four characters of base64


class Haystack:
    """A text in which several planted texts are looked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _forms(self) -> tuple[str, ...]:
        """The text without what stands between its letters and digits, as it is and unescaped."""
        unescaped = _unescaped(html.unescape(self._text))
        texts = (self._text,) if unescaped == self._text else (self._text, unescaped)
        return tuple(_squeezed(text) for text in texts)

    @cached_property
    def _whole(self) -> str:
        """The text as base64 is read: without white space, URL letters as the usual ones."""
        return "".join(self._text.split()).replace("-", "+").replace("_", "/")

    def way_of(self, planted: str) -> str | None:
        """How `planted` stands in the text (``as it is``, ``in base64`` …); `None`: it does not."""
        if planted in self._text:
            return "as it is"
        forms = _needle(planted)
        if any(forms.plain in text for text in self._forms):
            return "written another way"
        if any(forms.reversed in text for text in self._forms):
            return "reversed"
        if any(form in text for text in self._forms for form in forms.hex):
            return "in hex"
        return "in base64" if any(form in self._whole for form in forms.base64) else None


@dataclass(frozen=True, slots=True)
class _Needle:
    plain: str
    reversed: str
    hex: tuple[str, ...]
    base64: tuple[str, ...]


def strength(planted: str) -> int:
    """How many letters and digits there are to recognise the text by."""
    return len(_squeezed(planted))


@lru_cache(maxsize=256)
def _needle(planted: str) -> _Needle:
    cases = tuple(dict.fromkeys((planted, planted.lower(), planted.upper())))
    plain = _squeezed(planted)
    return _Needle(
        plain=plain,
        reversed=plain[::-1],
        hex=tuple(case.encode(errors="replace").hex() for case in cases),
        base64=tuple(form for case in cases for form in _base64_forms(case)),
    )


def _base64_forms(text: str) -> list[str]:
    """What of `text` stands in the base64 of anything that holds it, for each of three offsets.

    Characters at either end that share bits with what stands beside the text are left out.
    """
    data = text.encode(errors="replace")
    forms = []
    for offset in range(_GROUP):
        whole = b64encode(b"\0" * offset + data).decode()
        start = (0, 2, 3)[offset]
        loose = (len(data) + offset) % _GROUP
        end = len(whole) - (0, 3, 2)[loose]
        forms.append(whole[start:end])
    return forms


def _squeezed(text: str) -> str:
    return _APART.sub("", unicodedata.normalize("NFKC", text).casefold())


def _unescaped(text: str) -> str:
    """Percent escapes undone, twice, as proxies do."""
    for _ in range(2):
        text = _ESCAPE.sub(
            lambda found: bytes.fromhex(found[0].replace("%", "")).decode(errors="replace"), text
        )
    return text
