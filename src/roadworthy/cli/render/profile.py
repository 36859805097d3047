"""The capability profile as text: groups of cases with their pass rates."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from roadworthy.app.capability_profile import ProfileLine
from roadworthy.cli.render.rates import rate_text
from roadworthy.cli.render.table import line, print_table, stdout

GROUPS_SHOWN: Final = 25


def print_profile(profile: Sequence[ProfileLine]) -> None:
    """Print the groups of a run on stdout."""
    rows: list[list[str | Text]] = [_row(one) for one in profile[:GROUPS_SHOWN]]
    print_table(["profile", "value", ">cases", "pass rate"], rows)
    if len(profile) > GROUPS_SHOWN:
        more = f"and {len(profile) - GROUPS_SHOWN} more groups (--json has them)"
        stdout().print(line((more, "dim")))


def _row(one: ProfileLine) -> list[str | Text]:
    lost = f"; {one.unmeasured} unmeasured" if one.unmeasured and one.rate.measured else ""
    return [one.by, one.value, str(one.cases), rate_text(one.rate) + lost]
