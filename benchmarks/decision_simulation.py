"""Whole decisions, simulated: the sequential plan, the fixed peer and what people do by eye.

The sequential runs use the planning of `roadworthy.stats` itself, with one row for each run;
only the dice and the adding up of logarithms are here. A test holds the latter to
`betting.settle` on the same counts.
"""

from math import ceil, log
from typing import Final, NamedTuple

import numpy as np
from decision_suites import MARGIN, Rates, Setting, lowered
from numpy.random import Generator
from numpy.typing import NDArray

from roadworthy.stats.allotment import Seen, chances, dealt, handed_out, sizes, strata
from roadworthy.stats.betting import about_change
from roadworthy.stats.intervals import normal_quantile
from roadworthy.stats.sequential_plan import block_size
from roadworthy.stats.staking import lay_of, stakes

ALPHA: Final = 0.05
BETA: Final = 0.05
FAIL, OPEN, PASS = -1, 0, 1
_BAR: Final = -log(ALPHA)


class Outcomes(NamedTuple):
    """How each simulated run ended."""

    verdict: NDArray[np.int64]
    pairs: NDArray[np.int64]  # pairs of trials until then
    unseen: NDArray[np.int64]  # cases without a pair by then


class Peer(NamedTuple):
    """The fixed plan: equal repeats of every case on both sides, one look at the end."""

    repeats: int
    bar: float  # FAIL at a mean difference of this or less, else PASS
    cases: int

    @property
    def pairs(self) -> int:
        return self.repeats * self.cases


def sequential(
    before: Rates,
    after: Rates,
    source: Generator,
    *,
    runs: int,
    most: int,
    repeats: float = np.inf,
    ends: tuple[int, ...] = (FAIL, PASS),
    every_case: bool = False,
) -> Outcomes:
    """Simulate runs until a verdict among `ends`, or until no block fits `most` and `repeats`."""
    seen = np.zeros((3, runs, len(before)))  # down, up and all, by run and case
    logs = np.zeros((2, runs))  # what the low and the high player hold
    verdict = np.full(runs, OPEN)
    active = np.arange(runs)
    while len(active):
        drawn, gained = one_block(
            seen[:, active], before, after, source, repeats=repeats, every_case=every_case
        )
        fits = drawn[2].sum(-1) > 0
        active, drawn, gained = active[fits], drawn[:, fits], gained[:, fits]
        seen[:, active] += drawn
        logs[:, active] += gained
        now = np.where(logs[1, active] >= _BAR, PASS, OPEN)
        now = np.where(logs[0, active] >= _BAR, FAIL, now)
        now = np.where(np.isin(now, ends), now, OPEN)
        verdict[active] = now
        active = active[(now == OPEN) & (seen[2, active].sum(-1) < most)]
    pairs = seen[2].sum(-1).astype(np.int64)
    return Outcomes(verdict, pairs, (seen[2] == 0).sum(-1))


def one_block(
    seen: Rates,
    before: Rates,
    after: Rates,
    source: Generator,
    *,
    repeats: float = np.inf,
    every_case: bool = False,
) -> tuple[Rates, Rates]:
    """Plan and draw one block of every run: what was drawn, and what the players gain."""
    question, total = about_change(MARGIN), seen[2].sum(-1)
    found = chances(Seen(*seen), paired=True)
    levels = strata(found, paired=True)
    wanted = block_size(total, len(before), every_case=every_case)
    dealing = dealt(levels, wanted, repeats - seen[2])
    size = sizes(levels)
    spent = ((dealing == 0) & (size > 0)).any(-1)  # planned all the same, never drawn
    dealing = np.where(spent[:, None], size, dealing)
    lay = lay_of(found, levels, dealing)
    low, high = stakes(found, lay, total, question)
    own = handed_out(levels, dealing, source.random(levels.shape))
    own[spent] = 0
    down = source.binomial(own, before * (1 - after))
    rest = 1 - before * (1 - after)
    gained_chance = np.divide(after * (1 - before), rest, out=np.zeros_like(rest), where=rest > 0)
    up = source.binomial(own - down, np.minimum(gained_chance, 1.0))
    drawn = np.stack([down, up, own]).astype(float)
    players = ((low, -1.0, question.low_edge), (high, 1.0, question.high_edge))
    gains = [gain(drawn, levels, lay.weight, stake * side, edge) for stake, side, edge in players]
    return drawn, np.stack(gains)


def gain(
    drawn: Rates, levels: NDArray[np.int64], weight: Rates, stake: Rates, edge: float
) -> Rates:
    """Logarithm of a block's product for each run; `stake` carries the player's side."""
    gained = np.zeros(len(levels))
    for number in range(weight.shape[-1]):
        own = np.where(levels == number, drawn, 0.0).sum(-1)
        bet = stake * weight[:, number]
        counts = ((-1, own[0]), (0, own[2] - own[0] - own[1]), (1, own[1]))
        gained += sum(count * np.log1p(bet * (value - edge)) for value, count in counts)
    return gained


def peer(setting: Setting, source: Generator, *, draws: int) -> Peer:
    """The cheapest fixed plan that holds both error rates on this suite.

    It is told the suite's variance without a change and after a drop of the margin, shared or in
    whole cases, and where to put its bar; only the number of repeats is looked for, up from the
    normal approximation, until a simulation finds both errors held. Nobody knows as much before
    a run, so this peer is cheaper than any that could be had.
    """
    z = normal_quantile(1 - 2 * ALPHA)
    before = setting.before
    drops = [setting.after(-MARGIN), lowered(before, -MARGIN)]
    still = (2 * before * (1 - before)).mean() ** 0.5
    fallen = max((before * (1 - before) + drop * (1 - drop)).mean() ** 0.5 for drop in drops)
    repeats = max(1, ceil((z * (still + fallen) / MARGIN) ** 2 / setting.cases))
    slack = 3 * (ALPHA * (1 - ALPHA) / draws) ** 0.5
    while True:
        bar = -z * still / (repeats * setting.cases) ** 0.5 if still + fallen else -MARGIN / 2
        bar = min(bar, -MARGIN * still / (still + fallen)) if still else -MARGIN / 2
        fails = (differences(before, before, repeats, source, draws) <= bar).mean()
        passes = max(
            (differences(before, drop, repeats, source, draws) > bar).mean() for drop in drops
        )
        if fails <= ALPHA + slack and passes <= BETA + slack:
            return Peer(repeats, float(bar), setting.cases)
        repeats += 1


def differences(before: Rates, after: Rates, repeats: int, source: Generator, draws: int) -> Rates:
    """Mean difference of `draws` fixed runs, shape ``(draws,)``."""
    shape = (draws, len(before))
    won = source.binomial(repeats, after, shape) - source.binomial(repeats, before, shape)
    means: Rates = won.sum(-1) / (repeats * len(before))
    return means


def by_eye(before: Rates, after: Rates, source: Generator, *, draws: int) -> tuple[float, float]:
    """Share of FAIL in two habits with 3 repeats a side: lower total; any case's majority lost."""
    shape = (draws, len(before))
    first, second = source.binomial(3, before, shape), source.binomial(3, after, shape)
    lower = second.sum(-1) < first.sum(-1)
    flipped = ((first >= 2) & (second <= 1)).any(-1)
    return float(lower.mean()), float(flipped.mean())
