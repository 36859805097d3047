"""Two runs against each other, and one case of both with the point where the paths part."""

from collections import Counter
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, Parameter
from litestar.response import Template

from roadworthy.app.app import App
from roadworthy.app.case_paths import compare_paths
from roadworthy.app.charting.data import comparison_chart
from roadworthy.app.verdicts import compare_runs
from roadworthy.base.ids import natural_key
from roadworthy.diagnose.divergence_point import Parting
from roadworthy.gate.changes import UNCHANGED
from roadworthy.records.decision import CaseChange, Comparison
from roadworthy.records.record import Record
from roadworthy.records.run import PlannedCase
from roadworthy.server.pages.p_value import p_value_in_words
from roadworthy.server.pages.show import show

CHOICES = 200
CHANGES = ("broken", "fixed", "undecided", "unchanged")
CASES_SHOWN = 300
MOST_REPEATS = 1_000_000

Repeat = Annotated[int | None, Parameter(ge=0, le=MOST_REPEATS)]


class Choice(Record, frozen=True, kw_only=True):
    """A run or a baseline that can be compared."""

    name: str
    text: str


@get("/compare", sync_to_thread=True)
def compare(
    *,
    app: NamedDependency[App],
    base: FromQuery[str | None] = None,
    candidate: FromQuery[str | None] = None,
    change: FromQuery[str | None] = None,
    tier: FromQuery[str | None] = None,
    tag: FromQuery[str | None] = None,
) -> Template:
    """Two runs, what broke first; without both, a form to choose them."""
    choices = _choices(app)
    if not base or not candidate:
        return show("compare_choose.html", "Runs", choices=choices, base=base, candidate=candidate)
    decision = compare_runs(app, base, candidate)
    comparison = decision.comparison
    assert comparison is not None
    planned = {one.id: one for one in app.store.runs.load(comparison.candidate).run.cases}
    only_moved = not change and any(one.change != UNCHANGED for one in comparison.changes)
    shown = [
        one
        for one in _worst_first(comparison)
        if _takes(one, planned.get(one.case), change=change, tier=tier, tag=tag)
        and not (only_moved and one.change == UNCHANGED)
    ]
    notes = {one.case: why for one in shown[:CASES_SHOWN] if (why := _more_than_counts(one))}
    return show(
        "compare.html",
        "Runs",
        decision=decision,
        comparison=comparison,
        asked={"base": base, "candidate": candidate},
        change=change if change in CHANGES else None,
        tier=tier,
        tag=tag,
        only_moved=only_moved,
        counts={name: Counter(one.change for one in comparison.changes)[name] for name in CHANGES},
        shown=shown[:CASES_SHOWN],
        notes=notes,
        has_notes=bool(notes) or any(case.tags for case in planned.values()),
        left_out=max(0, len(shown) - CASES_SHOWN),
        planned=planned,
        tiers=sorted({one.tier for one in planned.values()}, key=natural_key),
        tags=sorted({tag for one in planned.values() for tag in one.tags}, key=natural_key),
        in_words=p_value_in_words(comparison),
        chart=comparison_chart(comparison),
        choices=choices,
    )


@get("/compare/case", sync_to_thread=True)
def compare_case(
    *,
    app: NamedDependency[App],
    base: FromQuery[str],
    candidate: FromQuery[str],
    case: FromQuery[str],
    base_repeat: FromQuery[Repeat] = None,
    candidate_repeat: FromQuery[Repeat] = None,
) -> Template:
    """Both paths through one case, side by side."""
    paths = compare_paths(
        app, base, candidate, case, base_repeat=base_repeat, candidate_repeat=candidate_repeat
    )
    return show(
        "compare_case.html",
        "Runs",
        paths=paths,
        asked={"base": base, "candidate": candidate},
        parted=PARTED,
    )


PARTED = {
    Parting.WORDS: "other words",
    Parting.ARGUMENTS: "other arguments",
    Parting.REPLY: "another reply to the same call",
    Parting.ONLY_BASE: "only the base does this",
    Parting.ONLY_CANDIDATE: "only the candidate does this",
    Parting.SAME: "the same",
}


def _choices(app: App) -> list[Choice]:
    pins = [
        Choice(name=pin.name, text=f"{pin.name} (baseline: {pin.run})")
        for pin in app.store.baselines.list()
    ]
    runs = [
        Choice(
            name=row.run.id,
            text=f"{row.run.id} · {row.run.suite} · {row.run.fingerprint.version}",
        )
        for row in app.store.runs.list(limit=CHOICES)
    ]
    return [*pins, *runs]


def _more_than_counts(one: CaseChange) -> str:
    """Why it counts as it does, unless that only says again what both columns say."""
    base = f"{one.base_passed}/{one.base_measured}"
    candidate = f"{one.candidate_passed}/{one.candidate_measured}"
    return "" if one.why == f"{base} trials passed, now {candidate}" else one.why


def _worst_first(comparison: Comparison) -> list[CaseChange]:
    """Broken, fixed, undecided, unchanged; natural order of cases within each."""
    return sorted(comparison.changes, key=lambda one: CHANGES.index(one.change))


def _takes(
    one: CaseChange,
    case: PlannedCase | None,
    *,
    change: str | None,
    tier: str | None,
    tag: str | None,
) -> bool:
    return (
        (not change or one.change == change)
        and (not tier or (case is not None and case.tier == tier))
        and (not tag or (case is not None and tag in case.tags))
    )


ROUTES = (compare, compare_case)
