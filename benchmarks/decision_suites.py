"""The suites and changes that decisions are simulated on."""

from itertools import product
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Rates: TypeAlias = NDArray[np.float64]

MARGIN: Final = 0.05
KINDS: Final = ("all alike", "80/20", "bimodal")
SIZES: Final = (20, 50, 200)
RATES: Final = (0.8, 0.9, 0.95, 0.99)
CHANGES: Final = {
    "none": 0.0,
    "half": -MARGIN / 2,
    "margin": -MARGIN,
    "large": -3 * MARGIN,
    "better": MARGIN,
}
_SURE, _HARD = 0.995, 0.1  # the two rates of a bimodal suite


class Setting(NamedTuple):
    """One suite to simulate."""

    kind: str
    cases: int
    rate: float

    @property
    def before(self) -> Rates:
        """Pass rate of each case of the baseline; their mean is about `rate`."""
        if self.kind == "all alike":
            return np.full(self.cases, self.rate)
        if self.kind == "bimodal":
            hard = round((_SURE - self.rate) / (_SURE - _HARD) * self.cases)
            return np.where(np.arange(self.cases) < hard, _HARD, _SURE)
        return self._mostly_stable()

    def _mostly_stable(self) -> Rates:
        """A fifth is flaky; the others always pass, or, where the rate needs it, always fail."""
        flaky = round(0.2 * self.cases)
        chance = max(0.5, (self.rate - 0.8) / 0.2)
        passing = round(self.rate * self.cases - flaky * chance)
        place = np.arange(self.cases)
        return np.where(place < flaky, chance, np.where(place < flaky + passing, 1.0, 0.0))

    def after(self, change: float) -> Rates:
        """The same cases, their mean moved by `change`.

        A drop is shared by all where all are alike and breaks whole cases elsewhere; a gain is
        shared, and stops where everything passes.
        """
        if change >= 0:
            return raised(self.before, change)
        whole = self.kind != "all alike"
        return broken(self.before, change) if whole else lowered(self.before, change)

    @property
    def seed(self) -> list[int]:
        return [KINDS.index(self.kind), self.cases, round(1000 * self.rate)]


def settings() -> list[Setting]:
    return [Setting(*one) for one in product(KINDS, SIZES, RATES)]


def raised(before: Rates, by: float) -> Rates:
    room = 1 - before.mean()
    if room <= 0:
        return before
    risen: Rates = 1 - (1 - before) * (1 - min(by, room) / room)
    return risen


def lowered(before: Rates, by: float) -> Rates:
    fallen: Rates = before * (1 + by / before.mean())
    return fallen


def broken(before: Rates, by: float) -> Rates:
    """Cases stop passing one after the other, from the last, until the mean has fallen."""
    passing = np.cumsum(before[::-1])[::-1] - before  # of the cases after this one
    lost: Rates = np.clip(-by * len(before) - passing, 0.0, before)
    return before - lost
