"""Cases of the project: list them, show one, find what is wrong with them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from roadworthy.app.app import App
from roadworthy.app.judging.grader_check import grader_check
from roadworthy.app.suites import load, suite_folder
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.base.registry import nearest
from roadworthy.records.case import Case
from roadworthy.suite.lint import Lint, lint_suite
from roadworthy.suite.load import find_suites
from roadworthy.suite.suite_folder import CASES


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `case list`."""

    case: str
    suite: str
    kind: str
    tier: str
    title: str
    graders: tuple[str, ...]
    recorded_calls: int | None
    tags: tuple[str, ...]
    path: str
    verified: bool  # a candidate whose proof holds
    owner: str | None  # of a quarantined case; null: nobody is named
    review_by: str | None
    overdue: bool


class CaseDetail(msgspec.Struct, frozen=True, kw_only=True):
    """`case show`: the row, the file as it stands, and what is odd about it."""

    row: CaseRow
    text: str
    lint: tuple[Lint, ...]


def list_cases(app: App, suite: str | None = None) -> Sequence[CaseRow]:
    """Cases of one suite, or of all of them.

    Raises:
        BadFile: with everything that is wrong in the suites' files.
    """
    names = [suite] if suite is not None else [str(f) for f in find_suites(app.project)]
    rows = []
    for name in names:
        folder = suite_folder(app, name)
        rows += [_row(case, folder, app.clock()) for case in load(app, name).cases]
    return rows


def show_case(app: App, case: str, *, suite: str | None = None) -> CaseDetail:
    """One case. Raises `UnknownName`, or `BadRequest` when several suites have one of the name."""
    row = find_case(app, case, suite=suite)
    path = Path(row.path)
    check = grader_check(app, path.parents[1])
    found = lint_suite(path.parents[1], check, now=app.clock())
    lint = tuple(item for item in found if item.file == path)
    return CaseDetail(row=row, text=path.read_text(encoding="utf-8"), lint=lint)


def find_case(app: App, case: str, *, suite: str | None = None) -> CaseRow:
    """The row of a case by its id, looked for in every suite unless one is named.

    Raises:
        UnknownName: no suite has it.
        BadRequest: several have.
    """
    rows = list_cases(app, suite)
    found = [row for row in rows if row.case == case]
    if not found:
        hint = nearest(case, [row.case for row in rows])
        raise UnknownName(f"no case called {case!r}", hint=hint)
    if len(found) > 1:
        suites = ", ".join(row.suite for row in found)
        raise BadRequest(f"case {case!r} is in several suites: {suites}", hint="name it: --suite")
    return found[0]


def lint(app: App, suite: str | None = None) -> Sequence[Lint]:
    """Errors and warnings of one suite, or of all of them."""
    folders = find_suites(app.project) if suite is None else [suite_folder(app, suite)]
    now = app.clock()
    return [
        item
        for folder in folders
        for item in lint_suite(folder, grader_check(app, folder), now=now)
    ]


def _row(case: Case, folder: Path, now: datetime) -> CaseRow:
    aside = case.quarantine
    return CaseRow(
        case=case.id,
        suite=folder.name,
        kind=case.kind.value,
        tier=case.tier,
        title=case.title,
        graders=tuple(spec.grader for spec in case.graders),
        recorded_calls=None if case.recording is None else len(case.recording.calls),
        tags=case.tags,
        path=str(folder.resolve() / CASES / f"{case.id}.yaml"),
        verified=case.is_verified,
        owner=aside.owner or None if aside else None,
        review_by=aside.until or None if aside else None,
        overdue=aside is not None and aside.is_overdue(now),
    )
