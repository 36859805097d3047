"""The documented shapes of `--json` and of the HTTP API; changing one is a change for every script.

Rows that the store or `gate` give as records become flat lines here. Reports that are
documented shapes themselves (`RunReport`, `FindingLine`, `CaseRow` …) stand where they are made.
"""

import msgspec

from roadworthy.gate.exit_code import EXIT
from roadworthy.records.decision import CaseChange, Decision, Rate
from roadworthy.records.trace_summary import TraceSummary
from roadworthy.store.ports import RunRow


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `eval list`."""

    run: str
    suite: str
    target: str
    version: str
    origin: str
    state: str
    planned: int
    passed: int
    failed: int
    unmeasured: int
    started_at: float
    ended_at: float | None
    grading: int  # in force; 0 was made as the run went


class TraceLine(TraceSummary, frozen=True, kw_only=True, omit_defaults=False):
    """One line of `trace list`; what is not known is there, as null."""


class ChangeLine(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one case between two runs."""

    case: str
    change: str
    base_passed: int
    base_measured: int
    candidate_passed: int
    candidate_measured: int
    p_value: float | None
    why: str


class ComparisonView(msgspec.Struct, frozen=True, kw_only=True):
    """`eval compare`."""

    verdict: str
    exit_code: int
    base: str
    candidate: str
    fixed: tuple[str, ...]
    broken: tuple[str, ...]
    unchanged: int
    undecided: tuple[str, ...]
    p_value: float | None
    base_rate: Rate
    candidate_rate: Rate
    difference: Rate | None
    not_comparable: tuple[str, ...]
    reasons: tuple[str, ...]
    rules: tuple[str, ...]
    smallest_drop: float | None
    cases: tuple[ChangeLine, ...]


def run_line(row: RunRow) -> RunLine:
    """A run with its counts."""
    return RunLine(
        run=row.run.id,
        suite=row.run.suite,
        target=row.run.target,
        version=row.run.fingerprint.version,
        origin=row.run.origin.value,
        state=row.state.value,
        planned=row.run.planned_trials,
        passed=row.passed,
        failed=row.failed,
        unmeasured=row.unmeasured,
        started_at=row.run.started_at,
        ended_at=row.ended_at,
        grading=row.grading,
    )


def trace_line(row: TraceSummary) -> TraceLine:
    """A trace's summary with every field."""
    return TraceLine(**{name: getattr(row, name) for name in row.__struct_fields__})


def comparison_view(decision: Decision) -> ComparisonView:
    """A decision that rests on a comparison."""
    comparison = decision.comparison
    assert comparison is not None
    return ComparisonView(
        verdict=decision.verdict.value,
        exit_code=EXIT[decision.verdict],
        base=comparison.base,
        candidate=comparison.candidate,
        fixed=tuple(comparison.named("fixed")),
        broken=tuple(comparison.named("broken")),
        unchanged=len(comparison.named("unchanged")),
        undecided=tuple(comparison.named("undecided")),
        p_value=comparison.p_value,
        base_rate=comparison.base_rate,
        candidate_rate=comparison.candidate_rate,
        difference=comparison.difference,
        not_comparable=tuple(comparison.not_comparable),
        reasons=tuple(reason.why for reason in decision.reasons),
        rules=tuple(reason.rule for reason in decision.reasons),
        smallest_drop=decision.smallest_drop,
        cases=tuple(_change(change) for change in comparison.changes),
    )


def _change(change: CaseChange) -> ChangeLine:
    return ChangeLine(
        case=change.case,
        change=change.change,
        base_passed=change.base_passed,
        base_measured=change.base_measured,
        candidate_passed=change.candidate_passed,
        candidate_measured=change.candidate_measured,
        p_value=change.p_value,
        why=change.why,
    )
