"""Which numbers go into which chart."""

from collections.abc import Iterable, Sequence

from roadworthy.app.charting.charts import Chart, Row
from roadworthy.app.suite_detail import PastRun, SuiteOverview
from roadworthy.gate.wording import counted, measured_rate
from roadworthy.records.decision import CaseChange, Comparison, Rate
from roadworthy.stats.intervals import wilson

CASES_DRAWN = 40
LEVEL = 0.95


def pass_rate_chart(suite: str, runs: Sequence[PastRun]) -> Chart:
    """Pass rate of a suite's runs, oldest first."""
    return Chart(
        kind="pass_rate",
        label=f"Pass rate of {counted(len(runs), 'run')} of {suite}, oldest first",
        rows=tuple(map(_run_row, runs)),
    )


def case_history_chart(overview: SuiteOverview) -> Chart:
    """Every case by every run."""
    rows: list[Row] = [
        {
            "case": one.case.id,
            "run": result.row.run.id,
            "version": result.row.run.fingerprint.version,
            "rate": _share(result.evidence.passed, result.evidence.measured),
            "shown": f"{result.evidence.passed}/{result.evidence.measured}",
        }
        for one in overview.cases[:CASES_DRAWN]
        for result in one.past
        if result.evidence is not None
    ]
    label = f"Share of trials passed by each case of {overview.name} in its last runs"
    return Chart(kind="case_history", label=label, rows=tuple(rows))


def comparison_chart(comparison: Comparison) -> Chart:
    """Both rates, then both sides of every case that moved, as far as there is room."""
    moved = [
        change
        for kind in ("broken", "fixed", "undecided")
        for change in comparison.changes
        if change.change == kind
    ]
    rows = [
        *_sides("all cases", comparison.base_rate, comparison.candidate_rate),
        *(row for change in moved[:CASES_DRAWN] for row in _case_rows(change)),
    ]
    label = (
        f"Pass rates of {comparison.base} and {comparison.candidate} with 95 % intervals, "
        "over all cases and for each case that moved"
    )
    return Chart(kind="comparison", label=label, rows=tuple(rows))


def _run_row(run: PastRun) -> Row:
    rate = run.rate
    return {
        "run": run.row.run.id,
        "version": run.row.run.fingerprint.version,
        "rate": rate.value,
        "low": rate.low,
        "high": rate.high,
        "shown": measured_rate(rate),
    }


def _sides(what: str, base: Rate, candidate: Rate) -> Iterable[Row]:
    for side, rate in (("base", base), ("candidate", candidate)):
        if rate.value is not None:
            yield {
                "what": what,
                "side": side,
                "rate": rate.value,
                "low": rate.low,
                "high": rate.high,
                "shown": measured_rate(rate),
            }


def _case_rows(change: CaseChange) -> Iterable[Row]:
    sides = (
        ("base", change.base_passed, change.base_measured),
        ("candidate", change.candidate_passed, change.candidate_measured),
    )
    for side, passed, measured in sides:
        if measured:
            low, high = wilson(passed, measured, LEVEL)
            yield {
                "what": f"{change.case} ({change.change})",
                "side": side,
                "rate": passed / measured,
                "low": low,
                "high": high,
                "shown": f"{passed}/{measured} trials passed",
            }


def _share(passed: int, measured: int) -> float | None:
    return passed / measured if measured else None
