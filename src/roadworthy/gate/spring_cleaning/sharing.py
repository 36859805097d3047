"""Cases that tell nothing another one does not: whenever this one failed, that one had failed.

Such a pair is only called redundant where chance is no better explanation. For every pair that
could have shown it, the chance is worked out that an unrelated case of the same difficulty
would share these failures (`stats.shared_failures`), and among all of them the share of false
finds is held (Benjamini-Hochberg). Versions on which either case was mixed say nothing.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from roadworthy.gate.spring_cleaning.past import Outcome, Past
from roadworthy.gate.spring_cleaning.subject import CleaningPolicy
from roadworthy.records.record import Record
from roadworthy.stats.fdr import benjamini_hochberg
from roadworthy.stats.shared_failures import MOST_MOMENTS, chance_of_sharing


class Shared(Record, frozen=True, kw_only=True):
    """Whenever `case` failed, `other` did; `equal` when the reverse holds too."""

    case: str
    other: str
    versions: int  # on which both were clear
    failed: int  # of them, by `case`
    other_failed: int
    equal: bool
    chance: float  # of an unrelated case sharing them, before the number of pairs is counted
    q_value: float  # after
    shown: bool  # chance is no explanation


class _Track(NamedTuple):
    """A case over the versions as bits: where it was clear, and where it failed."""

    clear: int
    failed: int


def shared_failures(
    pasts: Mapping[str, Past], versions: Sequence[str], policy: CleaningPolicy
) -> tuple[Shared, ...]:
    """Pairs in which one case holds what the other can tell, least likely by chance first.

    Args:
        pasts: by case.
        versions: digests in order; the last 64 count.
        policy: how many versions a pair needs, and the share of false finds.
    """
    latest = list(versions)[-MOST_MOMENTS:]
    tracks = {case: _track(past, latest) for case, past in pasts.items()}
    rates = _failure_rates(list(tracks.values()), len(latest))

    @lru_cache(maxsize=100_000)
    def chance(both: int, failed: int, size: int) -> float:
        places = _places(both)
        wanted = [rank for rank, place in enumerate(places) if failed >> place & 1]
        return chance_of_sharing([rates[place] for place in places], wanted, size=size)

    tested, found = 0, []
    for (case, one), (other, two) in permutations(tracks.items(), 2):
        both = one.clear & two.clear
        mine, theirs = one.failed & both, two.failed & both
        if both.bit_count() < policy.min_versions or not mine or not theirs:
            continue
        tested += 1
        if mine & ~theirs == 0:
            found.append((case, other, both, mine, theirs))
    chances = [chance(both, mine, theirs.bit_count()) for _, _, both, mine, theirs in found]
    # a pair that did not share is a test whose chance is 1
    q_values = benjamini_hochberg([*chances, *[1.0] * (tested - len(chances))])
    told = [
        _shared(*pair, chance=p, q_value=q, policy=policy)
        for pair, p, q in zip(found, chances, q_values[: len(found)], strict=True)
    ]
    return tuple(sorted(told, key=lambda pair: (pair.chance, -pair.failed)))


def _shared(
    case: str,
    other: str,
    both: int,
    mine: int,
    theirs: int,
    *,
    chance: float,
    q_value: float,
    policy: CleaningPolicy,
) -> Shared:
    return Shared(
        case=case,
        other=other,
        versions=both.bit_count(),
        failed=mine.bit_count(),
        other_failed=theirs.bit_count(),
        equal=mine == theirs,
        chance=chance,
        q_value=q_value,
        shown=q_value <= policy.alike_q,
    )


def _track(past: Past, versions: Sequence[str]) -> _Track:
    clear = failed = 0
    for place, version in enumerate(versions):
        count = past.versions.get(version)
        if count is not None and count.outcome is not Outcome.MIXED:
            clear |= 1 << place
            failed |= (count.outcome is Outcome.FAILED) << place
    return _Track(clear, failed)


def _failure_rates(tracks: Sequence[_Track], versions: int) -> list[float]:
    """How hard each version found the suite, with half a case added at each extreme."""
    rates = []
    for place in range(versions):
        clear = sum(track.clear >> place & 1 for track in tracks)
        failed = sum(track.failed >> place & 1 for track in tracks)
        rates.append((failed + 0.5) / (clear + 1))
    return rates


def _places(bits: int) -> list[int]:
    return [place for place in range(bits.bit_length()) if bits >> place & 1]
