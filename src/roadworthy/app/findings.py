"""Findings: failures seen on stored traces."""

from collections.abc import Sequence

import msgspec

from roadworthy.app.app import App
from roadworthy.app.verdicts import named_run
from roadworthy.base.errors import UnknownName
from roadworthy.base.registry import nearest
from roadworthy.diagnose.detect import DETECTORS
from roadworthy.records.finding import Finding


class FindingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One finding; the documented shape of ``finding list --json``."""

    id: str
    case: str | None
    trial: int | None  # repeat, from 0
    kind: str
    severity: str
    why: str
    trace: str
    spans: tuple[str, ...]
    run: str | None


class FindingPage(msgspec.Struct, frozen=True, kw_only=True):
    """The worst of the findings that match, and how many match in all."""

    rows: tuple[FindingLine, ...]
    total: int


def list_findings(
    app: App,
    *,
    run: str | None = None,
    trace: str | None = None,
    kind: str | None = None,
) -> Sequence[FindingLine]:
    """All matching findings, worst first.

    Raises:
        UnknownName: no such run, trace or kind; a slip must not read as "no finding".
    """
    wanted = _wanted(app, run, trace, kind)
    return [_line(finding) for finding in wanted.read(app)]


def worst_findings(
    app: App,
    *,
    limit: int,
    run: str | None = None,
    trace: str | None = None,
    kind: str | None = None,
) -> FindingPage:
    """The `limit` worst of the matching findings, of equally bad ones those found last.

    Raises:
        UnknownName: as `list_findings`.
    """
    wanted = _wanted(app, run, trace, kind)
    rows = tuple(_line(finding) for finding in wanted.read(app, limit=limit))
    total = len(rows) if len(rows) < limit else max(wanted.count(app), len(rows))
    return FindingPage(rows=rows, total=total)


class _Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for, its names looked up."""

    run: str | None
    trace: str | None
    kind: str | None

    def read(self, app: App, *, limit: int | None = None) -> Sequence[Finding]:
        return app.store.findings.list(run=self.run, trace=self.trace, kind=self.kind, limit=limit)

    def count(self, app: App) -> int:
        if self.trace is not None:  # findings on one trace are few
            return len(self.read(app))
        counts = app.store.findings.counts(run=self.run)
        kinds = counts if self.kind is None else [self.kind]
        return sum(sum(counts.get(kind, {}).values()) for kind in kinds)


def _wanted(app: App, run: str | None, trace: str | None, kind: str | None) -> _Wanted:
    kinds = [detector.kind for detector in DETECTORS]
    if kind is not None and kind not in kinds:
        raise UnknownName(f"no kind of finding called {kind!r}", hint=nearest(kind, kinds))
    return _Wanted(
        run=None if run is None else named_run(app, run),
        trace=None if trace is None else app.store.traces.find(trace),
        kind=kind,
    )


def _line(finding: Finding) -> FindingLine:
    return FindingLine(
        id=finding.id,
        case=finding.case,
        trial=finding.repeat,
        kind=finding.kind,
        severity=finding.severity.value,
        why=finding.why,
        trace=finding.trace_id,
        spans=finding.spans,
        run=finding.run,
    )
