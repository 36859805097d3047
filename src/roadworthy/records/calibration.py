"""What is known of a judge's error: one rubric version, one set of models, one domain."""

from enum import StrEnum

from roadworthy.records.decision import Rate
from roadworthy.records.record import Record, RootRecord


class Standing(StrEnum):
    """Whether a judge may gate. Only CALIBRATED may."""

    CALIBRATED = "calibrated"
    NOT_CALIBRATED = "not_calibrated"
    TOO_LITTLE_DATA = "too_little_data"
    DRIFTED = "drifted"  # it was calibrated, and has changed since


class Confusion(Record, frozen=True, kw_only=True):
    """Counts of judge verdict by human label, on items where both are known."""

    true_pass: int = 0  # both say pass
    false_pass: int = 0  # the judge passes what people fail
    true_fail: int = 0
    false_fail: int = 0  # the judge fails what people pass

    @property
    def items(self) -> int:
        """Items counted."""
        return self.true_pass + self.false_pass + self.true_fail + self.false_fail


class Slice(Record, frozen=True, kw_only=True):
    """How the judge did on one part of the labelled items."""

    name: str  # e.g. "difficulty=hard"
    confusion: Confusion
    agreement: Rate


class Calibration(RootRecord, frozen=True, kw_only=True):
    """One measurement of a judge against people. Newest of an instrument and domain counts."""

    id: str
    instrument: str  # as on `TrialReading.instrument`
    rubric: str  # its name
    rubric_digest: str
    models: tuple[str, ...]
    domain: str  # the suite or data set; a judge that knows refunds may not know flights
    standing: Standing
    reasons: tuple[str, ...]  # one sentence each, most important first
    at: float  # seconds since 1970, UTC
    labelled: int = 0  # items with a human label
    unreadable: int = 0  # of them, those whose verdict could not be read
    held_out: int = 0  # items that `confusion` counts: none of them tuned anything
    confusion: Confusion = Confusion()
    agreement: Rate | None = None
    kappa: Rate | None = None  # Cohen's; -1 to 1
    alpha: float | None = None  # Krippendorff's, between annotators; None: fewer than two
    true_pass_rate: Rate | None = None  # sensitivity: judge passes, of what people pass
    true_fail_rate: Rate | None = None  # specificity: judge fails, of what people fail
    slices: tuple[Slice, ...] = ()
    probes: dict[str, str] = {}  # probe → "passed", "failed: …" or "not run: …"
    seed: int = 0  # of the held-out split
    source: str = ""  # file or queue the labels came from
