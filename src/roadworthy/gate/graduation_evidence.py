"""How much the runs of a case say for a failure rate, wherever in its history that rate began.

The evidence is an e-value: how much better the trials fit the rates asked about than the most
favourable rate that is ruled out, mixed over those rates and over the run from which on they
hold. A case seldom has one rate from its first run on, so half of the weight lies on the first
run and the other half evenly on every run of the horizon.

For each starting run this is a supermartingale that begins at 1, as long as the ruled out rates
hold, so the mixture has expectation at most 1 up to the end of the horizon, and its maximum
reaches `NEEDED` with a chance of at most 1 / `NEEDED`. That holds too where the number of trials
depends on earlier ones, and where somebody looks after every run.

Source: Ville (1939), Étude critique de la notion de collectif; for evidence that may begin at
any run, Shin, Ramdas and Rinaldo (2024), E-detectors: a nonparametric framework for sequential
change detection, New England Journal of Statistics in Data Science 2 (2).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import exp, inf, log
from operator import mul
from typing import Final, NamedTuple

from roadworthy.base.errors import InvalidRecord, StatisticsError
from roadworthy.records.record import Record

HORIZON: Final = 100
"""Runs of a case over which a rule errs with a chance of at most 1 / `NEEDED`."""
NEEDED: Final = 20.0
_EACH_RUN: Final = 0.5 / HORIZON  # weight of a run as the one from which a rate holds
_BEYOND_DOUBT: Final = 500.0  # as a logarithm; the e-value stays finite


class RunCounts(Record, frozen=True, kw_only=True):
    """How a case did in one run, asked as it is asked today."""

    run: str
    started_at: float  # seconds since 1970, UTC
    version: str  # digest of the agent's version
    passed: int
    failed: int
    unmeasured: int = 0

    def __post_init__(self) -> None:
        if min(self.passed, self.failed, self.unmeasured) < 0:
            raise InvalidRecord(f"counts are 0 or more, got {self}")


class Evidence(NamedTuple):
    """An e-value, 0 or more and finite, and the index of the run that it mostly begins at."""

    e_value: float
    start: int
    by_rate: tuple[float, ...]  # its parts, one for each rate asked about


def evidence_for(
    rates: Sequence[float],
    runs: Sequence[RunCounts],
    *,
    against: float,
    whole: bool,
    broken_counts: bool = True,
) -> Evidence:
    """Evidence that trials fail at one of `rates` rather than at `against`.

    Args:
        rates: shares of trials that fail, strictly between 0 and 1; all above `against`, which
            then stands for every lower rate, or all below, for every higher one.
        runs: oldest first, at most `HORIZON`.
        against: the rate to be ruled out, strictly between 0 and 1.
        whole: `runs` begins with the first run there is; else only later starts have weight.
        broken_counts: whether a version without a single pass says anything. If not, versions
            that never pass are ruled out as well, and all of the above still holds.

    Raises:
        StatisticsError: a rate out of its range, or more runs than the horizon.
    """
    if not all(0 < rate < 1 for rate in (*rates, against)) or len(runs) > HORIZON:
        raise StatisticsError(
            f"rates lie strictly between 0 and 1 and runs are at most {HORIZON}, "
            f"got {[*rates, against]} and {len(runs)}"
        )
    said = [_from_each_run(runs, _Ratio.of(rate, against), broken_counts) for rate in rates]
    parts, most, start = [0.0] * len(rates), -inf, 0
    for index, logs in zip(range(len(runs) - 1, -1, -1), zip(*said, strict=True), strict=True):
        weight = _EACH_RUN + (0.5 if whole and index == 0 else 0.0)
        values = [weight * exp(min(one, _BEYOND_DOUBT)) / len(rates) for one in logs]
        parts = [part + value for part, value in zip(parts, values, strict=True)]
        if sum(values) >= most:
            most, start = sum(values), index
    return Evidence(sum(parts), start, tuple(parts))


def passes_needed(found: Evidence, rates: Sequence[float], *, against: float) -> int:
    """How many more passes in a row, in one run, bring `found` to `NEEDED`; 0: none.

    Takes rates below `against`, for which every pass speaks.
    """
    ratios = [(1 - rate) / (1 - against) for rate in rates]
    parts = [part + _EACH_RUN / len(rates) for part in found.by_rate]
    more = 0
    while found.e_value < NEEDED and sum(map(mul, parts, ratios)) < NEEDED:
        parts = [part * ratio for part, ratio in zip(parts, ratios, strict=True)]
        more += 1
    return more + (found.e_value < NEEDED)


class _Ratio(NamedTuple):
    """What one pass and one failure say, as logarithms of likelihood ratios."""

    passed: float
    failed: float

    @classmethod
    def of(cls, rate: float, against: float) -> "_Ratio":
        return cls(log((1 - rate) / (1 - against)), log(rate / against))


def _from_each_run(
    runs: Sequence[RunCounts],
    ratio: _Ratio,
    broken_counts: bool,
) -> Iterator[float]:
    """The logarithm of the evidence from each run on, the newest run first.

    A version's evidence without a pass would be above 1; it is held at 1, which takes nothing
    from the rule's safety: under a rate it is only made smaller, and without any pass it stays.
    """
    counts: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    said: dict[str, float] = defaultdict(float)
    total = 0.0
    for run in reversed(runs):
        passed, failed = counts[run.version]
        passed, failed = passed + run.passed, failed + run.failed
        counts[run.version] = (passed, failed)
        now = passed * ratio.passed + failed * ratio.failed
        if not passed and not broken_counts:
            now = min(now, 0.0)
        total += now - said[run.version]
        said[run.version] = now
        yield total
