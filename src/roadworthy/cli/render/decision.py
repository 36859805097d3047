"""A decision as text: the verdict, then its reasons, then what changed."""

from rich.table import Table

from roadworthy.cli.render.rates import VERDICT_STYLE, percent, rate_text
from roadworthy.cli.render.table import line, stdout
from roadworthy.records.decision import Comparison, Decision

NAMES_SHOWN = 30


def print_decision(decision: Decision) -> None:
    """Print a decision on stdout."""
    out = stdout()
    verdict = decision.verdict
    if decision.comparison is not None:
        print_comparison(decision.comparison)
    out.print(line((verdict.value, VERDICT_STYLE[verdict])))
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for reason in decision.reasons:
        grid.add_row(f"  {reason.rule}:", line(reason.why))
    if decision.smallest_drop is not None:
        drop = percent(decision.smallest_drop)
        grid.add_row("  power:", f"a drop smaller than {drop} points would often go unnoticed")
    out.print(grid)


def print_comparison(comparison: Comparison) -> None:
    """Print what changed, case by case."""
    out = stdout()
    if not comparison.changes:
        out.print(line(("nothing to compare", "bold yellow")))
        _print_left_out(comparison)
        return
    out.print(line((f"{comparison.base} ", "bold"), rate_text(comparison.base_rate)))
    out.print(line((f"{comparison.candidate} ", "bold"), rate_text(comparison.candidate_rate)))
    for change, style in (("fixed", "green"), ("broken", "red"), ("undecided", "yellow")):
        names = comparison.named(change)
        out.print(line((f"  {change:<10}", style), f"{len(names):>3}  {_listed(names)}"))
    out.print(line(("  unchanged ", "dim"), f"{len(comparison.named('unchanged')):>3}"))
    if comparison.p_value is not None and (comparison.named("fixed") or comparison.named("broken")):
        out.print(line(("  exact McNemar p = ", "dim"), f"{comparison.p_value:.3f}"))
    _print_left_out(comparison)


def _print_left_out(comparison: Comparison) -> None:
    for why in comparison.not_comparable[:NAMES_SHOWN]:
        stdout().print(line(("  not comparable: ", "yellow"), why))


def _listed(names: tuple[str, ...]) -> str:
    rest = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return " ".join(names[:NAMES_SHOWN]) + rest
