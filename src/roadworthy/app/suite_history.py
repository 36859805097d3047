"""The runs behind a suite as reviews and coverage read them, and its cases as they stand today."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from roadworthy.app.app import App
from roadworthy.app.evidence_cache import evidence_of
from roadworthy.app.judging.grader_check import grader_check
from roadworthy.app.suites import suite_folder
from roadworthy.base.codec import Json, canonical
from roadworthy.base.errors import UnknownName
from roadworthy.base.ids import hex_digest
from roadworthy.gate.spring_cleaning.past import in_order
from roadworthy.gate.spring_cleaning.subject import DatedRun, Subject
from roadworthy.records.case import Case, Kind, Suite
from roadworthy.records.run import PlannedCase, RunOrigin, RunPurpose
from roadworthy.suite.coverage_facets import tools_of
from roadworthy.suite.read_case import ReadCase
from roadworthy.suite.suite_folder import SuiteFolder, read_suite_folder

RUNS_READ: Final = 100


def suite_runs(app: App, suite: str) -> list[DatedRun]:
    """What the last 100 evaluations of a suite measured, oldest first."""
    rows = app.store.runs.list(suite=suite, limit=2 * RUNS_READ)
    kept = [row for row in rows if row.run.purpose is RunPurpose.EVALUATE][:RUNS_READ]
    return in_order(
        [
            DatedRun(
                evidence=evidence_of(app, row),
                started_at=row.run.started_at,
                digest=row.run.fingerprint.digest,
                target="" if row.run.origin is RunOrigin.IMPORTED else row.run.target,
            )
            for row in kept
        ]
    )


def read_folder(app: App, name: str | None) -> tuple[SuiteFolder, Suite]:
    """A suite of the project with its files.

    Raises:
        BadRequest: no such suite, or several and none was named.
        BadFile: with everything that is wrong in its files.
    """
    folder = suite_folder(app, name)
    read = read_suite_folder(folder, grader_check(app, folder))
    return read, read.suite


def file_subjects(read: SuiteFolder, suite: Suite) -> list[Subject]:
    """Every case that runs, as its file has it."""
    return [
        _subject(one, one.case.repeats or suite.repeats)
        for one in read.cases
        if one.case.kind is not Kind.RETIRED
    ]


def _subject(read: ReadCase, repeats: int) -> Subject:
    case, file = read.case, read.file
    minted = None if file.origin is None else _moment(file.origin.minted_at)
    return Subject(
        case=case.id,
        digest=case.digest,
        kind=case.kind,
        tier=case.tier,
        repeats=repeats,
        text=_text(case.input),
        expects=_expects(case),
        tools=tools_of(case),
        changed_at=max((at for at in _dates(read) if at is not None), default=None),
        recorded_at=minted if case.recording is not None else None,
        recorded=case.recording is not None,
        variant_of=file.parent,
    )


def _dates(read: ReadCase) -> Iterator[float | None]:
    """When something happened to the case, as far as its file says."""
    file = read.file
    yield None if file.origin is None else _moment(file.origin.minted_at)
    yield None if file.proof is None else _moment(file.proof.proved_at)
    yield from (_moment(entry.at) for entry in file.history)


def _moment(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _text(given: Json) -> str:
    """What is asked, as text to compare: of a conversation every message."""
    if isinstance(given, list):
        return "\n".join(str(one.get("content", "")) for one in given if isinstance(one, dict))
    return given if isinstance(given, str) else canonical(given).decode()


def _expects(case: Case) -> str:
    """Equal for cases with the same graders, recorded replies and looks at the end state."""
    recorded = [] if case.recording is None else case.recording.calls
    world: list[Json] = [[call.tool, call.arguments, call.result, call.error] for call in recorded]
    graders: list[Json] = [[spec.grader, spec.digest, spec.required] for spec in case.graders]
    looks = [canonical(probe).decode() for probe in case.probes]
    return hex_digest(canonical([world, sorted(map(str, graders)), looks, case.on_divergence]))


def run_subjects(app: App, suite: str) -> list[Subject]:
    """Cases of a suite that only runs tell of, each as the newest run has it.

    Raises:
        UnknownName: no run has such a suite either.
    """
    planned: dict[str, PlannedCase] = {}
    for row in app.store.runs.list(suite=suite, limit=RUNS_READ):
        for one in row.run.cases:
            planned.setdefault(one.id, one)
    if not planned:
        raise UnknownName(f"no suite and no run of a suite called {suite!r}")
    return [
        Subject(
            case=one.id,
            digest=one.digest,
            kind=one.kind,
            tier=one.tier,
            repeats=one.repeats,
            expects=one.id,
        )
        for one in planned.values()
    ]


def is_in_project(app: App, name: str | None) -> bool:
    """Whether the project has files of the suite. Raises `BadRequest` where none is named."""
    try:
        suite_folder(app, name)
    except UnknownName:
        return False
    return True
