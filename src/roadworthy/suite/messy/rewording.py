"""Operators that write the same in other words: typos, slang, abbreviations, paraphrases."""

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from roadworthy.suite.messy.additions import after, before
from roadworthy.suite.messy.kept_text import facts_in, pieces, rewrite
from roadworthy.suite.messy.variant import Means, Messy, NotApplicable
from roadworthy.suite.messy.words import (
    ABBREVIATED_CLOSERS,
    ABBREVIATIONS,
    NEIGHBOURS,
    PARAPHRASE_OPENERS,
    SLANG,
    SLANG_CLOSERS,
    SLANG_OPENERS,
    SPARED,
    SYNONYMS,
)

_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_LONG: Final = 4  # letters from which a word is likely to be mistyped
_SHORT: Final = 3


def typos(case: Messy, means: Means) -> Messy:
    """Slips of the finger in a share of the words: letters swapped, lost, doubled, beside."""
    share = means.by_intensity(0.08, 0.2, 0.4)
    return case.rewording(lambda text: _mistyped(text, case.phrases, share, means.rng))


def slang(case: Messy, means: Means) -> Messy:
    """Colloquial words, and a greeting or ending of the same kind."""
    words = _Replacing(SLANG, means.by_intensity(0.5, 0.8, 1.0), means.rng)
    frame = means.rng.choice((True, False))

    def talk(text: str) -> str:
        text = rewrite(text, words, case.phrases)
        opener, closer = means.rng.choice(SLANG_OPENERS), means.rng.choice(SLANG_CLOSERS)
        return before(text, opener) if frame else after(text, closer)

    return case.rewording(talk)


def abbreviations(case: Messy, means: Means) -> Messy:
    """Short forms of common words; where a text has none of them, a short ending."""
    words = _Replacing(ABBREVIATIONS, means.by_intensity(0.4, 0.8, 1.0), means.rng)

    def shorten(text: str) -> str:
        shorter = rewrite(text, words, case.phrases)
        return after(text, means.rng.choice(ABBREVIATED_CLOSERS)) if shorter == text else shorter

    return case.rewording(shorten)


def paraphrase(case: Messy, means: Means) -> Messy:
    """Other words for the same: a model's where one was asked, else from a small table."""
    known = means.material.paraphrases
    if known:
        return case.rewording(lambda text: _checked(text, known, case.phrases))
    words = _Replacing(SYNONYMS, means.by_intensity(0.5, 1.0, 1.0), means.rng)

    def reword(text: str) -> str:
        return before(rewrite(text, words, case.phrases), means.rng.choice(PARAPHRASE_OPENERS))

    return case.rewording(reword)


def _checked(text: str, known: Mapping[str, str], phrases: tuple[str, ...]) -> str:
    """A model's words for `text`, if they hold its facts. Raises `NotApplicable`."""
    said = known.get(text, text)
    lost = lost_facts(text, said, phrases)
    if lost:
        raise NotApplicable(f"the model's words leave out {len(lost)} of the facts")
    return said


def lost_facts(text: str, said: str, phrases: tuple[str, ...] = ()) -> list[str]:
    """Facts of `text` that do not stand in `said`, in whatever order."""
    return [fact for fact in facts_in(text, phrases) if fact not in said]


class _Replacing:
    """Replaces phrases of a table in a stretch of text, each with a chance of `share`."""

    def __init__(self, table: Mapping[str, str], share: float, rng: Random) -> None:
        self._table = table
        self._share = share
        self._rng = rng
        longest_first = sorted(table, key=len, reverse=True)
        either = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(rf"(?<![\w'\u2019])(?:{either})(?![\w'\u2019])", re.IGNORECASE)

    def __call__(self, text: str) -> str:
        return self._pattern.sub(self._put, text)

    def _put(self, found: re.Match[str]) -> str:
        if self._rng.random() >= self._share:
            return found[0]
        other = self._table[found[0].lower()]
        return other[:1].upper() + other[1:] if found[0][0].isupper() else other


def _mistyped(text: str, phrases: tuple[str, ...], share: float, rng: Random) -> str:
    """`text` with `share` of its longer words mistyped, at least one."""
    places: list[tuple[int, int]] = []
    at = 0
    for piece in pieces(text, phrases):
        if not piece.kept:
            places += [(at + w.start(), at + w.end()) for w in _WORD.finditer(piece.text)]
        at += len(piece.text)
    words = [place for place in places if text[slice(*place)].lower() not in SPARED]
    chosen = _chosen([w for w in words if w[1] - w[0] >= _LONG], share, rng)
    chosen = chosen or _chosen([w for w in words if w[1] - w[0] >= _SHORT], share, rng)
    for start, end in reversed(chosen):
        text = text[:start] + _slip(text[start:end], rng) + text[end:]
    return text


def _chosen(words: list[tuple[int, int]], share: float, rng: Random) -> list[tuple[int, int]]:
    count = min(len(words), max(1, round(share * len(words))))
    return sorted(rng.sample(words, count))


def _slip(word: str, rng: Random) -> str:
    """`word` mistyped behind its first letter; never the same."""
    slips: list[Callable[[str, int, Random], str]] = [_swap, _drop, _double, _beside]
    rng.shuffle(slips)
    for slip in slips:
        for place in rng.sample(range(1, len(word)), len(word) - 1):
            mistyped = slip(word, place, rng)
            if mistyped != word:
                return mistyped
    return word + word[-1]


def _swap(word: str, place: int, rng: Random) -> str:  # noqa: ARG001 - one form for all slips
    return word[:place] + word[place : place + 2][::-1] + word[place + 2 :]


def _drop(word: str, place: int, rng: Random) -> str:  # noqa: ARG001 - one form for all slips
    return word[:place] + word[place + 1 :]


def _double(word: str, place: int, rng: Random) -> str:  # noqa: ARG001 - one form for all slips
    return word[: place + 1] + word[place:]


def _beside(word: str, place: int, rng: Random) -> str:
    keys = NEIGHBOURS.get(word[place])
    return word if keys is None else word[:place] + rng.choice(keys) + word[place + 1 :]
