"""Logic with a third answer: `None` is "nobody knows", and it never turns into yes or no."""

from collections.abc import Iterable
from typing import TypeAlias

Truth: TypeAlias = bool | None


def all_of(truths: Iterable[Truth]) -> Truth:
    """False if any is false; else unknown if any is unknown; else true. None at all: true."""
    known = True
    for truth in truths:
        if truth is False:
            return False
        known = known and truth is not None
    return True if known else None


def any_of(truths: Iterable[Truth]) -> Truth:
    """True if any is true; else unknown if any is unknown; else false. None at all: false."""
    return negated(all_of(negated(truth) for truth in truths))


def negated(truth: Truth) -> Truth:
    """The opposite; unknown stays unknown."""
    return None if truth is None else not truth
