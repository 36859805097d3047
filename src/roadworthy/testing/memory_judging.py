"""Labels, calibrations and judgements in memory: the part of `MemoryStore` that keeps them."""

from collections.abc import Collection, Mapping, Sequence
from threading import Lock

from roadworthy.base.codec import decode
from roadworthy.records.calibration import Calibration
from roadworthy.records.judgement import Judgement
from roadworthy.records.label import Label
from roadworthy.store.admission import can_be_used_again
from roadworthy.store.encoding import encoded_readably


class MemoryLabelStore:
    """See `LabelStore`."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self._lock = Lock()

    def add(self, some: Sequence[Label]) -> int:
        """Store what is new, all or none."""
        rows = [(label.id, encoded_readably(label, f"label {label.id!r}")) for label in some]
        with self._lock:
            before = len(self.kept)
            for label_id, data in rows:
                self.kept.setdefault(label_id, data)
            return len(self.kept) - before

    def list(
        self,
        *,
        question: str | None = None,
        domain: str | None = None,
        annotator: str | None = None,
        items: Collection[str] | None = None,
    ) -> Sequence[Label]:
        """Matching labels in the order in which they were stored."""
        return [
            label
            for label in (decode(Label, data) for data in list(self.kept.values()))
            if question in (None, label.question)
            and domain in (None, label.domain)
            and annotator in (None, label.annotator)
            and (items is None or label.item in items)
        ]

    def trace_ids(self) -> set[str]:
        """Ids of the traces that a label refers to."""
        return {label.trace_id for label in self.list() if label.trace_id is not None}


class MemoryCalibrationStore:
    """See `CalibrationStore`."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def add(self, calibration: Calibration) -> None:
        """Store a calibration; one with a known id is left as it is."""
        data = encoded_readably(calibration, f"calibration {calibration.id!r}")
        self.kept.setdefault(calibration.id, data)

    def newest(self, instrument: str, domain: str) -> Calibration | None:
        """The calibration that counts."""
        of_both = (c for c in self.list() if (c.instrument, c.domain) == (instrument, domain))
        return next(of_both, None)

    def list(self) -> Sequence[Calibration]:
        """Every calibration, newest first."""
        latest = [decode(Calibration, data) for data in reversed(list(self.kept.values()))]
        return sorted(latest, key=lambda calibration: -calibration.at)


class MemoryJudgementStore:
    """See `JudgementStore`."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def of(self, keys: Collection[str]) -> Mapping[str, Judgement]:
        """The judgements of those keys that are known."""
        return {key: decode(Judgement, self.kept[key]) for key in keys if key in self.kept}

    def put(self, key: str, judgement: Judgement) -> None:
        """Keep a judgement that can be used again; a known key is left as it is."""
        if can_be_used_again(judgement):
            data = encoded_readably(judgement, f"a judgement of {judgement.model!r}")
            self.kept.setdefault(key, data)
