"""Whether the words that a judge quotes are in what it was shown.

Letters' case, white space, typographic marks and the quotation marks around a quote do not
count; words left out are shown by dots, and every piece between them must be there. A quote of
fewer than three letters or digits is found everywhere, and supports nothing.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from roadworthy.base.codec import Json, encode
from roadworthy.grade.judge.material import Material, shown
from roadworthy.records.judgement import Judgement
from roadworthy.records.rubric import Reference, Rubric
from roadworthy.records.span import SpanId

_LEAST: Final = 3
_LEFT_OUT: Final = re.compile(r"\s*\[?\.{3,}\]?\s*")  # NFKC makes three dots of an ellipsis
_MARKS: Final = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-"}
"""Typographic quotation marks and dashes."""


class QuoteCheck:
    """The material of one item, ready to look quotes up in."""

    def __init__(self, rubric: Rubric, material: Material) -> None:
        self._view = shown(rubric, material)
        self._documents = (
            (material.documents or ()) if Reference.DOCUMENTS.value in self._view else ()
        )
        if material.other is not None:
            self._view["other"] = material.other

    def supports(self, quote: str) -> bool:
        """Whether the quote is in the material."""
        return _is_in(quote, self._text)

    def unsupported(self, judgements: Sequence[Judgement]) -> tuple[str, ...]:
        """Quotes that are not in the material, each once."""
        quotes = dict.fromkeys(_quotes(judgements))
        return tuple(quote for quote in quotes if not self.supports(quote))

    def spans(self, judgements: Sequence[Judgement]) -> tuple[SpanId, ...]:
        """Spans whose documents hold a quote, in the order of the documents."""
        quotes = [*dict.fromkeys(_quotes(judgements))]
        found = (
            one.span
            for one in self._documents
            if one.span is not None and _any_in(quotes, _plain(_texts(one.content)))
        )
        return tuple(dict.fromkeys(found))

    @cached_property
    def _text(self) -> str:
        return _plain(_texts(self._view))


def _quotes(judgements: Sequence[Judgement]) -> Iterator[str]:
    for judgement in judgements:
        for score in judgement.scores:
            yield from score.quotes


def _any_in(quotes: Sequence[str], text: str) -> bool:
    return any(_is_in(quote, text) for quote in quotes)


def _is_in(quote: str, text: str) -> bool:
    plain = _plain([quote]).strip("\"' ")
    pieces = [piece for piece in _LEFT_OUT.split(plain) if piece]
    if sum(char.isalnum() for char in "".join(pieces)) < _LEAST:
        return False
    return all(piece in text for piece in pieces)


def _plain(texts: Sequence[str]) -> str:
    joined = unicodedata.normalize("NFKC", "\n".join(texts).translate(_MARKS))
    return " ".join(joined.casefold().split())


def _texts(value: Json) -> list[str]:
    """The value as compact JSON, and every text in it as it reads unescaped."""
    found, waiting = [encode(value).decode()], [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                found.append(text)
            case list() as items:
                waiting += items
            case dict() as fields:
                waiting += fields.values()
            case _:
                pass
    return found
