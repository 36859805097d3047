"""One pattern over many texts, in bounded time: a conversation costs one process at most."""

import re
from collections.abc import Sequence
from functools import lru_cache

from roadworthy.grade.bounded_search import Place, is_quick, places_apart


def found_in(pattern: str, texts: Sequence[str]) -> list[bool]:
    """For each text whether `pattern` matches somewhere in it. Raises `SearchTooSlow`."""
    return [place is not None for place in places_in(pattern, texts)]


def places_in(pattern: str, texts: Sequence[str]) -> list[Place]:
    """For each text where `pattern` first matches, or `None`.

    Texts in which it could backtrack for long are searched together, in a process of their own.

    Raises:
        SearchTooSlow: that process took more than `bounded_search.BOUND_S` seconds.
    """
    slow = [n for n, text in enumerate(texts) if not is_quick(pattern, len(text))]
    apart: dict[int, Place] = {}
    if slow:
        places = places_apart(pattern, [texts[n] for n in slow], where=f"{len(slow)} texts")
        apart = dict(zip(slow, places, strict=True))
    compiled = _compiled(pattern)
    return [
        apart[n]
        if n in apart
        else (found.span() if (found := compiled.search(text)) is not None else None)
        for n, text in enumerate(texts)
    ]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
