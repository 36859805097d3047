"""The coverage map: which combinations of values have a case, and which have none.

A case counts for a cell only while it can tell something: regression and capability cases do;
candidates, quarantined and retired ones stand beside, by name, and leave their cell empty.
Whether a case that counts was ever measured is for whoever has the runs (`app.suite_coverage`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Final, TypeAlias

from roadworthy.base.errors import BadRequest
from roadworthy.base.ids import natural_key
from roadworthy.records.case import Kind
from roadworthy.records.record import Record
from roadworthy.suite.coverage_facets import EDGE, HAPPY, PATH, Facets
from roadworthy.suite.coverage_plan import CoveragePlan

MOST_CELLS: Final = 10_000
COUNTING: Final = (Kind.REGRESSION, Kind.CAPABILITY)
_ALWAYS: Final[dict[str, list[str]]] = {PATH: [HAPPY, EDGE]}
"""Values that a dimension has even where no case does."""
_Place: TypeAlias = tuple[str, ...]


class SortedCase(Record, frozen=True, kw_only=True):
    """A case with its values by dimension."""

    case: str
    kind: Kind
    facets: dict[str, tuple[str, ...]]

    @property
    def counts(self) -> bool:
        """Whether a cell with this case has one."""
        return self.kind in COUNTING


class Cell(Record, frozen=True, kw_only=True):
    """One combination of values that some case has. A case may stand in several cells."""

    values: dict[str, str]
    cases: tuple[str, ...]  # that count
    beside: tuple[str, ...] = ()  # candidates, quarantined and retired ones

    @property
    def name(self) -> str:
        """E.g. ``category=refund, persona=angry``."""
        return cell_name(self.values)


class EmptyCell(Record, frozen=True, kw_only=True):
    """A combination without a case that counts."""

    values: dict[str, str]
    planned: bool  # the suite says that it should have one
    expected: float  # cases there, if the values of counting cases met at random
    beside: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As of a `Cell`."""
        return cell_name(self.values)


class CoverageMap(Record, frozen=True, kw_only=True):
    """All cells of a few dimensions; those never meant to have a case are left out."""

    by: tuple[str, ...]
    cells: tuple[Cell, ...]  # with a case that counts, by the values' natural order
    empty: tuple[EmptyCell, ...]  # most wanted first
    unsaid: tuple[str, ...]  # cases that count and lack a value in one of the dimensions


def cell_name(values: Mapping[str, str]) -> str:
    """One line for a combination."""
    return ", ".join(f"{name}={value}" for name, value in values.items())


def cell_count(cases: Sequence[SortedCase], by: Sequence[str], plan: CoveragePlan) -> int:
    """How many combinations a map would have."""
    return prod(len(values) for values in _values(cases, by, plan))


def coverage_map(cases: Sequence[SortedCase], by: Sequence[str], plan: CoveragePlan) -> CoverageMap:
    """Sort `cases` by the dimensions `by`, every value of each with every value of the others.

    A dimension's values are those planned and those that any case has, retired ones included:
    what only a retired case had is empty now. Empty cells come in this order: planned ones,
    then by how many cases would be there if values met at random, which ranks a gap between
    two common values above one between two rare ones.

    Raises:
        BadRequest: more than 10,000 combinations.
    """
    count = cell_count(cases, by, plan)
    if count > MOST_CELLS:
        raise BadRequest(
            f"{' by '.join(by)} has {count:,} combinations, more than {MOST_CELLS:,}",
            hint="name fewer dimensions",
        )
    counted, beside = _placed(cases, by)
    likely = _Likely(cases, by)
    cells, empty = [], []
    for place in product(*_values(cases, by, plan)):
        values = dict(zip(by, place, strict=True))
        if any(combination.items() <= values.items() for combination in plan.never):
            continue
        others = tuple(beside.get(place, ()))
        if place in counted:
            cells.append(Cell(values=values, cases=tuple(counted[place]), beside=others))
        else:
            empty.append(
                EmptyCell(
                    values=values,
                    planned=_is_planned(values, plan),
                    expected=likely.at(place),
                    beside=others,
                )
            )
    empty.sort(key=lambda cell: (not cell.planned, -cell.expected))
    unsaid = [one.case for one in cases if one.counts and not all(map(one.facets.get, by))]
    return CoverageMap(by=tuple(by), cells=tuple(cells), empty=tuple(empty), unsaid=tuple(unsaid))


def sorted_case(case: str, kind: Kind, facets: Facets) -> SortedCase:
    """A case with its values."""
    return SortedCase(case=case, kind=kind, facets=dict(facets))


def _values(cases: Iterable[SortedCase], by: Sequence[str], plan: CoveragePlan) -> list[list[str]]:
    """For each dimension its values: planned ones as they are listed, then the others."""
    told = list(cases)
    values = []
    for name in by:
        planned = plan.values.get(name, _ALWAYS.get(name, []))
        seen = {value for one in told for value in one.facets.get(name, ())}
        values.append([*dict.fromkeys(planned), *sorted(seen - set(planned), key=natural_key)])
    return values


def _placed(
    cases: Iterable[SortedCase], by: Sequence[str]
) -> tuple[dict[_Place, list[str]], dict[_Place, list[str]]]:
    """Cases by cell: those that count, and the others."""
    counted: dict[_Place, list[str]] = {}
    beside: dict[_Place, list[str]] = {}
    for one in cases:
        for place in product(*(one.facets.get(name, ()) for name in by)):
            (counted if one.counts else beside).setdefault(place, []).append(one.case)
    return counted, beside


def _is_planned(values: Mapping[str, str], plan: CoveragePlan) -> bool:
    listed = all(value in plan.values.get(name, ()) for name, value in values.items())
    return listed and (len(values) == 1 or any(set(values) <= set(group) for group in plan.cross))


class _Likely:
    """How many cases a cell would have if the values of the dimensions were unrelated."""

    def __init__(self, cases: Sequence[SortedCase], by: Sequence[str]) -> None:
        counting = [one for one in cases if one.counts]
        self._cases = len(counting)
        self._of = [
            Counter(value for one in counting for value in one.facets.get(name, ())) for name in by
        ]

    def at(self, place: _Place) -> float:
        if not self._cases:
            return 0.0
        counts = [of[value] for of, value in zip(self._of, place, strict=True)]
        return float(prod(counts)) / float(self._cases) ** (len(counts) - 1)
