"""What changed between two gradings of the same trials, and which grader made it.

The trials are the same, so nothing here says anything about the agent.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from roadworthy.records.reading import (
    Grade,
    Reading,
    TrialReading,
    TrialVerdict,
    grader_identity,
)
from roadworthy.records.trial_result import TrialResult

VERDICTS: Final = tuple(one.value for one in TrialVerdict)


class Cause(StrEnum):
    """Why a grader reads a trial otherwise than before."""

    NEW = "new"
    GONE = "gone"
    VERSION = "version"  # the grader itself is another
    OPTIONS = "options"  # it is asked for in another way
    REQUIRED = "required"  # it counts now, or no longer
    JUDGE = "judge"  # another judge, rubric or number of passes
    MIND = "mind"  # the same in every way that is recorded, and it says something else


class GraderChange(msgspec.Struct, frozen=True, kw_only=True):
    """One grader on one trial; `None` on the side where it was not asked."""

    grader: str
    cause: Cause
    before: str | None  # name@version/options
    after: str | None
    said_before: str | None  # passed, failed or unmeasured
    said_after: str | None
    why_before: str | None
    why_after: str | None
    spans: tuple[str, ...]  # that the later one points at


class TrialChange(msgspec.Struct, frozen=True, kw_only=True):
    """A trial whose verdict is another one now."""

    case: str
    repeat: int
    trace: str | None
    before: str
    after: str
    graders: tuple[GraderChange, ...]


class GraderTally(msgspec.Struct, frozen=True, kw_only=True):
    """How many trials one grader passed, failed and could not measure."""

    grader: str
    required: bool
    before: dict[str, int] | None  # None: it was not among the graders
    after: dict[str, int] | None
    other_mind: int  # trials of which it said something else before


class Changes:
    """Folds pairs of results, the same trial before and after."""

    def __init__(self) -> None:
        self.trials: list[TrialChange] = []
        self.moves: Counter[tuple[TrialVerdict, TrialVerdict]] = Counter()
        self._before: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._after: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._required: dict[str, bool] = {}
        self._minds: Counter[str] = Counter()

    def add(self, before: TrialResult, after: TrialResult) -> None:
        """Take in one trial."""
        pairs = list(paired(before.readings, after.readings))
        for one in pairs:
            self._count(one)
        self.moves[before.verdict, after.verdict] += 1
        if before.verdict is not after.verdict:
            self.trials.append(
                TrialChange(
                    case=after.trial.case,
                    repeat=after.trial.repeat,
                    trace=after.trial.trace_id,
                    before=before.verdict.value,
                    after=after.verdict.value,
                    graders=tuple(_reasons(pairs, before.verdict, after.verdict)),
                )
            )

    def _count(self, pair: "Paired") -> None:
        name = pair.name
        if pair.before is not None:
            self._required.setdefault(name, pair.before.required)
            self._before[name][said(pair.before.reading)] += 1
        if pair.after is not None:
            self._required[name] = pair.after.required
            self._after[name][said(pair.after.reading)] += 1
        if pair.before is not None and pair.after is not None:
            self._minds[name] += said(pair.before.reading) != said(pair.after.reading)

    def tallies(self) -> tuple[GraderTally, ...]:
        """Every grader of either side: first those of today, in the order they were met."""
        names = dict.fromkeys((*self._after, *self._before))
        return tuple(
            GraderTally(
                grader=name,
                required=self._required[name],
                before=_counts(self._before.get(name)),
                after=_counts(self._after.get(name)),
                other_mind=self._minds[name],
            )
            for name in names
        )


class Paired(NamedTuple):
    """What one grader said of a trial before and after."""

    before: TrialReading | None
    after: TrialReading | None

    @property
    def name(self) -> str:
        """Of the grader."""
        one = self.after or self.before
        assert one is not None
        return one.grader


def paired(before: Sequence[TrialReading], after: Sequence[TrialReading]) -> Iterator[Paired]:
    """Match the readings of one trial: by all that identifies a grader, then by its name."""
    rest = list(before)
    pairs: list[TrialReading | None] = [_take(rest, grader_identity(one)) for one in after]
    for place, one in enumerate(after):
        if pairs[place] is None:
            pairs[place] = _take_named(rest, one.grader)
    yield from (Paired(was, now) for was, now in zip(pairs, after, strict=True))
    yield from (Paired(was, None) for was in rest)


def said(reading: Reading) -> str:
    """``passed``, ``failed`` or ``unmeasured``."""
    if isinstance(reading, Grade):
        return (TrialVerdict.PASSED if reading.passed else TrialVerdict.FAILED).value
    return TrialVerdict.UNMEASURED.value


def joined(
    before: Iterable[TrialResult], after: Iterable[TrialResult]
) -> Iterator[tuple[TrialResult, TrialResult]]:
    """The same trial from both, in the order of `before`; what only one of them holds is left out.

    Reads on in both at once where they are in one order and hold the same trials; what `after`
    holds of others is kept until it is wanted.
    """
    later = iter(after)
    passed_over: dict[tuple[str, int], TrialResult] = {}
    for was in before:
        key = was.trial.case, was.trial.repeat
        for now in later if key not in passed_over else ():
            passed_over[now.trial.case, now.trial.repeat] = now
            if key in passed_over:
                break
        if key in passed_over:
            yield was, passed_over.pop(key)


def _take(rest: list[TrialReading], identity: str) -> TrialReading | None:
    return _first(rest, [one for one in rest if grader_identity(one) == identity])


def _take_named(rest: list[TrialReading], grader: str) -> TrialReading | None:
    return _first(rest, [one for one in rest if one.grader == grader])


def _first(rest: list[TrialReading], found: list[TrialReading]) -> TrialReading | None:
    if not found:
        return None
    rest.remove(found[0])
    return found[0]


def _reasons(
    pairs: Iterable[Paired], before: TrialVerdict, after: TrialVerdict
) -> Iterator[GraderChange]:
    """Graders that brought the verdict about: what they said, or whether it counts, is other.

    Those that speak for either verdict come alone; where none does, all that weigh otherwise.
    """
    other = [pair for pair in pairs if _weighs(pair.before) != _weighs(pair.after)]
    speaking = [
        pair for pair in other if _speaks_for(pair.before, before) or _speaks_for(pair.after, after)
    ]
    return (_change(was, now) for was, now in speaking or other)


def _speaks_for(entry: TrialReading | None, verdict: TrialVerdict) -> bool:
    """Every grader speaks for a pass, so none of them explains it."""
    if verdict is TrialVerdict.PASSED:
        return False
    return _weighs(entry) == verdict.value


def _weighs(entry: TrialReading | None) -> str:
    """What it said, where that counts."""
    return said(entry.reading) if entry is not None and entry.required else ""


def _change(was: TrialReading | None, now: TrialReading | None) -> GraderChange:
    one = now or was
    assert one is not None
    evidence = now.reading.evidence if now and isinstance(now.reading, Grade) else ()
    return GraderChange(
        grader=one.grader,
        cause=_cause(was, now),
        before=None if was is None else grader_identity(was),
        after=None if now is None else grader_identity(now),
        said_before=None if was is None else said(was.reading),
        said_after=None if now is None else said(now.reading),
        why_before=None if was is None else was.reading.why,
        why_after=None if now is None else now.reading.why,
        spans=evidence,
    )


def _cause(was: TrialReading | None, now: TrialReading | None) -> Cause:
    if was is None:
        return Cause.NEW
    if now is None:
        return Cause.GONE
    if was.version != now.version:
        return Cause.VERSION
    if was.options != now.options:
        return Cause.OPTIONS
    if was.instrument != now.instrument:
        return Cause.JUDGE
    return Cause.REQUIRED if was.required != now.required else Cause.MIND


def _counts(found: Counter[str] | None) -> dict[str, int] | None:
    return None if found is None else {name: found[name] for name in VERDICTS}
