"""Spring cleaning of a suite: gathers what the rules of `gate.spring_cleaning` read.

Not here: the list that a person confirms, and retirement (`suite_review_list`).
"""

from typing import Final

from roadworthy.app.app import App
from roadworthy.app.suite_coverage import covering_cases
from roadworthy.app.suite_history import (
    file_subjects,
    is_in_project,
    read_folder,
    run_subjects,
    suite_runs,
)
from roadworthy.gate.spring_cleaning.proposal import SuiteReview
from roadworthy.gate.spring_cleaning.review import review_suite
from roadworthy.gate.spring_cleaning.subject import CleaningPolicy, DatedRun, Subject
from roadworthy.records.trace_query import TraceQuery

_RECENT_RUNS: Final = 5
_TRACES_READ: Final = 500  # at a time, and of one run


def review(app: App, name: str | None, policy: CleaningPolicy) -> SuiteReview:
    """Look at every case of a suite; changes nothing.

    A suite that only runs tell of can be looked at, too: without files there are no dates,
    inputs or cells, so that only its outcomes and costs speak.

    Raises:
        BadRequest: no such suite, or several and none was named.
        BadFile: with everything that is wrong in its files.
    """
    if name is not None and not is_in_project(app, name):
        suite_id, subjects, cells = name, run_subjects(app, name), dict[str, tuple[str, ...]]()
    else:
        read, suite = read_folder(app, name)
        suite_id, subjects, cells = suite.id, file_subjects(read, suite), covering_cases(read)
    runs, now = suite_runs(app, suite_id), app.clock().timestamp()
    return review_suite(
        suite_id,
        subjects,
        runs,
        cells=cells,
        tools_seen=_tools_seen(app, subjects, runs, policy, now=now),
        policy=policy,
        now=now,
    )


def _tools_seen(
    app: App, subjects: list[Subject], runs: list[DatedRun], policy: CleaningPolicy, *, now: float
) -> frozenset[str] | None:
    """Tools of the subjects that recent traces call; `None`: too few traces with tool calls.

    Recent are the traces of the last runs of the suite, and those that started in the days
    after which a case may be stale.
    """
    wanted = {tool for subject in subjects for tool in subject.tools}
    if not wanted:
        return None
    since = now - policy.stale_s
    recent = [run for run in runs if run.started_at >= since][-_RECENT_RUNS:]
    of_runs = [
        row
        for run in recent
        for row in app.store.traces.list(run=run.evidence.run, limit=_TRACES_READ)
    ]
    of_traffic = app.store.traces.search(TraceQuery(since=since), limit=_TRACES_READ).rows
    calling = {row.id: row.tools for row in (*of_runs, *of_traffic) if row.tools}
    if len(calling) < policy.least_traces:
        return None
    seen = {tool for tools in calling.values() for tool in tools}
    rest = (tool for tool in wanted - seen if _is_called(app, tool, since))
    return frozenset([*seen, *rest])


def _is_called(app: App, tool: str, since: float) -> bool:
    """Whether any stored trace of that time calls the tool: all are asked."""
    return bool(app.store.traces.search(TraceQuery(tool=tool, since=since), limit=1).rows)
