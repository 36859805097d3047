"""Regular expressions over hostile text, in bounded time.

Python's engine backtracks, cannot be interrupted and holds the interpreter while it runs, so
``(a+)+$`` over forty unlucky characters would stop a whole run. Before a search we bound its
steps from the shape of the pattern and the length of the text. Within `QUICK_STEPS` (about a
second at worst, nearly always microseconds) it runs here; past that, in a process of its own
that is killed after `BOUND_S` seconds. The bound is coarse and errs to the slow side: a
harmless pattern may cost a process (some 20 ms), a harmful one never costs the run.
"""

import json
import math
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from roadworthy.base.errors import RoadworthyError

QUICK_STEPS: Final = 1e8
BOUND_S: Final = 3.0

_COSTLY_STEP: Final = 3  # one step of a group costs as much as 2^3 of a single character

_TOKEN = re.compile(
    r"""
    (?P<plain>  \\. | \[ \^? \]? (?: \\. | [^\]\\] )* \] )
  | (?P<open>   \( \?? )
  | (?P<close>  \) )
  | (?P<either> \| )
  | (?P<repeat> (?: [*+] | \{ \d* , \d* \} ) [?+]? )
  | (?P<times>  \{ \d+ \} [?+]? )
  | (?P<maybe>  \? [?+]? )
  | (?P<other>  . )
    """,
    re.VERBOSE | re.DOTALL,
)
_APART: Final = (
    "import json, re, sys; pattern, texts = json.load(sys.stdin); "
    "json.dump([found and found.span() for found in "
    "(re.search(pattern, text) for text in texts)], sys.stdout)"
)

Place: TypeAlias = tuple[int, int] | None
"""Where a pattern first matched."""


class SearchTooSlow(RoadworthyError):
    """A pattern needed longer on a text than any search may take."""


def found(pattern: str, text: str) -> bool:
    """Whether `pattern` matches anywhere in `text`; returns within `BOUND_S` and a little.

    Raises:
        SearchTooSlow: the search was given up.
    """
    return (
        quickly_found(pattern, text) if is_quick(pattern, len(text)) else found_apart(pattern, text)
    )


def is_quick(pattern: str, length: int) -> bool:
    """Whether `pattern` can be searched for in this process in a text of `length` characters."""
    return worst_steps_log10(pattern, length) <= math.log10(QUICK_STEPS)


def quickly_found(pattern: str, text: str) -> bool:
    """Search in this process; only for what `is_quick`."""
    return re.search(pattern, text) is not None


def found_apart(pattern: str, text: str) -> bool:
    """Search in a process of its own, killed after `BOUND_S` seconds. Blocks.

    Raises:
        SearchTooSlow: the search was given up, or no process could be had.
    """
    return places_apart(pattern, [text], where=f"{len(text)} characters") != [None]


def places_apart(pattern: str, texts: Sequence[str], *, where: str) -> list[Place]:
    """For each text where `pattern` first matches, all in one process; `where` is for the error.

    Raises:
        SearchTooSlow: the search was given up, or no process could be had.
    """
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
            f"the pattern could not be searched for in {where} "
            f"within {BOUND_S:g} s ({type(error).__name__})",
            hint="use fewer nested or neighbouring repeats",
        ) from error
    places: list[list[int] | None] = json.loads(done.stdout)
    return [None if place is None else (place[0], place[1]) for place in places]


def worst_steps_log10(pattern: str, length: int) -> float:
    """Decimal logarithm of a coarse upper bound on backtracking steps.

    With r repeats and c choices (alternatives and optional parts) outside one another, a
    search of n characters takes at most n^(r+1) * 2^c steps; a repeat around a repeat or a
    choice may take 2^n, and its steps are dear.
    """
    repeats, choices, nested = _shape(pattern)
    if nested:
        return (_COSTLY_STEP + length + choices) * math.log10(2)
    return (repeats + 1) * math.log10(max(length, 1)) + choices * math.log10(2)


@lru_cache(maxsize=256)
def _shape(pattern: str) -> tuple[int, int, bool]:
    """Repeats, choices, and whether one of them stands under a repeat."""
    stack = [[0, 0]]  # repeats and choices of each group that is open
    closed = [0, 0]  # those of the group that has just been closed
    nested = False
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup
        if kind in ("repeat", "times"):
            nested = nested or any(closed)
        if kind == "open":
            stack.append([0, 0])
        elif kind == "repeat":
            stack[-1][0] += 1
        elif kind in ("maybe", "either"):
            stack[-1][1] += 1
        closed = _close(stack) if kind == "close" and len(stack) > 1 else [0, 0]
    return sum(group[0] for group in stack), sum(group[1] for group in stack), nested


def _close(stack: list[list[int]]) -> list[int]:
    group = stack.pop()
    stack[-1][0] += group[0]
    stack[-1][1] += group[1]
    return group
