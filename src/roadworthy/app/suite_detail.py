"""Suites as the page shows them: files that can be read, what is wrong, and how runs went."""

from collections.abc import Sequence
from pathlib import Path

from roadworthy.app.app import App
from roadworthy.app.evidence_cache import evidence_of
from roadworthy.app.judging.grader_check import grader_check
from roadworthy.app.run_state import GOES_ON, shown_state
from roadworthy.app.verdicts import check_gate
from roadworthy.base.errors import UnknownName
from roadworthy.base.registry import nearest
from roadworthy.gate.rates import pass_rate
from roadworthy.gate.trust import as_read
from roadworthy.records.case import Case, Tier
from roadworthy.records.decision import Decision, Rate
from roadworthy.records.evidence import CaseEvidence, RunEvidence
from roadworthy.records.record import Record
from roadworthy.records.run import RunPurpose
from roadworthy.stats.intervals import wilson
from roadworthy.store.ports import RunRow
from roadworthy.suite.case_file import CaseFile
from roadworthy.suite.lint import Lint, lint_folder
from roadworthy.suite.load import find_suites
from roadworthy.suite.read_case import ReadCase
from roadworthy.suite.suite_file import SuiteFile
from roadworthy.suite.suite_folder import CASES, SuiteFolder, read_suite_folder

LEVEL = 0.95
RUNS_SHOWN = 16
RUNS_SCANNED = 200


class PastRun(Record, frozen=True, kw_only=True):
    """A run of the suite with what it measured."""

    row: RunRow
    evidence: RunEvidence

    @property
    def rate(self) -> Rate:
        """Its pass rate."""
        return pass_rate(as_read(self.evidence).cases, level=LEVEL)


class PastResult(Record, frozen=True, kw_only=True):
    """How one run did on one case; `evidence` is `None` when it did not try it."""

    row: RunRow
    evidence: CaseEvidence | None

    @property
    def rate(self) -> Rate:
        """The share of its measured trials that passed, with Wilson's interval."""
        seen = self.evidence
        if seen is None or not seen.measured:
            return Rate(value=None, low=None, high=None, measured=0, level=LEVEL)
        low, high = wilson(seen.passed, seen.measured, LEVEL)
        value = seen.passed / seen.measured
        return Rate(value=value, low=low, high=high, measured=seen.measured, level=LEVEL)


class CaseOverview(Record, frozen=True, kw_only=True):
    """A case of the suite with its file, its past and what is odd about it."""

    case: Case
    file: CaseFile
    past: tuple[PastResult, ...]  # oldest first
    lint: tuple[Lint, ...] = ()


class SuiteOverview(Record, frozen=True, kw_only=True):
    """A suite of the project, or one that only runs tell of (`in_project` is false)."""

    name: str
    title: str = ""
    in_project: bool = True
    target: str | None = None
    repeats: int | None = None
    min_measured: float | None = None
    tiers: tuple[Tier, ...] = ()
    cases: tuple[CaseOverview, ...] = ()
    lint: tuple[Lint, ...] = ()  # of the whole suite, errors first
    runs: tuple[PastRun, ...] = ()  # oldest first
    judged: PastRun | None = None  # the newest run that does not go on any more
    decision: Decision | None = None  # on `judged`

    @property
    def going_on(self) -> PastRun | None:
        """The newest run, if it goes on."""
        newest = self.runs[-1] if self.runs else None
        return None if newest is self.judged else newest

    @property
    def errors(self) -> int:
        """Problems that keep the suite from running."""
        return sum(item.severity == "error" for item in self.lint)


def list_suite_overviews(app: App) -> list[SuiteOverview]:
    """Suites of the project by name, then those that only runs tell of."""
    folders = {folder.name: folder for folder in find_suites(app.project)}
    rows = _evaluations(app.store.runs.list(limit=RUNS_SCANNED))
    others = sorted({row.run.suite for row in rows} - folders.keys())
    return [
        *(_overview(app, name, folder) for name, folder in folders.items()),
        *(_overview(app, name, None) for name in others),
    ]


def load_suite_overview(app: App, name: str) -> SuiteOverview:
    """One suite. The name is looked up among those known; it is never taken for a path.

    Raises:
        UnknownName: neither the project nor any run has it.
    """
    folders = {folder.name: folder for folder in find_suites(app.project)}
    if name not in folders and not app.store.runs.list(suite=name, limit=1):
        raise UnknownName(f"no suite called {name!r}", hint=nearest(name, list(folders)))
    return _overview(app, name, folders.get(name))


class CaseText(Record, frozen=True, kw_only=True):
    """A case with its file's text."""

    suite: SuiteOverview
    overview: CaseOverview
    text: str


def load_case_overview(app: App, suite: str, case: str) -> CaseText:
    """One case of a suite in the project. Raises `UnknownName`."""
    whole = load_suite_overview(app, suite)
    found = next((one for one in whole.cases if one.case.id == case), None)
    if found is None:
        hint = nearest(case, [one.case.id for one in whole.cases])
        raise UnknownName(f"suite {suite} has no readable case {case!r}", hint=hint)
    folder = next(folder for folder in find_suites(app.project) if folder.name == suite)
    path = folder / CASES / f"{found.case.id}.yaml"
    return CaseText(suite=whole, overview=found, text=path.read_text(encoding="utf-8"))


def _overview(app: App, name: str, folder: Path | None) -> SuiteOverview:
    rows = _evaluations(app.store.runs.list(suite=name, limit=RUNS_SCANNED))[:RUNS_SHOWN]
    runs = tuple(PastRun(row=row, evidence=evidence_of(app, row)) for row in reversed(rows))
    judged = next((run for run in reversed(runs) if shown_state(app, run.row) != GOES_ON), None)
    decision = None
    if judged is not None:
        decision = check_gate(app, judged.evidence, against=None, fail_under=None)
    if folder is None:
        return SuiteOverview(
            name=name, in_project=False, runs=runs, judged=judged, decision=decision
        )
    read = read_suite_folder(folder, grader_check(app, folder))
    lint = tuple(lint_folder(read, now=app.clock()))
    file = read.file or SuiteFile()
    return SuiteOverview(
        name=name,
        title=file.title or "",
        target=file.target,
        repeats=file.repeats,
        min_measured=file.min_measured,
        tiers=file.all_tiers,
        cases=_cases(read, lint, runs),
        lint=lint,
        runs=runs,
        judged=judged,
        decision=decision,
    )


def _evaluations(rows: Sequence[RunRow]) -> list[RunRow]:
    return [row for row in rows if row.run.purpose is RunPurpose.EVALUATE]


def _cases(
    read: SuiteFolder, lint: Sequence[Lint], runs: Sequence[PastRun]
) -> tuple[CaseOverview, ...]:
    past = [(run.row, {one.case: one for one in as_read(run.evidence).cases}) for run in runs]
    return tuple(
        CaseOverview(
            case=one.case,
            file=one.file,
            past=tuple(PastResult(row=row, evidence=of.get(one.case.id)) for row, of in past),
            lint=tuple(item for item in lint if item.file == _path(read, one)),
        )
        for one in read.cases
    )


def _path(read: SuiteFolder, one: ReadCase) -> Path:
    return read.folder / CASES / f"{one.case.id}.yaml"
