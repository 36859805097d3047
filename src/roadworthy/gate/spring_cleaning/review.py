"""Spring cleaning: every case that may go, what it costs, what would be lost, and what to do.

Pure and only a proposal. A person confirms each case (`app.suite_review_list`); retirement is
an edit of the case's file with the reason. A rule that cannot be told from what is known names
no case, and a note says what was missing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum

from roadworthy.base.ids import natural_key
from roadworthy.gate.spring_cleaning.catches import Catches, count_catches
from roadworthy.gate.spring_cleaning.detection import Detection
from roadworthy.gate.spring_cleaning.doubles import double_grounds
from roadworthy.gate.spring_cleaning.ground import (
    Ground,
    Rule,
    costliness,
    orphanhood,
    saturation,
    staleness,
)
from roadworthy.gate.spring_cleaning.likeness import near_duplicates
from roadworthy.gate.spring_cleaning.past import Past, first_runs, read_pasts
from roadworthy.gate.spring_cleaning.proposal import (
    Advice,
    CaseReview,
    Loss,
    SuiteReview,
    Together,
)
from roadworthy.gate.spring_cleaning.sharing import Shared, shared_failures
from roadworthy.gate.spring_cleaning.spending import Spending, runs_per_year, spendings
from roadworthy.gate.spring_cleaning.subject import CleaningPolicy, DatedRun, Subject
from roadworthy.gate.wording import counted, names
from roadworthy.records.case import Kind

CRITICAL = "critical"
_PAIRS_TOLD = 200


@dataclass(kw_only=True)
class _Material:
    """All that the rules read, worked out once."""

    suite: str
    subjects: Sequence[Subject]
    runs: Sequence[DatedRun]
    cells: Mapping[str, Collection[str]]
    tools_seen: Collection[str] | None
    policy: CleaningPolicy
    now: float

    @cached_property
    def pasts(self) -> dict[str, Past]:
        return read_pasts(self.subjects, self.runs)

    @cached_property
    def per_year(self) -> float | None:
        return runs_per_year(self.runs, now=self.now)

    @cached_property
    def spendings(self) -> dict[str, Spending]:
        return spendings(self.subjects, self.pasts, self.policy, per_year=self.per_year)

    @cached_property
    def shared(self) -> tuple[Shared, ...]:
        return shared_failures(self.pasts, list(first_runs(self.runs)), self.policy)

    @cached_property
    def doubles(self) -> dict[str, list[Ground]]:
        alike = near_duplicates(self.subjects, self.policy)
        return double_grounds(self.subjects, self.spendings, self.shared, alike)

    @cached_property
    def catches(self) -> Catches:
        return count_catches(self.pasts, self.runs)

    @cached_property
    def detection(self) -> Detection:
        return Detection(self.subjects, self.pasts, level=self.policy.level)

    def grounds(self, subject: Subject) -> tuple[Ground, ...]:
        past = self.pasts[subject.case]
        found = (
            orphanhood(subject, self.tools_seen),
            *self.doubles.get(subject.case, ()),
            saturation(past, self.policy),
            staleness(subject, past, self.policy, now=self.now),
            costliness(self.spendings[subject.case]),
        )
        return tuple(ground for ground in found if ground is not None)

    def loses(self, cases: Collection[str]) -> Loss:
        gone = set(cases)
        return Loss(
            cells=tuple(cell for cell, held in self.cells.items() if _is_emptied(held, gone)),
            drop_before=self.detection.drop(),
            drop_after=self.detection.drop(gone),
            caught=sum(self.catches.any[case] for case in gone),
            caught_alone=sum(self.catches.alone[case] for case in gone),
        )


def _is_told(pair: Shared) -> bool:
    """Equal cases make a pair each way; one is enough to tell."""
    return not pair.equal or natural_key(pair.case) > natural_key(pair.other)


def _is_emptied(held: Collection[str], gone: set[str]) -> bool:
    return 0 < len(held) <= len(gone) and gone.issuperset(held)


def review_suite(
    suite: str,
    subjects: Sequence[Subject],
    runs: Sequence[DatedRun],
    *,
    cells: Mapping[str, Collection[str]],
    tools_seen: Collection[str] | None,
    policy: CleaningPolicy,
    now: float,
) -> SuiteReview:
    """Look at every case that runs.

    Args:
        suite: its name.
        subjects: its cases, retired ones left out.
        runs: evaluations of the suite, in any order; other trials of a case do not count.
        cells: cells of the coverage map, each with the cases that cover it.
        tools_seen: tools that recent traces call; `None`: too few traces to tell.
        policy: limits of the rules.
        now: seconds since 1970, UTC.
    """
    material = _Material(
        suite=suite,
        subjects=subjects,
        runs=runs,
        cells=cells,
        tools_seen=tools_seen,
        policy=policy,
        now=now,
    )
    grounds = {subject.case: material.grounds(subject) for subject in subjects}
    told = [_case(material, one, grounds[one.case]) for one in subjects if grounds[one.case]]
    order = list(Advice)
    told.sort(key=lambda one: (order.index(one.advice), natural_key(one.case)))
    return SuiteReview(
        suite=suite,
        reviewed=len(subjects),
        runs=len(runs),
        versions=len(first_runs(runs)),
        runs_per_year=material.per_year,
        cases=tuple(told),
        together=_together(material, [one for one in told if one.advice is Advice.RETIRE]),
        shared=tuple(pair for pair in material.shared if _is_told(pair))[:_PAIRS_TOLD],
        notes=tuple(_notes(material)),
    )


def _case(material: _Material, subject: Subject, grounds: tuple[Ground, ...]) -> CaseReview:
    past = material.pasts[subject.case]
    loses = material.loses([subject.case])
    advice, because = _advice(subject, grounds, loses)
    return CaseReview(
        case=subject.case,
        kind=subject.kind,
        tier=subject.tier,
        digest=subject.digest,
        passed=past.passed,
        measured=past.measured,
        versions=len(past.versions),
        grounds=grounds,
        advice=advice,
        because=because,
        spending=material.spendings[subject.case],
        loses=loses,
    )


def _advice(subject: Subject, grounds: Sequence[Ground], loses: Loss) -> tuple[Advice, str]:
    """What to do, and why in a sentence."""
    rules = {ground.rule for ground in grounds}
    strong = next((ground for ground in grounds if ground.strong), None)
    if strong is not None:
        held = _held(subject, loses)
        if held:
            return Advice.LOOK, f"{strong.rule.replace('_', ' ')}, but {held}"
        return Advice.RETIRE, strong.why
    if Rule.SATURATED in rules and subject.kind is Kind.CAPABILITY:
        return Advice.GRADUATE, "it no longer fails; as a regression case it would gate"
    if rules & {Rule.STALE, Rule.COSTLY, Rule.NEAR_DUPLICATE, Rule.ORPHANED}:
        return Advice.LOOK, "no rule says that it can go"
    if Rule.SATURATED in rules:
        return Advice.KEEP, "always passing is what a case that gates is for"
    return Advice.KEEP, "it may yet fail: too few trials to say more"


def _held(subject: Subject, loses: Loss) -> str:
    """What speaks against retiring it; empty when nothing does."""
    if subject.tier == CRITICAL:
        return "it is critical"
    if loses.cells:
        return f"it alone covers {names(loses.cells)}"
    if loses.caught_alone:
        return f"it alone broke on {counted(loses.caught_alone, 'version')}"
    return ""


def _together(material: _Material, gone: Sequence[CaseReview]) -> Together:
    cases = tuple(one.case for one in gone)
    return Together(
        cases=cases,
        trials=sum(one.spending.trials for one in gone),
        cost_usd=_total([one.spending.cost_usd for one in gone]),
        time_s=_total([one.spending.time_s for one in gone]),
        loses=material.loses(cases),
    )


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) if len(known) == len(values) else None


def _notes(material: _Material) -> list[str]:
    """What could not be told, and what it would take."""
    unknown = [name for name, one in material.spendings.items() if one.cost_usd is None]
    undated = [one.case for one in material.subjects if one.changed_at is None]
    unseen = [name for name, past in material.pasts.items() if not past.runs]
    least = material.policy.min_versions
    notes = []
    if unseen:
        notes.append(f"no run measured {counted(len(unseen), 'case')}: {names(unseen)}")
    if len(first_runs(material.runs)) < least:
        notes.append(f"saturated, never failed, redundant: need {least} versions that were run")
    if material.per_year is None:
        notes.append("cost per year: unknown until three runs span a week")
    if unknown:
        notes.append(
            f"cost of {counted(len(unknown), 'case')}: unknown, since no run of "
            f"{'it' if len(unknown) == 1 else 'them'} told every price"
        )
    if undated:
        notes.append(f"stale: {counted(len(undated), 'case')} without a date of its last change")
    if material.tools_seen is None and any(one.tools for one in material.subjects):
        notes.append(
            "orphaned: unknown, since fewer than "
            f"{counted(material.policy.least_traces, 'recent trace')} with tool calls are stored"
        )
    return notes
