"""Cases that ask nearly the same, letter by letter."""

from collections.abc import Sequence
from typing import Final

from roadworthy.gate.spring_cleaning.subject import CleaningPolicy, Subject
from roadworthy.records.record import Record

_MOST: Final = 4000  # characters of an input that are compared
_LEAST: Final = 12  # characters; below, inputs are alike by being short


class Alike(Record, frozen=True, kw_only=True):
    """Two cases whose inputs hardly differ; `same` when they expect the same as well."""

    case: str
    other: str
    similarity: float  # 0 to 1
    same: bool


def near_duplicates(subjects: Sequence[Subject], policy: CleaningPolicy) -> tuple[Alike, ...]:
    """Pairs of cases, most similar first; the later one in the suite's order stands first.

    Similarity is 1 - d / (a + b): lengths a and b, and the insertions and deletions d that turn
    one text into the other, the case of letters and the amount of white space aside. Variants
    of one case are meant to be alike and are left out, as are inputs of a few letters.
    """
    from rapidfuzz.distance import Indel  # noqa: PLC0415 - costs start-up time

    texts = sorted(
        ((_plain(one.text), place) for place, one in enumerate(subjects)), key=lambda t: len(t[0])
    )
    found = []
    for rank, (text, place) in enumerate(texts):
        longest = len(text) * (2 / policy.near_duplicate - 1)
        for longer, other in texts[rank + 1 :]:
            if len(longer) > longest or len(text) < _LEAST:
                break
            alike = Indel.normalized_similarity(text, longer, score_cutoff=policy.near_duplicate)
            later, earlier = subjects[max(place, other)], subjects[min(place, other)]
            if alike >= policy.near_duplicate and _family(later) != _family(earlier):
                found.append(_alike(later, earlier, alike))
    return tuple(sorted(found, key=lambda pair: -pair.similarity))


def _alike(later: Subject, earlier: Subject, similarity: float) -> Alike:
    same = later.expects == earlier.expects
    return Alike(case=later.case, other=earlier.case, similarity=similarity, same=same)


def _family(subject: Subject) -> str:
    return subject.variant_of or subject.case


def _plain(text: str) -> str:
    return " ".join(text[:_MOST].casefold().split())
