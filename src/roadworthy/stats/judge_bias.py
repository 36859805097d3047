"""Does a judge look at what it should not? Tests that hold the human label fixed.

- `leaning`: among items with the same label, are the passed ones longer (more confident, later,
  ...) than the failed ones? Length and confidence bias.
- `swap_consistency`: does a pairwise judge keep its choice when the two sides change places?
- a constant answer: `confusion.informedness`, whose interval then holds 0.
"""

from collections.abc import Hashable, Sequence
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from roadworthy.base.errors import ShapeMismatch, StatisticsError, TooFewSamples
from roadworthy.stats.bootstrap import check_draws, percentiles
from roadworthy.stats.intervals import Interval, check_level, wilson
from roadworthy.stats.mcnemar import exact_mcnemar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ranks: TypeAlias = NDArray[np.float64]


class Leaning(NamedTuple):
    """Rank correlation of verdict with a quantity, at equal labels.

    Over all pairs of one passed and one failed item with the same label: the share in which the
    passed one has more of the quantity, less the share in which it has less. 0 is no leaning,
    1 passes everything longer, -1 everything shorter. `pairs` is how many there were.
    """

    value: float
    interval: Interval
    p_value: float
    pairs: int
    items: int


class SwapConsistency(NamedTuple):
    """How often a choice between two survives swapping them.

    Of the choices that did not, `first` followed the first place and `second` the second;
    `p_value` is the two-sided exact one that neither place is preferred.
    """

    value: float
    interval: Interval
    first: int
    second: int
    other: int
    p_value: float
    n: int


def leaning(
    verdicts: Sequence[bool],
    labels: Sequence[Hashable],
    quantity: Sequence[float],
    *,
    level: float,
    draws: int,
    rng: Random,
) -> Leaning:
    """Whether verdicts follow a quantity (length, confidence) that labels do not account for.

    Args:
        verdicts: the judge's, shape ``(items,)``, true for a pass.
        labels: the truth, same order and shape.
        quantity: finite numbers, same order and shape; only their order counts.
        level: two-sided coverage of the interval (items drawn anew within each label and
            verdict).
        draws: at least 100, for the interval and for the permutations of verdicts within a
            label that the two-sided p-value counts; it is never below ``1 / (draws + 1)``.
        rng: seeded by the caller, who stores the seed beside the result.

    Raises:
        ShapeMismatch: the series differ in length.
        TooFewSamples: no label has passed and failed items.
        StatisticsError: a number that is not finite, or `level` or `draws` out of range.

    Source: van Elteren (1960), On the combination of independent two-sample tests of Wilcoxon,
    with pairs weighing the same; p-value by Phipson and Smyth (2010), Permutation p-values
    should never be zero.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    check_level(level)
    check_draws(draws)
    strata = _strata(verdicts, labels, quantity)
    source = np.random.default_rng(rng.getrandbits(64))
    pairs = sum(int(passed.sum() * (~passed).sum()) for passed, _ in strata)
    value = sum(_lead(passed, amount) for passed, amount in strata) / pairs
    shuffled = [
        sum(_lead(source.permutation(passed), amount) for passed, amount in strata) / pairs
        for _ in range(draws)
    ]
    extreme = sum(abs(chance) >= abs(value) - 1e-12 for chance in shuffled)
    redrawn = [
        sum(_lead(passed, amount[_again(passed, source)]) for passed, amount in strata) / pairs
        for _ in range(draws)
    ]
    found = percentiles(redrawn, draws=draws, level=level)
    interval = Interval(min(value, found.low), max(value, found.high))
    return Leaning(
        value, interval, (extreme + 1) / (draws + 1), pairs, sum(len(p) for p, _ in strata)
    )


def swap_consistency(
    straight: Sequence[Hashable],
    swapped: Sequence[Hashable],
    *,
    first: Hashable,
    second: Hashable,
    level: float,
) -> SwapConsistency:
    """How often a pairwise choice stays with the same side after the sides change places.

    Args:
        straight: what was chosen, shape ``(pairs,)``: `first`, `second`, or anything else (a
            tie, say), which stays itself when the sides are swapped.
        swapped: what was chosen with the sides swapped, same order and shape, as places: a
            judge that keeps to its choice turns `first` into `second`.
        first: the word for the first place.
        second: the word for the second place.
        level: two-sided coverage of the Wilson interval.

    Raises:
        ShapeMismatch: the two series differ in length.
        TooFewSamples: no pair.
        StatisticsError: both places have one word, or the level is out of range.
    """
    if first == second:
        raise StatisticsError(f"the two places need different words, got {first!r} twice")
    if len(straight) != len(swapped):
        raise ShapeMismatch(f"got {len(straight)} choices and {len(swapped)} swapped ones")
    mirror = {first: second, second: first}
    n = len(straight)
    seen = list(zip(straight, swapped, strict=True))
    kept = sum(mirror.get(before, before) == after for before, after in seen)
    same = [before for before, after in seen if before == after and before in mirror]
    to_first, to_second = same.count(first), same.count(second)
    interval = wilson(kept, n, level)
    other = n - kept - to_first - to_second
    p_value = exact_mcnemar(to_first, to_second)
    return SwapConsistency(kept / n, interval, to_first, to_second, other, p_value, n)


def _strata(
    verdicts: Sequence[bool], labels: Sequence[Hashable], quantity: Sequence[float]
) -> list[tuple["NDArray[np.bool_]", "Ranks"]]:
    """Verdicts and ranks of each label that has both verdicts."""
    import numpy as np  # noqa: PLC0415 - costs start-up time
    from scipy.stats import rankdata  # noqa: PLC0415 - costs start-up time

    if not len(verdicts) == len(labels) == len(quantity):
        raise ShapeMismatch(f"got {len(verdicts)}, {len(labels)} and {len(quantity)} values")
    amounts = np.asarray(quantity, dtype=np.float64)
    if not np.isfinite(amounts).all():
        raise StatisticsError("every quantity is a finite number")
    passed = np.asarray(verdicts, dtype=np.bool_)
    strata = []
    for label in dict.fromkeys(labels):
        here = np.asarray([one == label for one in labels])
        if 0 < passed[here].sum() < here.sum():
            strata.append((passed[here], rankdata(amounts[here])))
    if not strata:
        raise TooFewSamples(
            "no label has passed as well as failed items, so nothing can be compared",
            hint="label more items on which the judge errs",
        )
    return strata


def _lead(passed: "NDArray[np.bool_]", ranks: "Ranks") -> float:
    """Pairs in which the passed item ranks higher, less those in which it ranks lower."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    above, below = ranks[passed], np.sort(ranks[~passed])
    lower = np.searchsorted(below, above, side="left").sum()
    not_higher = np.searchsorted(below, above, side="right").sum()
    return float(lower + not_higher - len(above) * len(below))


def _again(passed: "NDArray[np.bool_]", source: "np.random.Generator") -> "NDArray[np.intp]":
    """For each item, one drawn anew from those with its verdict."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    drawn = np.empty(len(passed), dtype=np.intp)
    for verdict in (True, False):
        places = np.flatnonzero(passed == verdict)
        drawn[places] = source.choice(places, size=len(places))
    return drawn
