"""What the rules propose, in Markdown for the page of a CI job."""

import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from roadworthy.app.lifecycle.move_line import MoveLine
from roadworthy.app.settings import environment
from roadworthy.base.errors import BadRequest
from roadworthy.base.printable import printable
from roadworthy.gate.wording import counted

VARIABLE: Final = "GITHUB_STEP_SUMMARY"
_TICKS: Final = re.compile(r"`+")


def add_to_step_summary(lines: Sequence[MoveLine]) -> Path | None:
    """Add a section to the file that the CI system names; `None` where it names none.

    Raises:
        BadRequest: the file cannot be written.
    """
    named = environment().get(VARIABLE)
    if not named:
        return None
    try:
        with Path(named).open("a", encoding="utf-8") as stream:
            stream.write(markdown(lines))
    except OSError as error:
        raise BadRequest(f"{VARIABLE}: {named} cannot be written: {error.strerror}") from None
    return Path(named)


def markdown(lines: Sequence[MoveLine]) -> str:
    """One section: the moves in a table with their reasons, then the change as a diff."""
    moves = [line for line in lines if line.to is not None]
    text = f"## Life of the cases\n\n{counted(len(lines), 'case')} looked at, "
    if not moves:
        return text + "none of them is due for a change.\n"
    text += f"{len(moves)} due for a change.\n\n| case | from | to | why |\n|---|---|---|---|\n"
    text += "".join(
        f"| {_cell(f'{line.suite}/{line.case}')} | {line.kind} | {line.to} | {_why(line)} |\n"
        for line in moves
    )
    diff = "".join(line.diff for line in moves)
    return text + (_fenced(diff) if diff else "")


def _why(line: MoveLine) -> str:
    return _cell(line.why if line.command is None else f"{line.why}; {line.command}")


def _cell(text: str) -> str:
    """Text that neither ends its cell nor becomes HTML or Markdown."""
    safe = html.escape(printable(text, limit=500), quote=False)
    return re.sub(r"([\\`*_\[\]|~])", r"\\\1", safe)


def _fenced(diff: str) -> str:
    """A block that no text within can end."""
    longest = max((len(ticks) for ticks in _TICKS.findall(diff)), default=0)
    fence = "`" * max(3, longest + 1)
    shown = "".join(f"{printable(line)}\n" for line in diff.split("\n")[:-1])
    return f"\n{fence}diff\n{shown}{fence}\n"
