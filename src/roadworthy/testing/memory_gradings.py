"""Later gradings of one run in memory: the part of a kept run that holds them."""

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from roadworthy.base.codec import decode
from roadworthy.records.grading import Grading
from roadworthy.records.reading import TrialReading
from roadworthy.store.encoding import encoded, encoded_readably
from roadworthy.store.grading_refusals import (
    AS_IT_RAN,
    finished_grading,
    taken_grading,
    unknown_grading,
    unknown_trial,
)


class KeptGrading:
    """A grading with its encoded readings by case and repeat."""

    def __init__(self, grading: Grading) -> None:
        self.data = encoded_readably(grading, f"grading {grading.number} of run {grading.run!r}")
        self.finished_at: float | None = None
        self.readings: dict[tuple[str, int], Sequence[bytes]] = {}


class MemoryGradings:
    """The later gradings of the run `run`, by number."""

    def __init__(self, run: str) -> None:
        self.kept: dict[int, KeptGrading] = {}
        self._run = run

    @property
    def in_force(self) -> int:
        """The number of the grading that gives counts and verdicts."""
        finished = (number for number, kept in self.kept.items() if kept.finished_at is not None)
        return max(finished, default=AS_IT_RAN)

    def of(self, number: int) -> KeptGrading:
        """One grading. Raises `UnknownName`."""
        if number not in self.kept:
            raise unknown_grading(self._run, number, sorted(self.kept))
        return self.kept[number]

    def begin(self, grading: Grading) -> None:
        """Keep a grading whose number is free."""
        if grading.number in self.kept:
            raise taken_grading(self._run, grading.number)
        self.kept[grading.number] = KeptGrading(grading)

    def append(
        self,
        number: int,
        rows: Mapping[tuple[str, int], Sequence[bytes]],
        *,
        made: Collection[tuple[str, int]],
    ) -> int:
        """Keep readings of trials that were `made`, all or none; returns how many were new."""
        kept = self.of(number)
        if kept.finished_at is not None:
            raise finished_grading(self._run, number)
        for place in rows:
            if place not in made:
                raise unknown_trial(self._run, *place)
        new = {place: found for place, found in rows.items() if place not in kept.readings}
        kept.readings |= new
        return len(new)

    def finish(self, number: int, *, at: float) -> None:
        """Put a grading in force; one that is finished stays as it is."""
        kept = self.of(number)
        if kept.finished_at is None:
            kept.finished_at = at

    def list(self) -> Sequence[Grading]:
        """By number."""
        return [
            replace(decode(Grading, kept.data), finished_at=kept.finished_at)
            for _, kept in sorted(self.kept.items())
        ]

    def readings(self, number: int, place: tuple[str, int]) -> tuple[TrialReading, ...]:
        """What a grading found on one trial; nothing where it has not read it."""
        found = self.kept[number].readings.get(place, ())
        return tuple(decode(TrialReading, data) for data in found)


def encode_readings(found: Sequence[TrialReading]) -> Sequence[bytes]:
    """Check and encode the readings of one trial."""
    return [encoded(entry, f"a reading of {entry.grader!r}") for entry in found]
