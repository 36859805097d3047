"""When has a case shown that it passes reliably, and when that it is flaky?

Both rules look at the runs in which the case was asked what it is asked today, and may be looked
at after every run: of cases that are not reliable, at most 5 % meet the first within a hundred
runs, and of cases as good as their tier asks, at most 5 % the second.

Not here: the evidence (`graduation_evidence`); runs from a store, and files (`app.lifecycle`).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from roadworthy.gate.graduation_evidence import (
    HORIZON,
    NEEDED,
    Evidence,
    RunCounts,
    evidence_for,
    passes_needed,
)
from roadworthy.gate.wording import counted, percent
from roadworthy.records.record import Record

MIN_RUNS: Final = 3
MIN_SPAN_S: Final = 2 * 86_400.0
SLACK: Final = 2.0
"""A reliable case fails less than this many times as often as its tier allows."""
_LEAST_ALLOWED: Final = 0.01  # no number of passes shows that a case never fails
_MOST_ALLOWED: Final = 0.5
_MANY: Final = 10_000.0


class Counts(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What a ruling rests on: the runs that say most, from `first_run` to `last_run`."""

    runs: int = 0
    versions: int = 0
    passed: int = 0
    failed: int = 0
    unmeasured: int = 0
    first_run: str = ""
    last_run: str = ""


class Ruling(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Whether a rule holds, and why."""

    rule: str  # "reliable" or "flaky"
    holds: bool
    why: str
    e_value: float = 0.0  # 0 or more; `NEEDED` is enough
    counts: Counts = Counts()


def reliable(
    runs: Sequence[RunCounts], *, threshold: float | None, min_measured: float, whole: bool
) -> Ruling:
    """Whether the case fails less than `SLACK` times as often as its tier allows.

    Beyond an e-value of `NEEDED` it takes `MIN_RUNS` runs over two days, a newest run without a
    failure, and enough trials that were measured: those that could not be read may hide failures.

    Args:
        runs: oldest first; only the newest `HORIZON` count.
        threshold: pass rate, 0 to 1, that the case's tier asks for; `None` asks for nothing.
        min_measured: share of trials, 0 to 1.
        whole: `runs` begins with the first run in which the case was asked this.
    """
    if threshold is None:
        why = "its tier has no threshold, so nothing says what reliable is; give it another tier"
        return Ruling(rule="reliable", holds=False, why=why)
    allowed = allowed_failures(threshold)
    begins = whole and len(runs) <= HORIZON
    seen = runs[-HORIZON:]
    rates = (allowed / 10, allowed / 3)
    found = evidence_for(rates, seen, against=allowed, whole=begins)
    counts = _counted(seen[found.start :])
    if found.e_value < NEEDED:
        more = passes_needed(found, rates, against=allowed)
        lacking: str | None = _lacking(found, counts, allowed, more)
    else:
        lacking = _thin(seen[found.start :], counts, min_measured)
    why = lacking or _told(counts) + _likelier(found, allowed)
    return Ruling(
        rule="reliable", holds=lacking is None, why=why, e_value=found.e_value, counts=counts
    )


def flaky(runs: Sequence[RunCounts], *, threshold: float | None, whole: bool) -> Ruling:
    """Whether the case passes and fails in one version, more often than its tier allows.

    A version in which it never passes is broken, not flaky, and is no evidence. Neither is a
    case that began to fail now and then with the newest version only: that may be the agent.
    Takes what `reliable` takes.
    """
    if threshold is None or threshold < _LEAST_ALLOWED:
        why = "its tier has no threshold, so no number of failures is too many"
        return Ruling(rule="flaky", holds=False, why=why)
    seen = runs[-HORIZON:]
    allowed = max(1 - threshold, _LEAST_ALLOWED)
    rates = (allowed + (1 - allowed) / 10, allowed + (1 - allowed) / 2)
    found = evidence_for(
        rates, seen, against=allowed, whole=whole and len(runs) <= HORIZON, broken_counts=False
    )
    counts = _counted(seen[found.start :])
    holds, why = _flakiness(found, seen, counts, allowed)
    return Ruling(rule="flaky", holds=holds, why=why, e_value=found.e_value, counts=counts)


def allowed_failures(threshold: float) -> float:
    """Share of failures, 0 to 1, that a case must be shown to stay below to be reliable."""
    return min(SLACK * max(1 - threshold, _LEAST_ALLOWED), _MOST_ALLOWED)


def _flakiness(
    found: Evidence, runs: Sequence[RunCounts], counts: Counts, allowed: float
) -> tuple[bool, str]:
    told, limit = _told(counts), percent(allowed)
    if found.e_value < NEEDED:
        why = f"{told}: not shown to fail more often than the {limit} that its tier allows"
        return False, f"{why} (e-value {found.e_value:.2g} of {NEEDED:g})"
    if _only_newest_mixed(runs):
        return False, (
            f"{told}: it fails now and then since the newest version and never did before, which "
            "may be the agent's doing; run the version before it again"
        )
    return True, (
        f"{told}: it passes and fails within a version, {_times(found)} likelier of a case that "
        f"fails more often than the {limit} that its tier allows"
    )


def _lacking(found: Evidence, counts: Counts, allowed: float, more: int) -> str:
    """Why the evidence is not enough, with what more it takes if every trial passes."""
    if not counts.runs:
        return "it has not been run as it is asked today"
    wanted = f"{NEEDED:g} are needed, about {counted(more, 'more pass', 'more passes')}"
    return f"{_told(counts)}{_likelier(found, allowed)}; {wanted}"


def _likelier(found: Evidence, allowed: float) -> str:
    return (
        f": {_times(found)} likelier of a reliable case than of one that fails "
        f"{percent(allowed)} of its trials"
    )


def _thin(runs: Sequence[RunCounts], counts: Counts, min_measured: float) -> str | None:
    """Why trials that look well are not enough."""
    told = _told(counts)
    measured = counts.passed + counts.failed
    if runs[-1].failed:
        return f"{told}, but it failed in the newest run, {runs[-1].run}"
    if counts.runs < MIN_RUNS:
        return f"{told}, at least {MIN_RUNS} runs are needed"
    if runs[-1].started_at - runs[0].started_at < MIN_SPAN_S:
        return f"{told}, all within two days: one good day of a model is no habit"
    if measured < min_measured * (measured + counts.unmeasured):
        return f"{told}, and {percent(min_measured)} of the trials must be measured"
    return None


def _only_newest_mixed(runs: Sequence[RunCounts]) -> bool:
    """Whether just the newest run's version has both outcomes, and another one only passed."""
    outcomes: dict[str, set[bool]] = defaultdict(set)
    for run in runs:
        outcomes[run.version].update([True] * bool(run.passed) + [False] * bool(run.failed))
    mixed = [version for version, seen in outcomes.items() if len(seen) > 1]
    return mixed == [runs[-1].version] and {True} in outcomes.values()


def _counted(runs: Sequence[RunCounts]) -> Counts:
    if not runs:
        return Counts()
    return Counts(
        runs=len(runs),
        versions=len({run.version for run in runs}),
        passed=sum(run.passed for run in runs),
        failed=sum(run.failed for run in runs),
        unmeasured=sum(run.unmeasured for run in runs),
        first_run=runs[0].run,
        last_run=runs[-1].run,
    )


def _told(counts: Counts) -> str:
    """``41 of 41 trials passed in 14 runs of 9 versions``."""
    trials = counted(counts.passed + counts.failed, "trial")
    text = f"{counts.passed} of {trials} passed in {counted(counts.runs, 'run')}"
    text += f" of {counted(counts.versions, 'version')}" if counts.runs else ""
    return text + (f", {counts.unmeasured} unmeasured" if counts.unmeasured else "")


def _times(found: Evidence) -> str:
    if found.e_value >= _MANY:
        return f"more than {_MANY:,.0f} times"
    return f"{found.e_value:.2g} times" if found.e_value < NEEDED else f"{found.e_value:.0f} times"
