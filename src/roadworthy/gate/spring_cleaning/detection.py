"""What the gate could still see with fewer cases: its smallest detectable drop, before and after.

Taken for a fixed number of repeats and a baseline that is measured alike: the regression cases
that were measured, at the rate of each on the version that measured it last.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from roadworthy.base.errors import TooFewSamples
from roadworthy.gate.spring_cleaning.past import Past
from roadworthy.gate.spring_cleaning.subject import Subject
from roadworthy.records.case import Kind
from roadworthy.stats.power import smallest_drop


class _Sums(NamedTuple):
    cases: int
    rate: float
    inverse: float  # of the repeats

    def less(self, others: "_Sums") -> "_Sums":
        return _Sums(
            self.cases - others.cases, self.rate - others.rate, self.inverse - others.inverse
        )


class Detection:
    """The power of a suite's regression cases, with or without some of them."""

    def __init__(
        self, subjects: Sequence[Subject], pasts: Mapping[str, Past], *, level: float
    ) -> None:
        self._level = level
        self._parts = {
            one.case: _part(one, pasts[one.case])
            for one in subjects
            if one.kind is Kind.REGRESSION and pasts[one.case].versions
        }
        self._all = _total(self._parts.values())

    def drop(self, without: Collection[str] = ()) -> float | None:
        """Rate points that would be seen four times in five; `None`: not even a fall to 0."""
        gone = _total(self._parts[case] for case in without if case in self._parts)
        left = self._all.less(gone) if gone.cases else self._all
        if left.cases < 1:
            return None
        rate = min(1.0, max(0.0, left.rate / left.cases))
        repeats = left.cases / left.inverse
        try:
            return smallest_drop(rate, clusters=left.cases, repeats=repeats, level=self._level)
        except TooFewSamples:
            return None


def _part(subject: Subject, past: Past) -> _Sums:
    latest = list(past.versions.values())[-1]
    return _Sums(1, latest.passed / latest.measured, 1 / subject.repeats)


def _total(parts: Iterable[_Sums]) -> _Sums:
    some = list(parts)
    return _Sums(len(some), sum(one.rate for one in some), sum(one.inverse for one in some))
