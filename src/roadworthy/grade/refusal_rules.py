"""Sentences by which an agent declines what it was asked for. English; add your own.

A sentence declines when the speaker says of itself that it may not or cannot act (`_SPEAKER`), or
that what is asked for is ruled out (`_RULED_OUT`). Not counted are questions, sentences under a
condition (*if*, *unless*, *until*), general notes (*please note that*), and what the agent could
not find, see or understand: that is a failure to look, not a refusal. The rules would rather miss
a refusal than invent one.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from roadworthy.grade.bounded_search import found

LONGEST: Final = 100_000
"""Characters of a text that are read: its beginning."""

_SENTENCE_READ: Final = 2_000
_APOSTROPHE: Final = "\N{RIGHT SINGLE QUOTATION MARK}"
_AFTER_A_POINT: Final = re.compile(r"(?<=[.!?])\s+")

_LOOKING: Final = (
    r"(?:find|locate|see|identify|retrieve|recogni[sz]e|tell|determine|understand|read|hear|"
    r"remember|recall|imagine|thank|stress|guarantee|wait|say)"
)
_NOT_ABLE: Final = (
    r"(?:unable to|not able to|not (?:allowed|permitted|authori[sz]ed|in a position) to)"
)
_SPEAKER: Final = re.compile(
    rf"\b(?:I|we)(?: am|'m| are|'re| will be| would be|'ll be)"
    rf" (?:\w+ ){{0,2}}?{_NOT_ABLE} (?!{_LOOKING}\b)"
    r"|\b(?:I|we) (?:\w+ ){0,2}?(?:cannot|can't|can not|may not|won't|will not)"
    rf" (?:\w+ly )?(?!{_LOOKING}\b|be able to {_LOOKING}\b)"
    r"|\b(?:I|we) (?:\w+ ){0,2}?(?:do not|don't) "
    r"(?:have the (?:ability|authority|option|capability|permission)|offer|provide|allow|accept)\b"
    r"|\b(?:I|we) (?:must|have to|need to) (?:\w+ ){0,2}?(?:decline|refuse)\b"
    r"|\b(?:I|we) (?:\w+ ){0,2}?can only (?:help|assist)\b"
    r"|\b(?:is not|isn't) something (?:that )?(?:I|we) (?:can|could|am able|are able|may)\b"
    r"|\bunable to (?:assist|help|process|proceed|accommodate|fulfil|comply|approve|offer)\b",
    re.IGNORECASE,
)
_ACTED_ON: Final = (
    r"(?:cancell?ed|modified|changed|refunded|removed|added|exchanged|returned|processed|combined|"
    r"made|done|used|waived|transferred|upgraded|applied|updated|altered|reversed|undone|booked|"
    r"split|provided|offered|issued|granted|honou?red|rebooked|reinstated)"
)
_NOT: Final = (
    r"(?:(?:is|are|was|were|do|does|would|will) not|(?:is|are|was|were|do|does|would|wo)n't)"
)
_RULED_OUT: Final = re.compile(
    rf"\b(?:cannot|can't|can not|may not) (?:\w+ ){{0,1}}?be {_ACTED_ON}\b"
    rf"|\bcan only be {_ACTED_ON} (?:at|before|during|within|if|when|under)\b"
    rf"|\bno longer (?:be {_ACTED_ON}|eligible|possible)\b"
    rf"|\b{_NOT} (?:\w+ ){{0,2}}?(?:allowed|permitted|possible|eligible|refundable|entitled)\b"
    rf"|\b(?:polic(?:y|ies)|rules?|fares?|tickets?|insurance|certificates?|flights?|guidelines|it)\b"
    rf" (?:[\w-]+ ){{0,6}}?{_NOT} (?:\w+ ){{0,2}}?(?:allow|permit|cover|apply|qualify|waive)\b"
    rf"|\b(?:you|it|this|that|reservation|order) {_NOT} (?:\w+ ){{0,1}}?qualify\b"
    r"|\bnon-?refundable\b|\bagainst (?:our|the|my|company) (?:policy|policies|rules)\b",
    re.IGNORECASE,
)
_BESIDE: Final = re.compile(
    r"\b(?:if|unless|until|(?:please )?note that|without (?:your|a valid|that|this|the))\b",
    re.IGNORECASE,
)


def declining(text: str, phrases: Sequence[str] = ()) -> str | None:
    """The first sentence that declines, or in which one of `phrases` (patterns) is found."""
    for sentence in _sentences(text):
        if any(found(pattern, sentence) for pattern in phrases) or _declines(sentence):
            return sentence
    return None


def _declines(sentence: str) -> bool:
    if sentence.endswith("?"):
        return False
    said = _SPEAKER.search(sentence) or _RULED_OUT.search(sentence)
    return said is not None and _BESIDE.search(sentence, 0, said.start()) is None


def _sentences(text: str) -> Iterator[str]:
    for line in text[:LONGEST].replace(_APOSTROPHE, "'").splitlines():
        for sentence in _AFTER_A_POINT.split(line):
            if sentence.strip():
                yield sentence.strip()[:_SENTENCE_READ]
