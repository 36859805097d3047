"""Pins of names to runs in memory: the part of `MemoryStore` that keeps them."""

from collections.abc import Sequence

from roadworthy.base.codec import decode
from roadworthy.records.baseline import Baseline
from roadworthy.store.encoding import encoded
from roadworthy.store.missing import unknown_baseline


class MemoryBaselineStore:
    """See `BaselineStore`."""

    def __init__(self) -> None:
        self.kept: dict[bytes, None] = {}

    def pin(self, baseline: Baseline) -> None:
        """Add a pin; the very same pin is there only once."""
        self.kept.setdefault(encoded(baseline, f"baseline {baseline.name!r}"))

    def load(self, name: str) -> Baseline:
        """The newest pin of `name`."""
        return self.history(name)[0]

    def list(self) -> Sequence[Baseline]:
        """The newest pin of each name, by name."""
        names = sorted({pin.name for pin in self._newest_first()})
        return [self.load(name) for name in names]

    def history(self, name: str) -> Sequence[Baseline]:
        """Every pin of `name`, newest first."""
        pins = self._newest_first()
        found = [pin for pin in pins if pin.name == name]
        if not found:
            raise unknown_baseline(name, sorted({pin.name for pin in pins}))
        return found

    def _newest_first(self) -> Sequence[Baseline]:
        pins = [decode(Baseline, data) for data in reversed(self.kept)]
        return sorted(pins, key=lambda pin: -pin.pinned_at)
