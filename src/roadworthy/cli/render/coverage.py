"""Coverage maps as text: cells with their cases and rate, then what has no case."""

from typing import Final

from rich.text import Text

from roadworthy.app.suite_coverage import CellLine, MapView, SuiteCoverage
from roadworthy.cli.render.rates import rate_text
from roadworthy.cli.render.table import line, print_table, stdout
from roadworthy.gate.wording import counted, names

CELLS_SHOWN: Final = 40
GAPS_SHOWN: Final = 15


def print_coverage(found: SuiteCoverage) -> None:
    """Print the maps of a suite on stdout."""
    out = stdout()
    counting = f"  {counted(found.counting, 'counting case')}, {found.measured} measured"
    beside = f", {found.beside} not counted" if found.beside else ""
    out.print(line(("suite ", "dim"), (found.suite, "bold"), counting + beside))
    if found.versions:
        out.print(line(("rates  ", "dim"), f"as last measured, of {names(found.versions)}"))
    for view in found.maps:
        out.print()
        _print_map(view)
    if found.notes:
        out.print()
    for note in found.notes:
        out.print(line(("note  ", "dim"), note))


def _print_map(view: MapView) -> None:
    out = stdout()
    cells = f"  {counted(view.covered, 'cell')} covered, {view.unmeasured} unmeasured, "
    out.print(line((" by ".join(view.by), "bold"), f"{cells}{view.empty} empty"))
    if view.cells:
        rows = [_row(cell, view) for cell in view.cells[:CELLS_SHOWN]]
        print_table([*view.by, ">cases", "pass rate"], rows)
    if len(view.cells) > CELLS_SHOWN:
        out.print(line((f"and {len(view.cells) - CELLS_SHOWN} more cells (--json has all)", "dim")))
    for gap in view.gaps[:GAPS_SHOWN]:
        values = ", ".join(gap.values[name] for name in view.by)
        planned = " (planned)" if gap.planned else ""
        beside = f"; not counted: {names(gap.beside)}" if gap.beside else ""
        out.print(line(("empty  ", "yellow"), f"{values}{planned}{beside}"))
    if view.empty > GAPS_SHOWN:
        out.print(line((f"and {view.empty - GAPS_SHOWN} more empty (--json has 100)", "dim")))
    if view.unsaid:
        out.print(line(("says nothing here  ", "dim"), f"{len(view.unsaid)}: {names(view.unsaid)}"))


def _row(cell: CellLine, view: MapView) -> list[str | Text]:
    rate = rate_text(cell.rate) if cell.covered else "unmeasured, so not covered"
    if cell.covered and cell.unmeasured:
        rate += f"; {len(cell.unmeasured)} unmeasured"
    return [*(cell.values[name] for name in view.by), str(len(cell.cases)), rate]
