"""Every judge that is known here, calibrated or not: `judge show`."""

from collections.abc import Iterator

import msgspec

from roadworthy.app.app import App
from roadworthy.app.calibration.standings import newest_calibrations
from roadworthy.app.evidence_cache import evidence_of
from roadworthy.records.calibration import Calibration

RUNS_LOOKED_AT = 20
"""Newest runs that are searched for judges nobody has calibrated."""


class KnownJudge(msgspec.Struct, frozen=True, kw_only=True):
    """One judge in one domain; the documented shape of a line of `judge show --json`."""

    instrument: str
    domain: str
    standing: str  # empty: never calibrated
    calibration: Calibration | None


def known_judges(app: App, *, every: bool = False) -> list[KnownJudge]:
    """Judges with the calibration that counts, newest first; with `every`, older ones too.

    Then those that newer runs used and nobody has calibrated for their suite.
    """
    found = app.store.calibrations.list() if every else newest_calibrations(app)
    listed = [
        KnownJudge(
            instrument=one.instrument,
            domain=one.domain,
            standing=one.standing.value,
            calibration=one,
        )
        for one in found
    ]
    seen = {(one.instrument, one.domain) for one in listed}
    return [*listed, *(one for one in _unknown(app) if (one.instrument, one.domain) not in seen)]


def _unknown(app: App) -> Iterator[KnownJudge]:
    """Judges of the newest runs, each once."""
    told = set()
    for row in app.store.runs.list(limit=RUNS_LOOKED_AT):
        for instrument in evidence_of(app, row).judges:
            if (instrument, row.run.suite) not in told:
                told.add((instrument, row.run.suite))
                yield KnownJudge(
                    instrument=instrument, domain=row.run.suite, standing="", calibration=None
                )
