"""Moving cases through their life: graduate, quarantine, release, retire.

Every move goes into the case's file, with the command, the reason and the counts behind it, and
is a change like any other for whoever reviews the repository. Nothing here changes what a case
asks or expects.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import msgspec

from roadworthy.app.app import App
from roadworthy.app.cases import find_case
from roadworthy.app.judge_check import grader_check
from roadworthy.app.lifecycle_history import Past, pasts
from roadworthy.app.lifecycle_rules import (
    Bar,
    Ruled,
    evidence_entry,
    rule_on,
    ruled_flaky,
    ruled_reliable,
)
from roadworthy.app.suites import suite_folder
from roadworthy.base.errors import BadFile, BadRequest
from roadworthy.gate.graduation import Counts, Ruling
from roadworthy.gate.graduation_evidence import NEEDED
from roadworthy.records.case import Kind
from roadworthy.records.quarantine import Quarantine
from roadworthy.suite.lifecycle import Move, plan_move
from roadworthy.suite.load import find_suites
from roadworthy.suite.read_case import ReadCase
from roadworthy.suite.suite_folder import SuiteFolder, read_suite_folder

MOST_DAYS_ASIDE: Final = 90
"""Days until a quarantined case must be looked at; it can be put off, with a reason, again."""


class MoveLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule or a person made of a case; the documented shape of `--json`."""

    case: str
    suite: str
    path: str
    kind: str  # before
    to: str | None  # null: it stays
    why: str
    rule: str | None
    e_value: float | None
    needed: float
    counts: Counts
    diff: str  # empty: nothing to write
    written: bool
    command: str | None  # what a person has to do, where a rule alone may not


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A case where it stands, with its past."""

    folder: Path
    case: ReadCase
    past: Past
    bar: Bar

    @property
    def path(self) -> Path:
        return self.case.document.file


def graduate(
    app: App, *, case: str | None = None, suite: str | None = None, write: bool
) -> Sequence[MoveLine]:
    """What the rules make of one case, or of all of a suite or of the project.

    With `write`, cases are moved whose rule holds; but none is quarantined without somebody who
    looks after it, so such a line has a command instead.

    Raises:
        BadFile: with everything that is wrong in the suites' files.
        UnknownName: there is no such case or suite.
    """
    if case is not None:
        return [_graduated(app, _find(app, case, suite), write=write)]
    folders = find_suites(app.project) if suite is None else [suite_folder(app, suite)]
    places = [place for folder in folders for place in _places(app, folder)]
    return [_graduated(app, place, write=write) for place in places]


def quarantine_case(
    app: App,
    case: str,
    *,
    suite: str | None = None,
    owner: str,
    until: date,
    why: str,
    unproved: bool = False,
    write: bool = True,
) -> MoveLine:
    """Set a flaky case aside until `until`; again, to put the day off.

    Raises:
        BadRequest: it gates nothing, is not shown to be flaky (unless `unproved`), `until` is
            not within the next `MOST_DAYS_ASIDE` days, or owner or reason are empty.
    """
    place = _find(app, case, suite)
    kind = place.case.file.kind
    if kind not in {Kind.REGRESSION, Kind.CAPABILITY, Kind.QUARANTINED}:
        raise BadRequest(f"{case} is a {kind} case, which gates nothing that could be set aside")
    _check_until(app, until)
    if not owner.strip():
        raise BadRequest("somebody must look after a quarantined case", hint="--owner NAME")
    ruling = ruled_flaky(place.case, place.past, place.bar)
    if not ruling.holds and not unproved and kind is not Kind.QUARANTINED:
        raise BadRequest(
            f"{case} is not shown to be flaky: {ruling.why}",
            hint="mend the agent or the case; to set it aside all the same: --unproved",
        )
    aside = Quarantine(owner=owner.strip(), until=until.isoformat(), why=why.strip())
    return _moved(app, place, Kind.QUARANTINED, "quarantine", why, ruling, write, aside)


def release_case(
    app: App,
    case: str,
    *,
    suite: str | None = None,
    to: Kind,
    why: str,
    unproved: bool = False,
    write: bool = True,
) -> MoveLine:
    """Take a case out of quarantine; to gate again it must have been reliable since then.

    Raises:
        BadRequest: it is not quarantined, or not shown to be reliable (unless `unproved`).
    """
    place = _find(app, case, suite)
    if place.case.file.kind is not Kind.QUARANTINED:
        raise BadRequest(f"{case} is a {place.case.file.kind} case, not a quarantined one")
    ruling = ruled_reliable(place.case, place.past, place.bar)
    if to is Kind.REGRESSION and not ruling.holds and not unproved:
        raise BadRequest(
            f"{case} is not shown to be reliable since it was quarantined: {ruling.why}",
            hint="--to capability tracks it meanwhile; to let it gate all the same: --unproved",
        )
    return _moved(app, place, to, "release", why, ruling, write)


def retire_case(
    app: App, case: str, *, suite: str | None = None, why: str, write: bool = True
) -> MoveLine:
    """Take a case out of service; its file stays, so that everybody can see why.

    Raises:
        BadRequest: it is retired already.
    """
    place = _find(app, case, suite)
    if place.case.file.kind is Kind.RETIRED:
        raise BadRequest(f"{case} is retired already")
    return _moved(app, place, Kind.RETIRED, "retire", why, None, write)


def _graduated(app: App, place: _Place, *, write: bool) -> MoveLine:
    ruled = rule_on(place.case, place.past, place.bar)
    if ruled.to is None or ruled.to is Kind.QUARANTINED:
        return _line(place, ruled)
    return _moved(app, place, ruled.to, "graduate", ruled.ruling.why, ruled.ruling, write)


def _moved(
    app: App,
    place: _Place,
    to: Kind,
    command: str,
    why: str,
    ruling: Ruling | None,
    write: bool,
    quarantine: Quarantine | None = None,
) -> MoveLine:
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
    line = _line(place, Ruled(to, ruling or Ruling(rule="", holds=True, why=why)))
    return msgspec.structs.replace(
        line, why=why.strip(), diff=change.diff(app.project), written=write, command=None
    )


def _line(place: _Place, ruled: Ruled) -> MoveLine:
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


def _find(app: App, case: str, suite: str | None) -> _Place:
    row = find_case(app, case, suite=suite)
    folder = Path(row.path).parents[1]
    return next(place for place in _places(app, folder, only=row.case))


def _places(app: App, folder: Path, *, only: str | None = None) -> Iterator[_Place]:
    read = read_suite_folder(folder, grader_check(app, folder))
    if read.problems or read.file is None:
        raise BadFile(read.problems)
    cases = [case for case in read.cases if only in {None, case.case.id}]
    known = pasts(app, read.suite.id, cases)
    for case in cases:
        yield _Place(folder=read.folder, case=case, past=known[case.case.id], bar=_bar(read))


def _bar(read: SuiteFolder) -> Bar:
    suite = read.suite
    thresholds = {tier.name: tier.threshold for tier in suite.tiers}
    return Bar(thresholds=thresholds, min_measured=suite.min_measured)


def _check_until(app: App, until: date) -> None:
    today = app.clock().date()
    last = today + timedelta(days=MOST_DAYS_ASIDE)
    if not today < until <= last:
        raise BadRequest(
            f"a quarantined case is looked at again within {MOST_DAYS_ASIDE} days, got {until}",
            hint=f"--until takes a day after {today} and up to {last}",
        )
