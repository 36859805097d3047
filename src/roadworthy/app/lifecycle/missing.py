"""Which cases gated in the last runs of a suite, and are in no file of it any more?

A baseline shows it too, where there is one. This is for suites without, and for a case that was
deleted before the baseline was pinned again: each run passes on what it missed to the next, until
the file is back or its case is retired.
"""

from collections.abc import Sequence
from typing import Final

from roadworthy.app.app import App
from roadworthy.base.ids import natural_key
from roadworthy.records.case import Kind, Suite
from roadworthy.records.run import PlannedCase, Run, RunOrigin, RunPurpose

RUNS_LOOKED_AT: Final = 20
_ACCOUNTED_FOR: Final = {Kind.REGRESSION, Kind.QUARANTINED, Kind.RETIRED}


def missing_cases(app: App, suite: Suite) -> tuple[str, ...]:
    """Ids in natural order. A case under another name that asks the same is not missing."""
    rows = app.store.runs.list(suite=suite.id, limit=RUNS_LOOKED_AT)
    return missing_since([row.run for row in rows], suite)


def missing_since(runs: Sequence[Run], suite: Suite) -> tuple[str, ...]:
    """The same, given the last runs of the suite, newest first."""
    present = {case.id for case in suite.cases}
    renamed = {case.digest for case in suite.cases if case.kind in _ACCOUNTED_FOR}
    gated: dict[str, bool] = {}  # as the newest run that knows the case has it
    planned: dict[str, PlannedCase] = {}
    for run in runs:
        if run.origin is not RunOrigin.EXECUTED or run.purpose is not RunPurpose.EVALUATE:
            continue
        for case in run.missing:
            gated.setdefault(case, True)
        for case in run.retired:
            gated.setdefault(case, False)
        for one in run.cases:
            gated.setdefault(one.id, one.kind is Kind.REGRESSION)
            planned.setdefault(one.id, one)
    gone = [case for case, did in gated.items() if did and case not in present]
    kept = [case for case in gone if case not in planned or planned[case].digest not in renamed]
    return tuple(sorted(kept, key=natural_key))
