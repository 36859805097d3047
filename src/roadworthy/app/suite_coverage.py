"""The coverage map of a suite with what was last measured in each of its cells.

A cell is covered when at least one case that counts in it was measured as it stands today.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from roadworthy.app.app import App
from roadworthy.app.suite_history import read_folder, suite_runs
from roadworthy.base.errors import BadRequest
from roadworthy.base.registry import nearest
from roadworthy.gate.rates import pass_rate
from roadworthy.gate.spring_cleaning.subject import DatedRun
from roadworthy.gate.trust import as_read
from roadworthy.gate.wording import names
from roadworthy.records.case import Suite
from roadworthy.records.decision import Rate
from roadworthy.records.evidence import CaseEvidence
from roadworthy.records.record import Record
from roadworthy.suite.coverage import (
    MOST_CELLS,
    CoverageMap,
    SortedCase,
    cell_count,
    coverage_map,
    sorted_case,
)
from roadworthy.suite.coverage_facets import DIMENSIONS, facets_of
from roadworthy.suite.coverage_plan import CoveragePlan
from roadworthy.suite.suite_folder import SuiteFolder

LEVEL: Final = 0.95
EMPTY_TOLD: Final = 100  # of one map
ONE_WAY: Final = ("path", "category", "fault", "persona", "policy", "difficulty", "variant")
CROSSED: Final = ("category", "fault", "persona", "policy")


class CellLine(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One cell with a case that counts."""

    values: dict[str, str]
    cases: tuple[str, ...]
    beside: tuple[str, ...]  # candidates, quarantined and retired ones
    unmeasured: tuple[str, ...]  # of `cases`, those that no run measured as they stand today
    covered: bool
    rate: Rate


class EmptyLine(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One cell without."""

    values: dict[str, str]
    planned: bool
    expected: float
    beside: tuple[str, ...]


class MapView(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One crossing of dimensions."""

    by: tuple[str, ...]
    covered: int
    unmeasured: int  # cells whose cases were never measured
    empty: int
    cells: tuple[CellLine, ...]
    gaps: tuple[EmptyLine, ...]  # most wanted first, at most 100
    unsaid: tuple[str, ...]  # cases that say nothing in one of the dimensions


class SuiteCoverage(Record, frozen=True, kw_only=True, omit_defaults=False):
    """The documented shape of `suite coverage --json`."""

    suite: str
    counting: int  # regression and capability cases
    beside: int  # the others
    measured: int  # of those that count
    versions: tuple[str, ...]  # of the agent, that the rates rest on; newest first
    maps: tuple[MapView, ...]
    notes: tuple[str, ...]


def map_suite(app: App, name: str | None, *, by: Sequence[str] = ()) -> SuiteCoverage:
    """The maps of a suite: of the dimensions `by` crossed, or the plan's, or the usual ones.

    Raises:
        BadRequest: no such suite or dimension, or too many combinations.
        BadFile: with everything that is wrong in its files.
    """
    read, suite = read_folder(app, name)
    cases, plan = sorted_cases(read), plan_of(read)
    if by:
        _check_dimensions(by, cases, plan)
    last = _LastMeasured(suite, suite_runs(app, suite.id))
    notes: list[str] = []
    views = [tuple(by)] if by else list(_usual(cases, plan, notes))
    maps = [_view(coverage_map(cases, group, plan), last) for group in views]
    counting = {one.case for one in cases if one.counts}
    return SuiteCoverage(
        suite=suite.id,
        counting=len(counting),
        beside=len(cases) - len(counting),
        measured=len(counting & last.seen.keys()),
        versions=last.versions(counting),
        maps=tuple(maps),
        notes=tuple(notes),
    )


def sorted_cases(read: SuiteFolder) -> list[SortedCase]:
    """Every case of the folder with its values."""
    return [sorted_case(one.case.id, one.case.kind, facets_of(one)) for one in read.cases]


def plan_of(read: SuiteFolder) -> CoveragePlan:
    """What the suite means to cover."""
    return CoveragePlan() if read.file is None else read.file.coverage


def covering_cases(read: SuiteFolder) -> dict[str, tuple[str, ...]]:
    """Cells of the usual maps that have a case, or of the planned ones where there is a plan.

    Without a plan only single dimensions count: nearly every case is the only one of its kind
    somewhere once two are crossed.
    """
    cases, plan = sorted_cases(read), plan_of(read)
    groups: list[tuple[str, ...]] = [(name,) for name in _single(cases, plan)]
    groups += [tuple(group) for group in plan.cross if cell_count(cases, group, plan) <= MOST_CELLS]
    maps = [coverage_map(cases, group, plan) for group in groups]
    return {cell.name: cell.cases for each in maps for cell in each.cells}


def _single(cases: Sequence[SortedCase], plan: CoveragePlan) -> list[str]:
    """Dimensions to show one by one: the plan's, and the usual ones that some case has."""
    stated = {name for one in cases for name in one.facets}
    usual = [name for name in ONE_WAY if name in stated]
    return list(dict.fromkeys([*plan.values, *usual]))


def _usual(
    cases: Sequence[SortedCase], plan: CoveragePlan, notes: list[str]
) -> Iterator[tuple[str, ...]]:
    """Single dimensions, then the plan's crossings, or pairs of the usual four."""
    single = _single(cases, plan)
    pairs = combinations([name for name in CROSSED if name in single], 2)
    crossings = [tuple(group) for group in plan.cross] or list(pairs)
    for group in [*((name,) for name in single), *crossings]:
        if cell_count(cases, group, plan) <= MOST_CELLS:
            yield group
        else:
            notes.append(f"{' by '.join(group)} has too many combinations to show")
    missing = [name for name in CROSSED if name not in single]
    if missing:
        notes.append(f"no case says: {names(missing)}")


def _check_dimensions(by: Sequence[str], cases: Sequence[SortedCase], plan: CoveragePlan) -> None:
    known = [*DIMENSIONS, *plan.values, *(name for one in cases for name in one.facets)]
    for name in by:
        if name not in known:
            raise BadRequest(
                f"no case and no plan knows a dimension {name!r}",
                hint=nearest(name, sorted(set(known))),
            )
    if len(set(by)) < len(by):
        raise BadRequest("a dimension is named twice")


class _LastMeasured:
    """What the newest run with a verdict measured of each case as it stands today."""

    def __init__(self, suite: Suite, runs: Sequence[DatedRun]) -> None:
        digests = {case.id: case.digest for case in suite.cases}
        self.seen: dict[str, CaseEvidence] = {}
        self._version: dict[str, str] = {}
        for run in reversed(runs):
            for one in as_read(run.evidence).cases:
                is_same = digests.get(one.case) == one.digest
                if is_same and one.measured and one.case not in self.seen:
                    self.seen[one.case] = one
                    self._version[one.case] = run.evidence.version

    def versions(self, cases: set[str]) -> tuple[str, ...]:
        """Versions that the last measurements of `cases` are of."""
        told = (version for case, version in self._version.items() if case in cases)
        return tuple(dict.fromkeys(told))


def _view(made: CoverageMap, last: _LastMeasured) -> MapView:
    cells = []
    for cell in made.cells:
        seen = [last.seen[case] for case in cell.cases if case in last.seen]
        unmeasured = tuple(case for case in cell.cases if case not in last.seen)
        cells.append(
            CellLine(
                values=cell.values,
                cases=cell.cases,
                beside=cell.beside,
                unmeasured=unmeasured,
                covered=bool(seen),
                rate=pass_rate(seen, level=LEVEL),
            )
        )
    covered = sum(cell.covered for cell in cells)
    return MapView(
        by=made.by,
        covered=covered,
        unmeasured=len(cells) - covered,
        empty=len(made.empty),
        cells=tuple(cells),
        gaps=tuple(
            EmptyLine(
                values=gap.values, planned=gap.planned, expected=gap.expected, beside=gap.beside
            )
            for gap in made.empty[:EMPTY_TOLD]
        ),
        unsaid=made.unsaid,
    )
