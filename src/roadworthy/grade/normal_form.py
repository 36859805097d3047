"""Texts in a form in which differences that do not matter are gone."""

import re
import unicodedata
from collections.abc import Collection
from typing import Final, Literal, TypeAlias

from roadworthy.base.codec import Json

Ignored: TypeAlias = Literal["space", "punctuation", "unicode"]

_PUNCTUATION: Final = re.compile(r"[^\w\s]|_")


def normal_form(text: str, ignored: Collection[Ignored], *, ignore_case: bool = False) -> str:
    """`text` without what is ignored.

    - ``unicode``: how a character is written, by NFKC; full-width letters, ligatures and
      composed accents become the plain ones.
    - case: by case folding.
    - ``punctuation``: all that is no letter, digit or space becomes a space, but for what stands
      between digits and makes a number, a date or a time of them (``1,000.50``, ``10:30``), for a
      minus before a digit and for signs of currency and per cent: they change what is said.
    - ``space``: runs of white space become one blank, and none is left at the ends.
    """
    if "unicode" in ignored:
        text = unicodedata.normalize("NFKC", text)
    if ignore_case:
        text = text.casefold()
    if "punctuation" in ignored:
        text = _PUNCTUATION.sub(_kept, text)
    return " ".join(text.split()) if "space" in ignored else text


def normal_json(value: Json, ignored: Collection[Ignored], *, ignore_case: bool = False) -> Json:
    """`value` with every text in it, but not its keys, in normal form."""
    match value:
        case str():
            return normal_form(value, ignored, ignore_case=ignore_case)
        case list():
            return [normal_json(item, ignored, ignore_case=ignore_case) for item in value]
        case dict():
            return {
                key: normal_json(item, ignored, ignore_case=ignore_case)
                for key, item in value.items()
            }
        case _:
            return value


def _kept(found: re.Match[str]) -> str:
    sign, text, after = found[0], found.string, found.end()
    before_digit = after < len(text) and text[after].isdigit()
    between = before_digit and found.start() > 0 and text[found.start() - 1].isdigit()
    if between and sign in ".,:/-":
        return sign
    if sign in "-\N{MINUS SIGN}" and before_digit:
        return "-"
    return sign if sign == "%" or unicodedata.category(sign) == "Sc" else " "
