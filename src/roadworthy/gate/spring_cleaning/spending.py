"""What cases cost: per run from what their trials cost, per year from how often runs are made.

What is not known is `None` and makes every sum that needs it `None`: a trial whose price nobody
told was not free.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from statistics import median
from typing import Final

from roadworthy.gate.spring_cleaning.past import Past
from roadworthy.gate.spring_cleaning.subject import CleaningPolicy, DatedRun, Subject
from roadworthy.records.evidence import CaseEvidence
from roadworthy.records.record import Record

_RECENT: Final = 5  # runs of a case that tell what it costs
_LEAST_RUNS: Final = 3
_LEAST_S: Final = 7 * 86_400.0
_YEAR_S: Final = 365 * 86_400.0


class Spending(Record, frozen=True, kw_only=True, omit_defaults=False):
    """US dollars and seconds; `None` is unknown. Shares are of all cases that would run."""

    trials: int
    cost_usd: float | None  # per run
    time_s: float | None  # per run, one trial after the other
    cost_usd_year: float | None
    time_s_year: float | None
    cost_share: float | None
    time_share: float | None
    unpriced: int = 0  # of the recent trials, those that told no price
    costly: str = ""  # "cost" or "time", where it stands out


def runs_per_year(runs: Sequence[DatedRun], *, now: float) -> float | None:
    """How often the suite is run, from the last year; `None`: too few runs, or too short a time.

    Imported runs do not count: they tell when they were imported. Needs three runs that span a
    week. The rate is the runs after the first, over the time from the first until `now`.
    """
    times = [
        run.started_at
        for run in runs
        if not run.evidence.imported and now - _YEAR_S <= run.started_at <= now
    ]
    if len(times) < _LEAST_RUNS or max(times) - min(times) < _LEAST_S:
        return None
    return (len(times) - 1) / (now - min(times)) * _YEAR_S


def spendings(
    subjects: Sequence[Subject],
    pasts: Mapping[str, Past],
    policy: CleaningPolicy,
    *,
    per_year: float | None,
) -> dict[str, Spending]:
    """What each case costs, and which stand out by money, or by time where money is not known."""
    costs = {one.case: _cost(one, pasts[one.case]) for one in subjects}
    times = {one.case: _time(one, pasts[one.case]) for one in subjects}
    unit = "cost" if _all_known(costs) else "time"
    share_cost, share_time = _shares(costs), _shares(times)
    shares = share_cost if unit == "cost" else share_time
    limit = _limit(shares, policy)
    return {
        one.case: Spending(
            trials=one.repeats,
            cost_usd=costs[one.case],
            time_s=times[one.case],
            cost_usd_year=_yearly(costs[one.case], per_year),
            time_s_year=_yearly(times[one.case], per_year),
            cost_share=share_cost.get(one.case),
            time_share=share_time.get(one.case),
            unpriced=_unpriced(pasts[one.case]),
            costly=unit if limit is not None and shares.get(one.case, 0.0) >= limit else "",
        )
        for one in subjects
    }


def _limit(shares: Mapping[str, float], policy: CleaningPolicy) -> float | None:
    if not shares:
        return None
    return max(policy.costly_share, policy.costly_times * median(shares.values()))


def _all_known(values: Mapping[str, float | None]) -> bool:
    return bool(values) and all(value is not None for value in values.values())


def _shares(values: Mapping[str, float | None]) -> dict[str, float]:
    """Of all cases together; nothing where one is unknown or all are 0."""
    known = {case: value for case, value in values.items() if value is not None}
    total = sum(known.values())
    if len(known) < len(values) or total <= 0:
        return {}
    return {case: value / total for case, value in known.items()}


def _recent(past: Past) -> list[CaseEvidence]:
    return list(islice(reversed(past.made), _RECENT))


def _made(seen: Sequence[CaseEvidence]) -> int:
    return sum(one.measured + one.unmeasured for one in seen)


def _unpriced(past: Past) -> int:
    seen = _recent(past)
    return _made(seen) - sum(len(one.costs_usd) for one in seen)


def _cost(subject: Subject, past: Past) -> float | None:
    seen = _recent(past)
    return _mean([cost for one in seen for cost in one.costs_usd], _made(seen), subject)


def _time(subject: Subject, past: Past) -> float | None:
    seen = _recent(past)
    return _mean([time for one in seen for time in one.durations_s], _made(seen), subject)


def _mean(values: Sequence[float], made: int, subject: Subject) -> float | None:
    if not values or len(values) < made:
        return None
    return sum(values) / len(values) * subject.repeats


def _yearly(value: float | None, per_year: float | None) -> float | None:
    return None if value is None or per_year is None else value * per_year
