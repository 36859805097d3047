"""What is known of judges: the calibration that counts for each, and how it stands."""

from roadworthy.app.app import App
from roadworthy.gate.trust import StandingOf
from roadworthy.records.calibration import Calibration, Standing


def standings(app: App, domain: str) -> StandingOf:
    """How judges stand in a suite or data set, as they do now."""

    def standing_of(instrument: str) -> Standing | None:
        newest = app.store.calibrations.newest(instrument, domain)
        return None if newest is None else newest.standing

    return standing_of


def newest_calibrations(app: App) -> list[Calibration]:
    """The calibration that counts of every judge and domain, newest first."""
    seen: dict[tuple[str, str], Calibration] = {}
    for one in app.store.calibrations.list():
        seen.setdefault((one.instrument, one.domain), one)
    return list(seen.values())
