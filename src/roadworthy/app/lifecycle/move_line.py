"""What a rule or a person makes of a case, as a line to show and, if wanted, in the file."""

import msgspec

from roadworthy.app.app import App
from roadworthy.app.lifecycle.place import Place
from roadworthy.app.lifecycle.rules import Ruled, evidence_entry
from roadworthy.gate.graduation import Counts, Ruling
from roadworthy.gate.graduation_evidence import NEEDED
from roadworthy.records.case import Kind
from roadworthy.records.quarantine import Quarantine
from roadworthy.suite.lifecycle import Move, plan_move


class MoveLine(msgspec.Struct, frozen=True, kw_only=True):
    """One case; the documented shape of `--json`."""

    case: str
    suite: str
    path: str
    kind: str  # before
    to: str | None  # null: it stays
    why: str
    rule: str | None  # null: none was asked
    e_value: float | None  # null: it rests on no runs
    needed: float
    counts: Counts
    diff: str  # empty: nothing to write
    written: bool
    command: str | None  # what a person has to do, where a rule alone may not


def stays(place: Place, ruled: Ruled) -> MoveLine:
    """A line of a case that is not moved; of one that ought to be quarantined, with how."""
    case, ruling = place.case.case, ruled.ruling
    command = None
    if ruled.to is Kind.QUARANTINED:
        command = (
            f"roadworthy case quarantine {case.id} --suite {place.folder.name} "
            "--owner NAME --until DATE --why TEXT"
        )
    return MoveLine(
        case=case.id,
        suite=place.folder.name,
        path=str(place.path),
        kind=case.kind.value,
        to=None if ruled.to is None else ruled.to.value,
        why=ruling.why,
        rule=ruling.rule or None,
        e_value=ruling.e_value if ruling.counts.runs else None,
        needed=NEEDED,
        counts=ruling.counts,
        diff="",
        written=False,
        command=command,
    )


def moved(
    app: App,
    place: Place,
    to: Kind,
    *,
    command: str,
    why: str,
    write: bool,
    ruling: Ruling | None = None,
    quarantine: Quarantine | None = None,
) -> MoveLine:
    """Move a case, in its file only with `write`; the ruling's counts go into its history.

    Raises:
        BadRequest: the reason is empty, or the file cannot be changed.
    """
    move = Move(
        kind=to,
        why=why,
        by=f"roadworthy case {command}",
        at=app.clock(),
        evidence=None if ruling is None else evidence_entry(ruling),
        quarantine=quarantine,
    )
    change = plan_move(place.path, move)
    if write:
        change.write()
    line = stays(place, Ruled(to, ruling or Ruling(rule="", holds=True, why=why)))
    diff = change.diff(app.project)
    return msgspec.structs.replace(line, why=why.strip(), diff=diff, written=write, command=None)
