"""One pattern over many texts, in bounded time: a conversation costs one process at most."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from roadworthy.grade.bounded_search import BOUND_S, SearchTooSlow, is_quick

_APART: Final = (
    "import json, re, sys; pattern, texts = json.load(sys.stdin); "
    "json.dump([found and found.span() for found in "
    "(re.search(pattern, text) for text in texts)], sys.stdout)"
)
_Place = tuple[int, int] | None


def found_in(pattern: str, texts: Sequence[str]) -> list[bool]:
    """For each text whether `pattern` matches somewhere in it. Raises `SearchTooSlow`."""
    return [place is not None for place in places_in(pattern, texts)]


def places_in(pattern: str, texts: Sequence[str]) -> list[_Place]:
    """For each text where `pattern` first matches, or `None`.

    Texts in which it could backtrack for long are searched together, in a process of their own.

    Raises:
        SearchTooSlow: that process took more than `bounded_search.BOUND_S` seconds.
    """
    slow = [n for n, text in enumerate(texts) if not is_quick(pattern, len(text))]
    apart = dict(zip(slow, _searched_apart(pattern, [texts[n] for n in slow]), strict=True))
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


def _searched_apart(pattern: str, texts: list[str]) -> list[_Place]:
    if not texts:
        return []
    command = [sys.executable, "-I", "-S", "-c", _APART]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own code
            command,
            input=json.dumps([pattern, texts]).encode(),
            capture_output=True,
            timeout=BOUND_S,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise SearchTooSlow(
            f"the pattern could not be searched for in {len(texts)} texts within {BOUND_S:g} s",
            hint="use fewer nested or neighbouring repeats",
        ) from error
    places: list[list[int] | None] = json.loads(done.stdout)
    return [None if place is None else (place[0], place[1]) for place in places]
