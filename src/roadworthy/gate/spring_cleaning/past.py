"""A case's past, from the evidence of runs: by run, and by version, oldest first.

Only trials of the case as it stands today count: one whose input or expectations were changed
has a past that begins with the change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from roadworthy.gate.spring_cleaning.subject import DatedRun, Subject
from roadworthy.records.evidence import CaseEvidence


class Outcome(Enum):
    """How a version did on a case: always, never, or now and then."""

    PASSED = auto()
    FAILED = auto()
    MIXED = auto()


@dataclass(slots=True, kw_only=True)
class Count:
    """Trials with a verdict, of one run or of one version."""

    name: str  # the run, or the digest of the version
    at: float  # when it first ran, seconds since 1970, UTC
    passed: int = 0
    measured: int = 0

    @property
    def outcome(self) -> Outcome:
        """All passed, none did, or some."""
        if self.passed == self.measured:
            return Outcome.PASSED
        return Outcome.MIXED if self.passed else Outcome.FAILED


@dataclass(slots=True, kw_only=True)
class Past:
    """What was measured of one case; counts hold at least one measured trial each."""

    runs: list[Count] = field(default_factory=list)
    versions: dict[str, Count] = field(default_factory=dict)
    made: list[CaseEvidence] = field(default_factory=list)  # every run's, oldest first

    @property
    def passed(self) -> int:
        """Trials that passed."""
        return sum(count.passed for count in self.runs)

    @property
    def measured(self) -> int:
        """Trials with a verdict."""
        return sum(count.measured for count in self.runs)

    def add(self, run: DatedRun, seen: CaseEvidence) -> None:
        """Count one run; runs come oldest first."""
        self.made.append(seen)
        if not seen.measured:
            return
        fresh = Count(name=run.digest, at=run.started_at)
        version = self.versions.setdefault(run.digest, fresh)
        version.passed += seen.passed
        version.measured += seen.measured
        name = run.evidence.run
        count = Count(name=name, at=run.started_at, passed=seen.passed, measured=seen.measured)
        self.runs.append(count)


def read_pasts(subjects: Iterable[Subject], runs: Sequence[DatedRun]) -> dict[str, Past]:
    """The past of each case by its id; `runs` in any order."""
    digests = {subject.case: subject.digest for subject in subjects}
    pasts = {case: Past() for case in digests}
    for run in in_order(runs):
        for seen in run.evidence.cases:
            if digests.get(seen.case) == seen.digest:
                pasts[seen.case].add(run, seen)
    return pasts


def in_order(runs: Sequence[DatedRun]) -> list[DatedRun]:
    """Oldest first."""
    return sorted(runs, key=lambda run: (run.started_at, run.evidence.run))


def first_runs(runs: Sequence[DatedRun]) -> Mapping[str, DatedRun]:
    """The first run of each version, in the order in which versions came."""
    first: dict[str, DatedRun] = {}
    for run in in_order(runs):
        first.setdefault(run.digest, run)
    return first
