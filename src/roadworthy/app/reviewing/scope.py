"""The trials that a review is about: the runs they belong to."""

from collections.abc import Sequence

from roadworthy.app.app import App
from roadworthy.app.verdicts import named_run
from roadworthy.base.errors import UnknownName
from roadworthy.base.printable import printable
from roadworthy.base.registry import nearest
from roadworthy.records.record import Record
from roadworthy.records.run import RunPurpose
from roadworthy.store.ports import RunRow
from roadworthy.suite.load import find_suites

MOST_RUNS = 50
"""Runs that a queue is made of: the newest ones."""
SCANNED = 1000


class ReviewScope(Record, frozen=True, kw_only=True):
    """What a person wants to label; `None` leaves it open."""

    suite: str | None = None
    run: str | None = None
    question: str | None = None


def runs_in(app: App, scope: ReviewScope) -> Sequence[RunRow]:
    """The runs of a scope that were made to evaluate, newest first.

    Raises:
        UnknownName: no such run, or neither a run nor a suite of that name.
    """
    if scope.run is not None:
        row = app.store.runs.load(named_run(app, scope.run))
        return [row] if scope.suite in (None, row.run.suite) else []
    rows = app.store.runs.list(suite=scope.suite, limit=SCANNED)
    if not rows and scope.suite is not None:
        _refuse_unknown(app, scope.suite)
    return [row for row in rows if row.run.purpose is RunPurpose.EVALUATE][:MOST_RUNS]


def _refuse_unknown(app: App, suite: str) -> None:
    known = {row.run.suite for row in app.store.runs.list(limit=SCANNED)}
    known |= {folder.name for folder in find_suites(app.project)}
    if suite not in known:
        said = printable(repr(suite), limit=60)
        raise UnknownName(f"no suite called {said}", hint=nearest(suite, sorted(known)))
