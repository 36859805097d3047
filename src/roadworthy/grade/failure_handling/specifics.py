"""Particulars in an answer: codes, amounts, dates and numbers that could be looked up.

What nothing the agent has seen holds, it made up or worked out by itself. That is only held
against it where it had just failed to find anything (`classify`).
"""

import re
from collections.abc import Iterable
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.grade.output_text import text_of

_SPECIFIC: Final = re.compile(
    r"""
    (?<![\w.-]) (?:
        \d{4}-\d{2}-\d{2}                                     # a date
      | [$\N{EURO SIGN}\N{POUND SIGN}] \s? \d[\d,]*+ (?:\.\d+)?  # an amount of money
      | (?!\d+(?:st|nd|rd|th)\b)                           # a code, such as HAT014
        (?=[\w-]{4,40}(?![\w-])) (?=[\w-]*\d) (?=[\w-]*[A-Za-z]) [\w-]+
      | \d[\d,]{2,}+ (?:\.\d+)?                              # a number of three digits or more
    )
    """,
    re.VERBOSE,
)
_EXAMPLE: Final = re.compile(r"\b(?:such as|for example|e\.g\.|like)\b", re.IGNORECASE)
_MOST: Final = 200
MOST_SEEN: Final = 2_000_000


def specifics(text: str) -> list[str]:
    """Particulars of `text` in order, each once; what is named as an example is left out."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        head = _EXAMPLE.split(line, maxsplit=1)[0]
        found.update((match[0], None) for match in _SPECIFIC.finditer(head))
    return list(found)[:_MOST]


def unsupported(text: str, seen: Iterable[Json]) -> list[str]:
    """Particulars of `text` that occur in nothing of `seen`, whatever their case and commas.

    None when more than `MOST_SEEN` characters were seen: too much to search, and so no evidence.
    """
    named = specifics(text)
    if not named:
        return []
    texts = [text_of(one) for one in seen]
    if sum(map(len, texts)) > MOST_SEEN:
        return []
    known = _plain("\n".join(texts))
    return [one for one in named if _bare(one) not in known]


def _plain(text: str) -> str:
    return text.lower().replace(",", "")


def _bare(specific: str) -> str:
    bare = _plain(specific).lstrip("$\N{EURO SIGN}\N{POUND SIGN} ")
    return bare.rstrip("0").rstrip(".") if "." in bare else bare
