"""A case where it stands: its file, its past, and what its suite asks of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from roadworthy.app.app import App
from roadworthy.app.cases import find_case
from roadworthy.app.judging.grader_check import grader_check
from roadworthy.app.lifecycle.history import Past, pasts
from roadworthy.app.lifecycle.rules import Bar
from roadworthy.base.errors import BadFile
from roadworthy.records.case import Suite
from roadworthy.suite.read_case import ReadCase
from roadworthy.suite.suite_folder import read_suite_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One case of one suite."""

    folder: Path
    case: ReadCase
    past: Past
    bar: Bar

    @property
    def path(self) -> Path:
        """The case's file."""
        return self.case.document.file


def find_place(app: App, case: str, *, suite: str | None) -> Place:
    """The case of this name. Raises what `find_case` raises."""
    row = find_case(app, case, suite=suite)
    return next(places(app, Path(row.path).parents[1], only=row.case))


def places(app: App, folder: Path, *, only: str | None = None) -> Iterator[Place]:
    """The cases of a suite, or one of them.

    Raises:
        BadFile: with everything that is wrong in the suite's files.
    """
    read = read_suite_folder(folder, grader_check(app, folder))
    if read.problems or read.file is None:
        raise BadFile(read.problems)
    cases = [case for case in read.cases if only in {None, case.case.id}]
    suite = read.suite
    known = pasts(app, suite.id, cases)
    for case in cases:
        yield Place(folder=read.folder, case=case, past=known[case.case.id], bar=_bar(suite))


def _bar(suite: Suite) -> Bar:
    thresholds = {tier.name: tier.threshold for tier in suite.tiers}
    return Bar(thresholds=thresholds, min_measured=suite.min_measured)
