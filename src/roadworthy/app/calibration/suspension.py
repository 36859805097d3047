"""Taking the standing away from judges whose model has changed."""

from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.calibration.judged import Instrument
from roadworthy.app.calibration.standings import newest_calibrations
from roadworthy.app.judging.drifts import share_a_model
from roadworthy.base.codec import canonical
from roadworthy.base.ids import hex_digest
from roadworthy.base.printable import printable
from roadworthy.records.calibration import Calibration, Standing


def suspend(app: App, instrument: Instrument, domain: str, why: str) -> None:
    """Store that a judge drifted in `domain`, and with it every judge that asks its models.

    A judge that nobody has calibrated gets a record too: its answers of before are not to be used
    again. One that is known to have drifted keeps its record.
    """
    at = app.clock().timestamp()
    elsewhere = (
        f"the anchors of {printable(instrument.name, limit=120)} in "
        f"{printable(domain, limit=80)} show that its model changed: {why}"
    )
    for one in _affected(app, instrument, domain):
        is_here = (one.instrument, one.domain) == (instrument.name, domain)
        app.store.calibrations.add(
            replace(
                one,
                id=hex_digest(canonical([one.instrument, one.domain, at, "drift"])),
                standing=Standing.DRIFTED,
                reasons=(why if is_here else elsewhere, *one.reasons),
                at=at,
            )
        )


def unlabelled(instrument: Instrument, domain: str) -> Calibration:
    """What stands for a judge of whom something is known before anybody labelled for it."""
    return Calibration(
        id="",
        instrument=instrument.name,
        rubric=instrument.rubric.name,
        rubric_digest=instrument.digest,
        models=instrument.models,
        domain=domain,
        standing=Standing.TOO_LITTLE_DATA,
        reasons=(),
        at=0.0,
    )


def _affected(app: App, instrument: Instrument, domain: str) -> list[Calibration]:
    """The records that count of judges that share a model with this one, and its own."""
    known = newest_calibrations(app)
    own = (instrument.name, domain)
    if own not in {(one.instrument, one.domain) for one in known}:
        known.append(unlabelled(instrument, domain))
    return [
        one
        for one in known
        if one.standing is not Standing.DRIFTED
        and (one.instrument == instrument.name or share_a_model(one.models, instrument.models))
    ]
