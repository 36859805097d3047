"""Prompt sensitivity: how far the pass rate of a case moves when only its form is messier.

From one run, so that the parent and its variants met the same agent, and only over variants that
expect what their parent expects: another expectation would be another question. The wordings are
taken as they are, not as a draw of all wordings there could be; chance is in the trials.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from roadworthy.base.codec import encode
from roadworthy.base.ids import natural_key
from roadworthy.gate.wording import counted
from roadworthy.records.evidence import CaseEvidence
from roadworthy.records.record import Record
from roadworthy.records.run import PlannedCase
from roadworthy.stats.spread import drop_from_first, spread_of_rates

LEVEL: Final = 0.95
_LEAST_TRIALS: Final = 5  # of each wording, below which a rate says little


class WordingRate(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Trials of the parent or of one variant."""

    case: str
    passed: int
    measured: int


class PromptSensitivity(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What one case's variants tell. Numbers are `None` where fewer than two can be compared.

    `spread` is the highest pass rate less the lowest, the parent's among them, with limits that
    hold whatever the rates are; `deviation` the standard deviation of the rates. `drop` is the
    parent's rate less the mean of its variants' rates.
    """

    parent: str
    wordings: tuple[WordingRate, ...]  # the parent, then variants that expect what it does
    others: tuple[WordingRate, ...] = ()  # variants that expect something else; in no number
    spread: float | None = None
    spread_low: float | None = None
    spread_high: float | None = None
    deviation: float | None = None
    drop: float | None = None
    drop_low: float | None = None
    drop_high: float | None = None
    thin: str | None = None  # why the numbers say little, if they do
    level: float = LEVEL

    @property
    def shown_to_differ(self) -> bool:
        """Whether the wordings differ by more than chance."""
        return bool(self.spread_low)


def prompt_sensitivity(
    planned: Iterable[PlannedCase], evidence: Sequence[CaseEvidence]
) -> tuple[PromptSensitivity, ...]:
    """For each case of a run that has variants in it, in order of names."""
    cases = {case.id: case for case in planned}
    variants: defaultdict[str, list[PlannedCase]] = defaultdict(list)
    for name in sorted(cases, key=natural_key):
        if cases[name].parent:
            variants[cases[name].parent].append(cases[name])
    rates = {
        one.case: WordingRate(case=one.case, passed=one.passed, measured=one.measured)
        for one in evidence
    }
    return tuple(
        _of(name, cases.get(name), variants[name], rates)
        for name in sorted(variants, key=natural_key)
    )


def _of(
    name: str,
    parent: PlannedCase | None,
    variants: Sequence[PlannedCase],
    rates: Mapping[str, WordingRate],
) -> PromptSensitivity:
    same = [one for one in variants if parent is not None and _expects_the_same(one, parent)]
    others = [one for one in variants if one not in same]
    wordings = [rates[one.id] for one in ([parent] if parent else []) + same if one.id in rates]
    told = PromptSensitivity(
        parent=name,
        wordings=tuple(wordings),
        others=tuple(rates[one.id] for one in others if one.id in rates),
        thin=_thin(name, wordings),
    )
    return _measured(told, [rate for rate in wordings if rate.measured])


def _expects_the_same(variant: PlannedCase, parent: PlannedCase) -> bool:
    return Counter(map(encode, variant.graders)) == Counter(map(encode, parent.graders))


def _measured(told: PromptSensitivity, seen: Sequence[WordingRate]) -> PromptSensitivity:
    passed, sizes = [rate.passed for rate in seen], [rate.measured for rate in seen]
    if len(seen) <= 1:
        return told
    spread = spread_of_rates(passed, sizes, LEVEL)
    told = replace(
        told,
        spread=spread.value,
        spread_low=spread.interval.low,
        spread_high=spread.interval.high,
        deviation=spread.deviation,
    )
    if seen[0].case != told.parent:
        return told
    drop, (low, high) = drop_from_first(passed, sizes, LEVEL)
    return replace(told, drop=drop, drop_low=low, drop_high=high)


def _thin(parent: str, rates: Sequence[WordingRate]) -> str | None:
    """What is missing, in words; `None` when nothing is."""
    why: list[str] = []
    if not any(rate.case == parent and rate.measured for rate in rates):
        why.append("the parent was not measured in this run")
    unmeasured = sum(not rate.measured for rate in rates if rate.case != parent)
    if unmeasured:
        why.append(f"{counted(unmeasured, 'variant')} could not be measured")
    fewest = min((rate.measured for rate in rates if rate.measured), default=0)
    if 0 < fewest < _LEAST_TRIALS:
        why.append(f"some wording has only {counted(fewest, 'measured trial')}")
    if sum(rate.measured > 0 for rate in rates) <= 1:
        why.append("nothing to compare")
    return "; ".join(why) or None
