"""What must survive when a message is made messier: the facts in it, told by their form.

A fact is whatever an agent could act on wrongly if it were changed: numbers, dates, ids, codes,
addresses, quoted text, names, words for numbers and days. Everything between facts is free.
Found in one pass over the text: its length is the only thing that it can make slow.
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

_RUN: Final = re.compile(
    r"""(?P<quoted>"[^"\n]{1,400}"|“[^”\n]{1,400}”|«[^»\n]{1,400}»|`[^`\n]{1,400}`)"""
    r"""|(?P<gap>\s+)|(?P<run>[^\s"“«`]+|\S)"""
)
_CORE: Final = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_SIGNS: Final = frozenset("@#$€£%&=_/\\{}[]<>|~^*+")
_ENDS: Final = (".", "!", "?", ":", ";")
_MARKS: Final = ".,;:!?()'\u2019"
_MOST_PHRASES: Final = 200
_PLAIN_CAPITALS: Final = frozenset(
    {"i", "i'm", "i've", "i'd", "i'll", "i\u2019m", "i\u2019ve", "i\u2019d", "i\u2019ll"}
)
_TELLING_WORDS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred thousand million billion dozen half twice once first second third fourth "
    "fifth last next today tomorrow yesterday tonight morning noon afternoon evening midnight "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december"
)
_TELLING: Final = frozenset(_TELLING_WORDS.split())


class Piece(NamedTuple):
    """A stretch of text; `kept` says that it is a fact."""

    text: str
    kept: bool


class _Run(NamedTuple):
    start: int
    end: int
    text: str
    core: str
    opens: bool  # the first word of a sentence


def pieces(text: str, phrases: Collection[str] = ()) -> list[Piece]:
    """`text` cut into facts and what is between them; joined, the pieces are `text`.

    `phrases` are facts, too, wherever they stand as words of their own, in any case.
    """
    spans = sorted([*_fact_spans(text), *_phrase_spans(text, phrases)])
    cut: list[Piece] = []
    at = 0
    for start, end in spans:
        if end <= at:
            continue
        if start > at:
            cut.append(Piece(text[at:start], kept=False))
        cut.append(Piece(text[max(start, at) : end], kept=True))
        at = end
    return [*cut, Piece(text[at:], kept=False)] if at < len(text) else cut


def facts_in(text: str, phrases: Collection[str] = ()) -> list[str]:
    """The facts of `text`, in order."""
    return [piece.text for piece in pieces(text, phrases) if piece.kept]


def rewrite(text: str, change: Callable[[str], str], phrases: Collection[str] = ()) -> str:
    """`text` with `change` made to each stretch that holds no fact."""
    cut = pieces(text, phrases)
    return "".join(piece.text if piece.kept else change(piece.text) for piece in cut)


def holds_facts(text: str, facts: Collection[str]) -> bool:
    """Whether `facts` stand in `text`, each as often as needed and in their order."""
    at = 0
    for fact in facts:
        found = text.find(fact, at)
        if found < 0:
            return False
        at = found + len(fact)
    return True


def _fact_spans(text: str) -> Iterator[tuple[int, int]]:
    runs, quotes = _runs(text)
    yield from quotes
    shouts = _is_shouted(runs)
    follows_name = False
    for run in reversed(runs):  # from the end: a name's first word is told by its second
        name = _is_name(run)
        if _is_fact(run.core, run.text, shouts=shouts) or (
            name and not shouts and (follows_name or not run.opens)
        ):
            yield _without_marks(run)
        follows_name = name and not run.text.endswith(_ENDS)
        follows_name = follows_name and not run.opens


def _without_marks(run: _Run) -> tuple[int, int]:
    """Where the run's fact stands, without the marks of the sentence around it."""
    lead = len(run.text) - len(run.text.lstrip(_MARKS))
    trail = len(run.text) - len(run.text.rstrip(_MARKS))
    bare = lead + trail >= len(run.text)  # nothing but marks
    return (run.start, run.end) if bare else (run.start + lead, run.end - trail)


def _runs(text: str) -> tuple[list[_Run], list[tuple[int, int]]]:
    runs: list[_Run] = []
    quotes: list[tuple[int, int]] = []
    opens = True
    for found in _RUN.finditer(text):
        if found["quoted"]:
            quotes.append(found.span())
            opens = found[0][-2:-1] in _ENDS
        elif found["gap"]:
            opens = opens or "\n" in found[0]
        else:
            core = _CORE.search(found[0])
            runs.append(_Run(*found.span(), found[0], core[0] if core else "", opens))
            opens = found[0].endswith(_ENDS) or (opens and core is None)
    return runs, quotes


def _is_fact(core: str, text: str, *, shouts: bool) -> bool:
    if any(char in _SIGNS or char.isnumeric() for char in text):
        return True
    inner = core[1:]
    if not shouts and inner and inner != inner.lower() and core.lower() not in _PLAIN_CAPITALS:
        return True  # a code such as EHGLPF or JFK, a name such as myOrder
    return core.lower() in _TELLING


def _is_name(run: _Run) -> bool:
    return run.core[:1].isupper() and run.core.lower() not in _PLAIN_CAPITALS


def _is_shouted(runs: list[_Run]) -> bool:
    """Whether most words are in capitals, which then say nothing."""
    words = [run.core for run in runs if len(run.core) > 1 and run.core.isalpha()]
    return 2 * sum(word.isupper() for word in words) > len(words)


def _phrase_spans(text: str, phrases: Collection[str]) -> Iterator[tuple[int, int]]:
    wanted = sorted({phrase for phrase in phrases if phrase.strip()}, key=len, reverse=True)
    if not wanted:
        return
    either = "|".join(re.escape(phrase) for phrase in wanted[:_MOST_PHRASES])
    for found in re.finditer(rf"(?<!\w)(?:{either})(?!\w)", text, re.IGNORECASE):
        yield found.span()
