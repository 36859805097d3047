"""One grading of a run's trials: the one made as they ran, or a later one with other graders."""

from roadworthy.records.record import RootRecord
from roadworthy.records.run import PlannedCase


class Grading(RootRecord, frozen=True, kw_only=True):
    """Number 0 is made while the run lasts and has no record of its own.

    The newest finished grading is in force: its readings give the trials their verdicts. Older
    ones stay and can be asked for.
    """

    run: str
    number: int  # from 1
    started_at: float  # seconds since 1970, UTC
    cases: tuple[PlannedCase, ...]  # with the graders of this grading
    finished_at: float | None = None  # None: under way, or killed; it can be resumed
    note: str = ""
    source: str = ""  # folder of the suite that its graders came from
