"""What each case ever caught: versions on which it broke, and those where it alone did.

Versions of one target follow one another in the order in which they first ran. A case broke
when it always passed on one and never on the next: one trial a side is enough to have seen it,
and not enough to have proved it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from roadworthy.gate.spring_cleaning.past import Outcome, Past, first_runs
from roadworthy.gate.spring_cleaning.subject import DatedRun


class Catches(NamedTuple):
    """By case: versions on which it broke, and those of them where no other case did."""

    any: Counter[str]
    alone: Counter[str]


def count_catches(pasts: Mapping[str, Past], runs: Sequence[DatedRun]) -> Catches:
    """Go through the versions of each target, side by side."""
    found = Catches(Counter(), Counter())
    by_target: dict[str, list[str]] = {}
    for digest, run in first_runs(runs).items():
        by_target.setdefault(run.target, []).append(digest)
    for versions in by_target.values():
        for before, after in pairwise(versions):
            broken = [case for case, past in pasts.items() if _broke(past, before, after)]
            found.any.update(broken)
            if len(broken) == 1:
                found.alone.update(broken)
    return found


def _broke(past: Past, before: str, after: str) -> bool:
    old, new = past.versions.get(before), past.versions.get(after)
    if old is None or new is None:
        return False
    return old.outcome is Outcome.PASSED and new.outcome is Outcome.FAILED
