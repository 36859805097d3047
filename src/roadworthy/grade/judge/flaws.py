"""What is wrong with an answer whatever a judge thinks of it, found by rules.

Judges like answers that are polite and that cannot be wrong. Two rules take that liking back,
where a rubric asks for it:

* vacuous: nothing is left without courtesies ("I'm happy to help!") and small words.
* hedged: at least two sentences, and at least half of all, leave open whether they hold ("it
  depends", "might", "I am not sure"). An answer of one sentence is hedged when it holds two such
  words.

Both would rather miss a bad answer than punish a good one. They know English; in another
language they find nothing.
"""

import re
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.grade.output_text import text_of
from roadworthy.records.rubric import Flaw

FLAWS_VERSION: Final = 1
"""Goes up when the rules change: other penalties make another instrument."""

_HEDGED_SHARE: Final = 0.5
_LEAST_HEDGES: Final = 2
_READ: Final = 50_000  # characters of an answer

_COURTESIES: Final = (
    "thanks?( you)?( (so|very) much)?( for (reaching out|asking|contacting us|your message))?",
    "you('re| are) welcome",
    "(great|good|excellent) question",
    "certainly|absolutely|of course|sure( thing)?",
    "(i am|i'm|i would be|i'd be|we are|we're) (very )?(happy|glad|pleased|here) to (help|assist)",
    "(please )?(let me know|feel free to (ask|reach out|contact (me|us)))",
    "if you (have|need) (any|anything)( (other|more|further))?( (questions?|help|assistance))?",
    "(i )?hope (this|that|it) helps",
    "have a (great|nice|good|wonderful) day",
    "(is there )?anything else( i can (help|assist))?",
    "hello|hi|hey|dear customer|(best|kind) regards|sincerely",
    "i (completely |fully )?understand( your (concern|frustration|question|situation))?",
    "i (sincerely )?apologi[sz]e for (the|any) inconvenience",
    "how (can|may) i (help|assist)",
)
_HEDGES: Final = (
    "it depends|depends on|might|may|could be|possibly|perhaps|maybe|probably|presumably|likely",
    "(i am|i'm) not (entirely |quite |really )?(sure|certain)|not (entirely|quite) (sure|clear)",
    "seems?|appears?|as far as i know|to the best of my knowledge",
    "in some cases|under certain circumstances|generally|typically|usually",
    "(hard|difficult) to say|can ?not be (sure|certain)|can't be (sure|certain)",
    "i (think|believe|guess|suppose|assume)",
)
_SMALL: Final = frozenset(
    re.findall(
        r"\w+",
        "a about all an and any are as at be for from have i in is it me my of on or our please so "
        "that the there this to today us we with you your",
    )
)


def _phrases(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})(?![\w'])")


_COURTESY: Final = _phrases(_COURTESIES)
_HEDGE: Final = _phrases(_HEDGES)
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SENTENCE: Final = re.compile(r"[.!?]+(?=\s|$)|\n+")


def flaws_of(output: Json) -> tuple[Flaw, ...]:
    """The flaws of an answer; a vacuous one is not hedged too."""
    text = text_of(output)[:_READ].casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if _is_vacuous(text):
        return (Flaw.VACUOUS,)
    return (Flaw.HEDGED,) if _is_hedged(text) else ()


def _is_vacuous(text: str) -> bool:
    return all(word in _SMALL for word in _WORD.findall(_COURTESY.sub(" ", text)))


def _is_hedged(text: str) -> bool:
    sentences = [part for part in _SENTENCE.split(text) if _WORD.search(part)]
    if len(sentences) < _LEAST_HEDGES:
        return sum(1 for _ in _HEDGE.finditer(text)) >= _LEAST_HEDGES
    hedged = sum(_HEDGE.search(part) is not None for part in sentences)
    return hedged >= _LEAST_HEDGES and hedged >= _HEDGED_SHARE * len(sentences)
