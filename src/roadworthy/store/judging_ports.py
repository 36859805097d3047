"""What judging asks of a store: labels, calibrations, and what judges said before.

The promises of `ports` hold here too: every `add` is one transaction, durable when it returns,
and harmless when done twice with the same record.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from roadworthy.records.calibration import Calibration
from roadworthy.records.judgement import Judgement
from roadworthy.records.label import Label


class LabelStore(Protocol):
    """What annotators said; only ever added to."""

    def add(self, labels: Sequence[Label]) -> int:
        """Store labels; returns how many were new."""

    def list(
        self,
        *,
        question: str | None = None,
        domain: str | None = None,
        annotator: str | None = None,
        items: Collection[str] | None = None,
    ) -> Sequence[Label]:
        """Matching labels in the order in which they were stored, superseded ones too."""


class CalibrationStore(Protocol):
    """What was measured of judges."""

    def add(self, calibration: Calibration) -> None:
        """Store a calibration; one with a known id is left as it is."""

    def newest(self, instrument: str, domain: str) -> Calibration | None:
        """The calibration that counts; `None`: nobody has calibrated this judge here."""

    def list(self) -> Sequence[Calibration]:
        """Every calibration, newest first."""


class JudgementStore(Protocol):
    """Answers of judges by what was asked, so that the same question is paid for once."""

    def of(self, keys: Collection[str]) -> Mapping[str, Judgement]:
        """The judgements of those keys that are known."""

    def put(self, key: str, judgement: Judgement) -> None:
        """Keep a judgement that can be used again; a known key is left as it is.

        One that is `unread` is kept only when it is `UNREADABLE`: the others may go well next time.
        """
