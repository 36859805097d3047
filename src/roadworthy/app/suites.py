"""Suites of the project: finding them, loading them, checking them."""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.app.app import App
from roadworthy.app.judging.grader_check import grader_check
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.base.registry import nearest
from roadworthy.grade.policy.checks import CHECKS
from roadworthy.grade.registry import BUILT_IN
from roadworthy.records.case import Suite
from roadworthy.suite.load import find_suites, load_suite
from roadworthy.suite.schema import case_schema, suite_schema


def suite_folder(app: App, name: str | None) -> Path:
    """The folder of a suite given by name or path; without one, the project's only suite.

    Raises:
        BadRequest: there is none, or several and none was named.
    """
    folders = {folder.name: folder for folder in find_suites(app.project)}
    if name is None:
        return _only(folders)
    if name in folders:
        return folders[name]
    given = (app.project / name).resolve()
    if (given / "suite.yaml").is_file():
        return given
    hint = nearest(name, list(folders)) or "make one with `roadworthy init` or `case mint`"
    raise UnknownName(f"no suite called {name!r} under {app.project / 'evals'}", hint=hint)


def _only(folders: dict[str, Path]) -> Path:
    if not folders:
        raise BadRequest(
            "this project has no suite yet (evals/<suite>/suite.yaml)",
            hint="`roadworthy init` writes one with three cases",
        )
    if len(folders) > 1:
        names = ", ".join(sorted(folders))
        raise BadRequest(f"the project has several suites: {names}", hint="name one with --suite")
    return next(iter(folders.values()))


def suite_names(app: App) -> list[str]:
    """Names of the project's suites, whatever their files hold."""
    return [folder.name for folder in find_suites(app.project)]


def load(app: App, name: str | None) -> Suite:
    """Load a suite. Raises `BadFile` with everything that is wrong in its files."""
    folder = suite_folder(app, name)
    return load_suite(folder, grader_check(app, folder))


class SuiteRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `suite list`."""

    suite: str
    title: str
    cases: int
    kinds: dict[str, int]
    target: str | None
    repeats: int
    path: str


def list_suites(app: App) -> list[SuiteRow]:
    """The project's suites. Raises `BadFile` with everything that is wrong in their files."""
    return [_row(app, folder) for folder in find_suites(app.project)]


def _row(app: App, folder: Path) -> SuiteRow:
    suite = load_suite(folder, grader_check(app, folder))
    return SuiteRow(
        suite=suite.id,
        title=suite.title,
        cases=len(suite.cases),
        kinds=dict(Counter(case.kind.value for case in suite.cases)),
        target=suite.target,
        repeats=suite.repeats,
        path=str(folder),
    )


def file_schema(what: str) -> dict[str, Any]:
    """JSON Schema of a ``case`` or ``suite`` file, with the graders that are registered."""
    names = [*BUILT_IN, *CHECKS]
    return case_schema(names) if what == "case" else suite_schema(names)
