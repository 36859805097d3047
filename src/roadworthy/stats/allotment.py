"""Which cases the next draws go to: more where outcomes vary, some everywhere.

A case whose trials always agree hardly moves the answer; one that passes every other time does.
Each case's chances are estimated from its draws and drawn towards the suite's, the more the more
alike the cases are. By its spread a case goes into one of three strata, whose cases get draws
as 1, 2 and 3 (Neyman's rule, coarse on purpose: dealing by noisy estimates would itself add
noise, and a stratum as a whole can be dealt any number of draws at one weight).

Arrays have one row for each of several independent runs, so that a simulation of a thousand
runs and the planning of one are the same code.

Source: Neyman (1934), On the two different aspects of the representative method.
"""

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.int64]

SHARES: Final = (1.0, 2.0, 3.0)  # draws of a case in each stratum, relative to each other
CUTS: Final = (0.3, 0.6)  # spread from which a case belongs to the second and third stratum
AMPLE: Final = 12  # repeats left to every case, below which only whole, equal rounds are dealt
_PRIOR_DRAWS: Final = 10.0  # what the suite's chances are drawn towards, in draws
_PRIOR_MOVES: Final = 0.035  # chance of -1, and of 1, before anything was seen
_PRIOR_UNLIKE: Final = 0.1  # correlation of two draws of one case, before anything was seen
_PRIOR_PAIRS: Final = 10.0  # pairs of draws that this weighs as much as


class Seen(NamedTuple):
    """Draws so far by case, shape ``(runs, cases)`` each."""

    down: "Floats"
    up: "Floats"
    n: "Floats"


class Chances(NamedTuple):
    """Estimated chances of -1 and of 1, shape ``(runs, cases)`` each."""

    down: "Floats"
    up: "Floats"

    @property
    def variance(self) -> "Floats":
        """Of one draw of each case."""
        mean = self.up - self.down
        moved: Floats = self.up + self.down - mean * mean
        return moved


def chances(seen: Seen, *, paired: bool) -> Chances:
    """Each case's chances, drawn towards the mean over all draws.

    How far is learned from the counts: a beta-binomial whose correlation is found by the method
    of moments, with a prior worth a few pairs of draws.

    Args:
        seen: counts so far, all 0 before the first block.
        paired: whether draws are differences; a single trial has no -1.

    Source: Kleinman (1973), Proportions with extraneous variance: single and independent
    samples, JASA 68.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    draws = seen.n.sum(-1, keepdims=True)
    prior = (_PRIOR_MOVES, _PRIOR_MOVES) if paired else (0.0, 1 - 2 * _PRIOR_MOVES)
    down = (seen.down.sum(-1, keepdims=True) + _PRIOR_DRAWS * prior[0]) / (draws + _PRIOR_DRAWS)
    up = (seen.up.sum(-1, keepdims=True) + _PRIOR_DRAWS * prior[1]) / (draws + _PRIOR_DRAWS)
    moved = np.minimum(down + up, 1 - 1e-6)
    noise = moved * (1 - moved)
    own = seen.down + seen.up
    alike = own * (1 - moved) ** 2 + (seen.n - own) * moved**2  # a draw with itself is no pair
    excess = ((own - seen.n * moved) ** 2 - alike).sum(-1, keepdims=True)
    pairs = (seen.n * (seen.n - 1)).sum(-1, keepdims=True)
    unlike = (excess / noise + _PRIOR_UNLIKE * _PRIOR_PAIRS) / (pairs + _PRIOR_PAIRS)
    unlike = np.clip(unlike, 0.02, 0.9)
    pull = (1 - unlike) / unlike
    return Chances(
        (seen.down + pull * down) / (seen.n + pull), (seen.up + pull * up) / (seen.n + pull)
    )


def strata(found: Chances, *, paired: bool) -> "Ints":
    """The stratum of each case by its spread, 0 to 2, shape ``(runs, cases)``."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    spread = np.sqrt(found.variance * (1.0 if paired else 2.0))  # a single varies half as much
    levels: Ints = (spread >= CUTS[0]).astype(np.int64) + (spread >= CUTS[1])
    return levels


def sizes(levels: "Ints") -> "Ints":
    """Cases in each stratum, shape ``(runs, 3)``."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    counted: Ints = np.stack([(levels == one).sum(-1) for one in range(len(SHARES))], -1)
    return counted


def dealt(levels: "Ints", wanted: "Floats", left: "Floats") -> "Ints":
    """Draws for each stratum, shape ``(runs, 3)``, about `wanted` in all.

    Args:
        levels: stratum of each case, shape ``(runs, cases)``.
        wanted: draws for the whole block, shape ``(runs,)``.
        left: draws that each case may still get, shape ``(runs, cases)``, maybe infinite.

    Returns:
        At least 1 for every stratum that has cases, and 0 only where one of its cases may get
        no more: then no further block of that run can speak for the whole suite. Where repeats
        are scarce, whole rounds of all cases are dealt: otherwise shares and lot would use up
        some cases while others have draws to spare.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    size = sizes(levels)
    room = np.stack(
        [np.where(levels == one, left, np.inf).min(-1) for one in range(len(SHARES))], -1
    )
    scarce = np.min(room, -1, keepdims=True) < AMPLE
    claims = size * np.where(scarce, 1.0, np.asarray(SHARES))
    draws = np.maximum(1.0, np.rint(wanted[:, None] * claims / claims.sum(-1, keepdims=True)))
    whole = size * np.maximum(1.0, np.rint(draws / np.maximum(size, 1)))
    draws = np.where(scarce, whole, draws)
    most = np.where(size > 0, size * np.where(size > 0, room, 1.0), 0.0)
    counted: Ints = np.minimum(draws, most).astype(np.int64)
    return counted


def handed_out(levels: "Ints", draws: "Ints", lots: "Floats") -> "Ints":
    """Draws for each case, shape ``(runs, cases)``: evenly in its stratum, the rest by lot.

    Args:
        levels: stratum of each case, shape ``(runs, cases)``.
        draws: draws for each stratum, shape ``(runs, 3)``.
        lots: independent uniform numbers in [0, 1), shape ``(runs, cases)``.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    size = sizes(levels)
    places = np.argsort(np.argsort(lots + levels, -1), -1)
    before = np.cumsum(size, -1) - size
    place = places - np.take_along_axis(before, levels, -1)
    each, rest = np.divmod(draws, np.maximum(size, 1))
    own: Ints = np.take_along_axis(each, levels, -1)
    return own + (place < np.take_along_axis(rest, levels, -1))
