"""How much to bet in the next block.

The stake that makes the logarithm of what a player holds grow fastest if the mean lies where the
question aims (Kelly), for outcomes that spread as those seen so far. Once the mean is clearly
beyond the aim, the bet is for where it is. Betting a tenth more ends half of the runs a little
sooner and was tried: runs on a change between the edges then take up to half as long again.

Arrays have one row for each of several independent runs, as in `allotment`.

Sources: Kelly (1956), A new interpretation of information rate; Waudby-Smith and Ramdas (2024),
Estimating means of bounded random variables by betting.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

from roadworthy.stats.allotment import Chances, sizes
from roadworthy.stats.betting import MOST_STAKED, Question

if TYPE_CHECKING:
    from roadworthy.stats.allotment import Floats, Ints

CLEARLY: Final = 2.0  # standard errors beyond the aim before the bet follows the estimate
_HALVINGS: Final = 10
_RARE: Final = 1e-3  # no outcome is ever taken to be impossible


class Lay(NamedTuple):
    """What a block looks like before it is drawn, shape ``(runs, 3)`` each, by stratum."""

    share: "Floats"  # of the block's draws
    weight: "Floats"  # 0 for a stratum without cases
    down: "Floats"  # mean chance of -1
    up: "Floats"  # mean chance of 1


def lay_of(found: Chances, levels: "Ints", draws: "Ints") -> Lay:
    """Shares, weights and mean chances of the strata of a block."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    size = sizes(levels)
    total = draws.sum(-1, keepdims=True)
    weight = np.where(size > 0, total * size / (levels.shape[-1] * np.maximum(draws, 1)), 0.0)

    def mean(values: "Floats") -> "Floats":
        sums = [np.where(levels == one, values, 0.0).sum(-1) for one in range(size.shape[-1])]
        means: Floats = np.stack(sums, -1) / np.maximum(size, 1)
        return means

    return Lay(draws / np.maximum(total, 1), weight, mean(found.down), mean(found.up))


def stakes(
    found: Chances, lay: Lay, drawn: "Floats", question: Question
) -> tuple["Floats", "Floats"]:
    """Stakes of the low and the high player, shape ``(runs,)`` each.

    Args:
        found: chances by case from the blocks before.
        lay: the block to come.
        drawn: draws in the blocks before, shape ``(runs,)``.
        question: what is asked.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    mean = (found.up - found.down).mean(-1)
    error = CLEARLY * np.sqrt(found.variance.mean(-1) / np.maximum(drawn, 1.0))
    low = np.minimum(question.low_aim, mean + error)
    high = np.maximum(question.high_aim, mean - error)
    return (
        _fastest(_at(lay, low - mean, question), lay, question.low_edge, worst=1.0),
        _fastest(_at(lay, high - mean, question), lay, question.high_edge, worst=question.least),
    )


def _at(lay: Lay, shift: "Floats", question: Question) -> tuple["Floats", "Floats"]:
    """Chances of -1 and 1 in each stratum if the mean lay elsewhere by `shift`."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    if question.least >= 0:
        up = np.clip(lay.up + shift[:, None], _RARE, 1 - _RARE)
        return np.zeros_like(up), up
    down = np.clip(lay.down - shift[:, None] / 2, _RARE, 1 - _RARE)
    up = np.clip(lay.up + shift[:, None] / 2, _RARE, 1 - _RARE)
    scale = np.maximum(1.0, down + up)
    return down / scale, up / scale


def _fastest(chance: tuple["Floats", "Floats"], lay: Lay, edge: float, *, worst: float) -> "Floats":
    """The stake of fastest growth, found by halving where its derivative changes sign."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    down, up = chance
    side = -1.0 if worst > edge else 1.0
    most = MOST_STAKED / (lay.weight.max(-1) * abs(worst - edge))
    outcomes = ((down, -1.0), (1 - down - up, 0.0), (up, 1.0))
    terms = [(p * lay.share, side * lay.weight * (value - edge)) for p, value in outcomes]
    low: Floats = np.zeros_like(most)
    high: Floats = most.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        slope = sum((p * gain / (1 + middle[:, None] * gain)).sum(-1) for p, gain in terms)
        low, high = np.where(slope > 0, middle, low), np.where(slope > 0, high, middle)
    return low
