"""Moving cases through their life: graduate, quarantine, release, retire.

Every move goes into the case's file, with the command, the reason and the counts behind it, and
is a change like any other for whoever reviews the repository. Nothing here changes what a case
asks or expects.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from roadworthy.app.app import App
from roadworthy.app.lifecycle.move_line import MoveLine, moved, stays
from roadworthy.app.lifecycle.place import Place, find_place, places
from roadworthy.app.lifecycle.rules import rule_on, ruled_flaky, ruled_reliable
from roadworthy.app.suites import suite_folder
from roadworthy.base.errors import BadRequest
from roadworthy.records.case import Kind
from roadworthy.records.quarantine import Quarantine
from roadworthy.suite.load import find_suites

MOST_DAYS_ASIDE: Final = 90
"""Days until a quarantined case must be looked at; it can be put off, with a reason, again."""


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
        return [_graduated(app, find_place(app, case, suite=suite), write=write)]
    folders = find_suites(app.project) if suite is None else [suite_folder(app, suite)]
    found = [place for folder in folders for place in places(app, folder)]
    return [_graduated(app, place, write=write) for place in found]


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
    place = find_place(app, case, suite=suite)
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
    return moved(
        app,
        place,
        Kind.QUARANTINED,
        command="quarantine",
        why=why,
        write=write,
        ruling=ruling,
        quarantine=aside,
    )


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
    place = find_place(app, case, suite=suite)
    if place.case.file.kind is not Kind.QUARANTINED:
        raise BadRequest(f"{case} is a {place.case.file.kind} case, not a quarantined one")
    ruling = ruled_reliable(place.case, place.past, place.bar)
    if to is Kind.REGRESSION and not ruling.holds and not unproved:
        raise BadRequest(
            f"{case} is not shown to be reliable since it was quarantined: {ruling.why}",
            hint="--to capability tracks it meanwhile; to let it gate all the same: --unproved",
        )
    return moved(app, place, to, command="release", why=why, write=write, ruling=ruling)


def retire_case(
    app: App, case: str, *, suite: str | None = None, why: str, write: bool = True
) -> MoveLine:
    """Take a case out of service; its file stays, so that everybody can see why.

    Raises:
        BadRequest: it is retired already.
    """
    place = find_place(app, case, suite=suite)
    if place.case.file.kind is Kind.RETIRED:
        raise BadRequest(f"{case} is retired already")
    return moved(app, place, Kind.RETIRED, command="retire", why=why, write=write)


def _graduated(app: App, place: Place, *, write: bool) -> MoveLine:
    ruled = rule_on(place.case, place.past, place.bar)
    if ruled.to is None or ruled.to is Kind.QUARANTINED:
        return stays(place, ruled)
    why = ruled.ruling.why
    return moved(
        app, place, ruled.to, command="graduate", why=why, write=write, ruling=ruled.ruling
    )


def _check_until(app: App, until: date) -> None:
    today = app.clock().date()
    last = today + timedelta(days=MOST_DAYS_ASIDE)
    if not today < until <= last:
        raise BadRequest(
            f"a quarantined case is looked at again within {MOST_DAYS_ASIDE} days, got {until}",
            hint=f"--until takes a day after {today} and up to {last}",
        )
