"""Why a case is on the list at all: each rule looks at one case and says what it saw."""

from collections.abc import Collection
from enum import StrEnum
from itertools import pairwise
from math import ceil, log

from roadworthy.gate.spring_cleaning.past import Past
from roadworthy.gate.spring_cleaning.spending import Spending
from roadworthy.gate.spring_cleaning.subject import CleaningPolicy, Subject
from roadworthy.gate.wording import counted, names, percent
from roadworthy.records.record import Record
from roadworthy.stats.intervals import clopper_pearson

_DAY_S = 86_400


class Rule(StrEnum):
    """What may be wrong with a case."""

    SATURATED = "saturated"  # never failed, and enough was tried to bound how often it would
    NEVER_FAILED = "never_failed"  # the same, with too few trials for the bound
    STALE = "stale"  # neither it nor its outcome changed for long
    REDUNDANT = "redundant"  # whenever it failed, another case had failed
    NEAR_DUPLICATE = "near_duplicate"  # asks nearly what another case asks
    COSTLY = "costly"  # takes much more than its share
    ORPHANED = "orphaned"  # what it tests is gone


class Ground(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One rule with what it saw; `strong` alone may argue for retirement."""

    rule: Rule
    why: str
    other: str | None = None  # the case that makes this one spare
    strong: bool = False


def saturation(past: Past, policy: CleaningPolicy) -> Ground | None:
    """A case that passed every trial, on enough versions; with enough trials it is saturated.

    Saturated: the one-sided Clopper-Pearson bound of its failure rate, at `policy.level`, is
    at most `policy.saturated_rate`. At the defaults that takes 59 trials without a failure.
    """
    trials, versions = past.measured, len(past.versions)
    if not trials or past.passed < trials or versions < policy.min_versions:
        return None
    high = clopper_pearson(0, trials, 2 * policy.level - 1).high
    seen = (
        f"passed all {counted(trials, 'trial')} on {counted(versions, 'version')}; fails in at "
        f"most {percent(high)} of trials ({percent(policy.level)} sure)"
    )
    if high <= policy.saturated_rate:
        return Ground(rule=Rule.SATURATED, why=seen)
    least = trials_to_saturate(policy)
    why = f"{seen}; {counted(least, 'trial')} without a failure would call it saturated"
    return Ground(rule=Rule.NEVER_FAILED, why=why)


def trials_to_saturate(policy: CleaningPolicy) -> int:
    """Trials without a failure from which a case is saturated."""
    return ceil(log(1 - policy.level) / log(1 - policy.saturated_rate))


def staleness(subject: Subject, past: Past, policy: CleaningPolicy, *, now: float) -> Ground | None:
    """A case of which nothing changed for `policy.stale_days`, though it was run meanwhile.

    Unknown dates and a case that was not run since make no case stale: nobody has looked.
    """
    since = now - policy.stale_s
    if subject.changed_at is None or subject.changed_at > since:
        return None
    if subject.recorded and (subject.recorded_at is None or subject.recorded_at > since):
        return None
    recent = [count for count in past.runs if count.at >= since]
    older = [count for count in past.runs if count.at < since]
    outcomes = [count.outcome for count in [*older[-1:], *recent]]
    if not recent or any(before is not after for before, after in pairwise(outcomes)):
        return None
    days = int((now - subject.changed_at) // _DAY_S)
    recording = ", its recording is as old or older" if subject.recorded else ""
    why = (
        f"not changed for {counted(days, 'day')}{recording}, and the same outcome in every run "
        f"of the last {policy.stale_days:g} days ({counted(len(recent), 'run')})"
    )
    return Ground(rule=Rule.STALE, why=why)


def costliness(spending: Spending) -> Ground | None:
    """A case that stands out by what it costs, or by time where prices are not known."""
    if not spending.costly:
        return None
    by_cost = spending.costly == "cost"
    share = spending.cost_share if by_cost else spending.time_share
    assert share is not None, "what stands out has a share"
    what = "cost" if by_cost else "time (prices are not known)"
    return Ground(rule=Rule.COSTLY, why=f"takes {percent(share)} of a run's {what}")


def orphanhood(subject: Subject, tools_seen: Collection[str] | None) -> Ground | None:
    """A case whose tools nobody calls any more; `None`: too few recent traces to say."""
    if tools_seen is None or not subject.tools:
        return None
    gone = [tool for tool in subject.tools if tool not in tools_seen]
    if not gone:
        return None
    if len(gone) == len(subject.tools):
        why = f"no recent trace calls what it expects: {names(gone)}"
        return Ground(rule=Rule.ORPHANED, why=why, strong=True)
    why = f"no recent trace calls some of what it expects: {names(gone)}"
    return Ground(rule=Rule.ORPHANED, why=why)
