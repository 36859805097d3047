"""A list of findings that is cut short says how many there are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from roadworthy.app.app import App
from roadworthy.app.findings import list_findings, worst_findings
from roadworthy.app.overview import RUNS_SHOWN, overview
from roadworthy.app.report import show_run
from roadworthy.app.run_list import RunQuery, list_runs
from roadworthy.base.errors import UnknownName
from roadworthy.records.finding import Finding, Severity
from roadworthy.records.trace import Trace
from roadworthy.records.trial_result import TrialResult
from roadworthy.testing import a_case, a_run, a_trial

KINDS = (("loop", Severity.HIGH), ("tool_error", Severity.LOW), ("tool_error", Severity.MEDIUM))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Eight runs of two trials; on each of their traces three findings."""
    cases = [a_case("one"), a_case("two")]
    with App(tmp_path) as made:
        for number in range(8):
            run = a_run(f"run-{number}", cases=cases)
            trials = [a_trial([("look", {}, "seen")], case=c.id, run=run.id) for c in cases]
            made.store.runs.create(run)
            found = [one for t in trials if t.trace is not None for one in on(t.trace)]
            made.store.runs.append([TrialResult(trial=t, readings=()) for t in trials], found)
        yield made


def on(trace: Trace) -> list[Finding]:
    return [
        Finding(
            id=f"{number} on {trace.id}",
            trace_id=trace.id,
            kind=kind,
            severity=severity,
            why="seen",
            spans=(),
        )
        for number, (kind, severity) in enumerate(KINDS)
    ]


def test_the_worst_come_first_and_the_total_is_of_all(app: App) -> None:
    found = worst_findings(app, limit=5)

    assert [row.severity for row in found.rows] == ["high"] * 5
    assert found.total == len(list_findings(app)) == 8 * 2 * 3


@pytest.mark.parametrize(
    ("wanted", "total"),
    [({"run": "run-3"}, 6), ({"kind": "tool_error"}, 32), ({"run": "run-3", "kind": "loop"}, 2)],
)
def test_the_total_is_of_those_that_were_asked_for(
    app: App, wanted: dict[str, str], total: int
) -> None:
    found = worst_findings(app, limit=1, **wanted)

    assert (len(found.rows), found.total) == (1, total)


def test_the_total_of_one_trace_is_its_own(app: App) -> None:
    trace = list_findings(app)[0].trace

    assert worst_findings(app, limit=2, trace=trace).total == 3
    assert worst_findings(app, limit=1, trace=trace, kind="tool_error").total == 2


def test_a_list_that_is_not_cut_short_counts_itself(app: App) -> None:
    found = worst_findings(app, limit=1000, run="run-0")

    assert (len(found.rows), found.total) == (6, 6)


def test_a_kind_that_there_is_not_is_no_empty_list(app: App) -> None:
    with pytest.raises(UnknownName, match="lop"):
        worst_findings(app, limit=1, kind="lop")


def test_a_report_and_a_list_count_findings_without_reading_them(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.store.findings, "list", None)

    assert show_run(app, "run-2").findings == {"loop": 2, "tool_error": 4}
    assert {line.findings for line in list_runs(app, RunQuery()).lines} == {6}


def test_home_works_out_only_the_runs_that_it_shows(app: App) -> None:
    shown = list_runs(app, RunQuery(), size=RUNS_SHOWN)

    assert overview(app).runs == shown.lines == list_runs(app, RunQuery()).lines[:RUNS_SHOWN]
    assert shown.has_more
