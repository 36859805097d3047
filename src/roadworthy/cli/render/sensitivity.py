"""How far pass rates lie apart over messy variants, as text."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from roadworthy.app.prompt_sensitivity import PromptSensitivity
from roadworthy.cli.render.rates import percent
from roadworthy.cli.render.table import line, print_table, stdout

SHOWN: Final = 20  # parents
_HEADERS: Final = ["messy variants of", ">variants", ">spread", "95 % interval", ">drop", "95 %"]


def print_sensitivity(told: Sequence[PromptSensitivity]) -> None:
    """One line for each parent, widest spread first; what makes it thin below."""
    ordered = sorted(told, key=lambda one: -(one.spread or 0.0))
    print_table(_HEADERS, [_row(one) for one in ordered[:SHOWN]])
    for one in ordered[:SHOWN]:
        if one.thin is not None:
            stdout().print(line((f"{one.parent}: {one.thin}", "dim")))
    if len(ordered) > SHOWN:
        rest = len(ordered) - SHOWN
        stdout().print(line((f"and {rest} more with variants (--json has all)", "dim")))


def _row(one: PromptSensitivity) -> list[str | Text]:
    style = "red" if one.shown_to_differ else ""
    variants = sum(rate.case != one.parent for rate in one.wordings)
    return [
        one.parent,
        str(variants),
        Text(_points(one.spread), style=style),
        _ends(one.spread_low, one.spread_high),
        _points(one.drop),
        _ends(one.drop_low, one.drop_high),
    ]


def _points(value: float | None) -> str:
    return "unmeasured" if value is None else percent(value)


def _ends(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{percent(low)} to {percent(high)}"
