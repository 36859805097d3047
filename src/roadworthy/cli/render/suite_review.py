"""A review as text: what to do with each case, why, what it costs, what would go with it."""

from collections.abc import Sequence
from typing import Final

from roadworthy.app.suite_review_list import Retirement
from roadworthy.cli.render.rates import percent
from roadworthy.cli.render.table import line, stdout
from roadworthy.gate.spring_cleaning.ground import Ground
from roadworthy.gate.spring_cleaning.proposal import Advice, CaseReview, Loss, SuiteReview
from roadworthy.gate.spring_cleaning.sharing import Shared
from roadworthy.gate.spring_cleaning.spending import Spending
from roadworthy.gate.wording import counted, names

CASES_SHOWN: Final = 30
PAIRS_SHOWN: Final = 5
_STYLE: Final = {Advice.RETIRE: "bold red", Advice.GRADUATE: "bold green", Advice.LOOK: "bold"}


def print_review(review: SuiteReview) -> None:
    """Print a review on stdout."""
    out = stdout()
    out.print(line(("suite ", "dim"), (review.suite, "bold"), f"  {_rests_on(review)}"))
    told = [one for one in review.cases if one.advice is not Advice.KEEP]
    for one in told[:CASES_SHOWN]:
        out.print()
        _print_case(one)
    if len(told) > CASES_SHOWN:
        out.print(line((f"and {len(told) - CASES_SHOWN} more (--json has all)", "dim")))
    kept = [one for one in review.cases if one.advice is Advice.KEEP]
    out.print()
    if kept:
        ids = names([one.case for one in kept])
        out.print(line(("keep  ", "bold"), f"never failed so far: {ids}"))
    _print_together(review)
    _print_pairs(review.shared)
    for note in review.notes:
        out.print(line(("not known  ", "dim"), note))


def print_retired(done: Retirement) -> None:
    """Print what was retired."""
    out = stdout()
    for case in done.retired:
        out.print(line(("retired  ", "bold"), case))
    for case in done.already:
        out.print(line(("retired before  ", "dim"), case))
    if not done.retired and not done.already:
        out.print(line("the list names no case; nothing was changed"))


def _rests_on(review: SuiteReview) -> str:
    yearly = (
        "" if review.runs_per_year is None else f", about {review.runs_per_year:.0f} runs a year"
    )
    return (
        f"{counted(review.reviewed, 'case')}, {counted(review.runs, 'run')} of "
        f"{counted(review.versions, 'version')}{yearly}"
    )


def _print_case(one: CaseReview) -> None:
    out = stdout()
    kind = f"  {one.kind.value}, {one.tier}"
    head = f"{one.advice.value}  "
    out.print(line((head, _STYLE.get(one.advice, "")), (one.case, "bold"), (kind, "dim")))
    for ground in one.grounds:
        out.print(line((f"  {_rule(ground)}  ", "dim"), ground.why))
    if one.advice is not Advice.RETIRE:
        out.print(line(("  so  ", "dim"), one.because))
    out.print(line(("  costs  ", "dim"), _costs(one.spending)))
    out.print(line(("  would lose  ", "dim"), _losses(one.loses)))


def _rule(ground: Ground) -> str:
    return ground.rule.replace("_", " ")


def _costs(spending: Spending) -> str:
    money = _money(spending.cost_usd, "a run")
    yearly = _money(spending.cost_usd_year, "a year")
    time = "time unknown" if spending.time_s is None else f"{spending.time_s:,.1f} s a run"
    return f"{counted(spending.trials, 'trial')}, {money}, {yearly}, {time}"


def _money(value: float | None, per: str) -> str:
    return f"cost {per} unknown" if value is None else f"${value:,.4f} {per}"


def _losses(loses: Loss) -> str:
    cells = f"the only case of {names(loses.cells)}" if loses.cells else "no cell"
    caught = "never broke"
    if loses.caught:
        caught = f"broke on {counted(loses.caught, 'version')}, alone on {loses.caught_alone}"
    return f"{cells}; {_drop(loses)}; {caught}"


def _drop(loses: Loss) -> str:
    if loses.drop_before is None:
        return "too little is measured to see any drop"
    after = "none" if loses.drop_after is None else f"{percent(loses.drop_after)} points"
    return f"smallest detectable drop {percent(loses.drop_before)} points, then {after}"


def _print_together(review: SuiteReview) -> None:
    gone, out = review.together, stdout()
    if not gone.cases:
        out.print(line(("retire  ", "bold"), "nothing"))
        return
    cost = _money(gone.cost_usd, "a run")
    saved = f"{counted(gone.trials, 'trial')} a run, {cost}"
    out.print(line(("retire  ", "bold"), f"{counted(len(gone.cases), 'case')} together: {saved}"))
    out.print(line(("  would lose  ", "dim"), _losses(gone.loses)))
    out.print(line(("  next  ", "dim"), "roadworthy suite review --write FILE, or --confirm"))


def _print_pairs(pairs: Sequence[Shared]) -> None:
    """Pairs that chance explains: told as such, and never as redundant."""
    open_pairs = [pair for pair in pairs if not pair.shown]
    if not open_pairs:
        return
    out = stdout()
    out.print(
        line(
            ("alike so far  ", "dim"),
            f"{counted(len(open_pairs), 'pair')} of cases failed alike, which chance explains",
        )
    )
    for pair in open_pairs[:PAIRS_SHOWN]:
        how = "exactly when" if pair.equal else "only when"
        out.print(
            line(
                f"  {pair.case} failed {how} {pair.other} did, on {pair.failed} of "
                f"{counted(pair.versions, 'version')}; by chance {pair.chance:.2g}"
            )
        )
