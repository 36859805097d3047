"""Moves of cases as text: the change on stdout, so that it can be piped; the talk on stderr."""

from collections.abc import Sequence

from roadworthy.app.lifecycle.move_line import MoveLine
from roadworthy.cli.output import say, tell
from roadworthy.gate.wording import counted


def print_moves(lines: Sequence[MoveLine], *, one: bool) -> None:
    """The diffs, then a sentence for each case that moves; for `one` also if it stays."""
    for line in lines:
        for text in line.diff.split("\n")[:-1]:
            tell(text)
    for line in lines:
        if line.to is not None or one:
            _say_move(line)
    if not one:
        due = sum(line.to is not None for line in lines)
        say(f"{counted(len(lines), 'case')} looked at, {due} due for a change")
        if any(line.diff and not line.written for line in lines):
            say("nothing was written: `--write` writes the changes above")


def _say_move(line: MoveLine) -> None:
    if line.to is None:
        say(f"{line.case} stays a {line.kind} case: {line.why}")
    elif line.command is not None:
        say(f"{line.case} ought to be {line.to}: {line.why}")
        say(f"  somebody has to look after it: {line.command}")
    else:
        verb = "is now" if line.written else "would be"
        what = line.to if line.to in {"quarantined", "retired"} else f"a {line.to} case"
        say(f"{line.case} {verb} {what}: {line.why}")
