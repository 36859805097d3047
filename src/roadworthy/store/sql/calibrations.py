"""Calibrations of judges in SQL."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from roadworthy.base.codec import decode
from roadworthy.records.calibration import Calibration
from roadworthy.store.encoding import encoded_readably
from roadworthy.store.sql.engine import Database
from roadworthy.store.sql.insertion import Insertion
from roadworthy.store.sql.tables import calibrations

_add = Insertion(
    calibrations, ("calibration", "instrument", "domain", "at", "data"), verb="OR IGNORE"
)
_newest_first = select(calibrations.c.data).order_by(
    calibrations.c.at.desc(), calibrations.c.id.desc()
)
_newest = _newest_first.where(
    calibrations.c.instrument == bindparam("instrument"),
    calibrations.c.domain == bindparam("domain"),
).limit(1)


class SqlCalibrationStore:
    """See `CalibrationStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, calibration: Calibration) -> None:
        """Store a calibration; one with a known id is left as it is."""
        data = encoded_readably(calibration, f"calibration {calibration.id!r}")
        row = (
            calibration.id,
            calibration.instrument,
            calibration.domain,
            calibration.at,
            data,
        )
        with self._database.write() as connection:
            _add.write(connection, [row])

    def newest(self, instrument: str, domain: str) -> Calibration | None:
        """The calibration that counts."""
        with self._database.read() as connection:
            asked = {"instrument": instrument, "domain": domain}
            data = connection.execute(_newest, asked).scalar()
        return None if data is None else decode(Calibration, data)

    def list(self) -> Sequence[Calibration]:
        """Every calibration, newest first."""
        with self._database.read() as connection:
            return [
                decode(Calibration, data) for data in connection.execute(_newest_first).scalars()
            ]
