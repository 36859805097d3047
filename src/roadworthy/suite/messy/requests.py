"""Operators on what is asked for: something left out, a second request, a change of mind."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from random import Random
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.suite.messy.additions import after, before
from roadworthy.suite.messy.expecting import asking_instead, both_expected, recordings_of
from roadworthy.suite.messy.kept_text import pieces
from roadworthy.suite.messy.said import said_in, text_at
from roadworthy.suite.messy.sentences import DECOYS, JOINTS, SECOND_REQUESTS, SLIPS, TURNS
from roadworthy.suite.messy.variant import Means, Messy, NotApplicable

_LONGEST_FACT: Final = 40
_DANGLING: Final = re.compile(
    r"\b(is|are|was|number|code|by|to|at|of|on|in|with|from|for)\s*\Z", re.IGNORECASE
)
_SPACES: Final = re.compile(r"[ \t]{2,}")
_LOOSE: Final = re.compile(r" +([.,;!?])")


def missing_fields(case: Messy, means: Means) -> Messy:
    """Leaves out something that was given: a number, a code, an address, a field of the JSON."""
    fields = _fields(case.input)
    known = [*fields] or [*dict.fromkeys(_removable(case))]
    if not known:
        raise NotApplicable("its input gives nothing that could be left out")
    count = min(len(known), round(means.by_intensity(1, (len(known) + 1) // 2, len(known))))
    gone = set(means.rng.sample(known, count))
    if fields:
        assert isinstance(case.input, dict)
        left_out = {str(case.input[name]) for name in gone}
        kept = {name: value for name, value in case.input.items() if name not in gone}
        if not kept:
            raise NotApplicable("its input would be empty")
        return asking_instead(case.having(input=kept), left_out)
    less = case.rewording(lambda text: _without(text, gone, case.phrases))
    if len(less.said) < len(case.said):
        raise NotApplicable("nothing would be left of what the user says")
    return asking_instead(less, gone)


def two_requests(case: Messy, means: Means) -> Messy:
    """A second request in the same message: another case's of the suite, or a harmless one."""
    others = means.material.others
    other = means.rng.choice(others) if others else None
    if other is None:
        asked = means.rng.choice(SECOND_REQUESTS)
    else:
        asked = before(other.asked, means.rng.choice(JOINTS))
    more = case.rewording(lambda text: after(text, asked), only_last=True)
    return both_expected(replace(more, recording=recordings_of(case, other)), other)


def change_of_mind(case: Messy, means: Means) -> Messy:
    """Starts with the wrong number, or with another wish, and takes it back."""

    def turn(text: str) -> str:
        slipped = _slipped(text, case.phrases, means.rng)
        if slipped != text:
            return slipped
        return f"{means.rng.choice(DECOYS)} {means.rng.choice(TURNS)} {text}"

    return case.rewording(turn, only_last=True)


def _fields(given: Json) -> list[str]:
    """Names of fields of a JSON input whose values are plain and no prose."""
    if not isinstance(given, dict):
        return []
    prose = {place[0] for place in said_in(given)}
    return [
        name
        for name, value in given.items()
        if name not in prose and isinstance(value, str | int | float) and value != ""
    ]


def _removable(case: Messy) -> Iterator[str]:
    """Facts with digits or an address, codes, and what the expectations name."""
    named = {phrase.lower() for phrase in case.phrases}
    for place in said_in(case.input):
        for piece in pieces(text_at(case.input, place), case.phrases):
            text = piece.text
            is_code = len(text) > 2 and text.isupper()  # noqa: PLR2004 - shorter ones are words
            tells = "@" in text or any(char.isdigit() for char in text) or is_code
            if piece.kept and (tells or text.lower() in named):
                yield text


def _without(text: str, gone: Collection[str], phrases: Collection[str]) -> str:
    said: list[str] = []
    for piece in pieces(text, phrases):
        if not (piece.kept and piece.text in gone):
            said.append(piece.text)
        elif _DANGLING.search("".join(said)[-_LONGEST_FACT:]):
            said.append("my address" if "@" in piece.text else "that one")
    return _LOOSE.sub(r"\1", _SPACES.sub(" ", "".join(said))).strip()


def _slipped(text: str, phrases: Collection[str], rng: Random) -> str:
    """`text` with one of its numbers first said wrong; unchanged when it has none."""
    cut = pieces(text, phrases)
    at = [
        place
        for place, piece in enumerate(cut)
        if piece.kept and len(piece.text) <= _LONGEST_FACT and _is_number(piece.text)
    ]
    if not at:
        return text
    chosen, slip = rng.choice(at), rng.choice(SLIPS)
    fact = cut[chosen].text
    said = slip.format(decoy=_other_number(fact, rng), fact=fact)
    return "".join(said if n == chosen else piece.text for n, piece in enumerate(cut))


def _is_number(text: str) -> bool:
    return any(char in "0123456789" for char in text) and not {*text} & {*'"“«`{}'}


def _other_number(fact: str, rng: Random) -> str:
    """`fact` with one digit different."""
    places = [place for place, char in enumerate(fact) if char in "0123456789"]
    place = rng.choice(places)
    digit = rng.choice([char for char in "123456789" if char != fact[place]])
    return fact[:place] + digit + fact[place + 1 :]
