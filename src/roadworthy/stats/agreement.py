"""How far two raters agree, beyond what they would by chance.

Percent agreement, Cohen's kappa (plain or weighted) with an asymptotic and a bootstrap interval,
and Gwet's AC1, which stays high where nearly everything falls into one category and kappa does
not (a wide gap between the two says that categories are too unequal to judge by kappa alone).
Several raters, or gaps: `stats.alpha`.
"""

from collections.abc import Hashable, Sequence
from math import sqrt
from random import Random
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from roadworthy.base.errors import ShapeMismatch, StatisticsError, TooFewSamples
from roadworthy.stats.bootstrap import check_draws, percentiles
from roadworthy.stats.intervals import Interval, check_level, normal_quantile, wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Square: TypeAlias = NDArray[np.float64]

Weights: TypeAlias = Literal["none", "linear", "quadratic"]
LEAST_ITEMS = 2
_ROUNDING = 1e-12


class Agreement(NamedTuple):
    """An agreement with its interval over items; `n` is the number of items."""

    value: float
    interval: Interval
    n: int


class Kappa(NamedTuple):
    """Cohen's kappa: 1 full agreement, 0 no more than chance, below 0 less.

    `se` is the standard error at this value, which a test against another value needs; None
    for a bootstrap.
    """

    value: float
    interval: Interval
    se: float | None
    n: int


def percent_agreement(
    first: Sequence[Hashable], second: Sequence[Hashable], *, level: float
) -> Agreement:
    """Share of items on which both say the same, with a Wilson interval.

    Args:
        first: one rater's category for each item, shape ``(items,)``.
        second: the other's, same order and shape.
        level: two-sided coverage, strictly between 0 and 1.

    Raises:
        ShapeMismatch: the two series differ in length.
        TooFewSamples: no item.
    """
    _check_pair(first, second, least=1)
    same = sum(one == other for one, other in zip(first, second, strict=True))
    return Agreement(same / len(first), wilson(same, len(first), level), len(first))


def cohens_kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    level: float,
    weights: Weights = "none",
    order: Sequence[Hashable] | None = None,
) -> Kappa:
    """Agreement beyond chance, chance being each rater's own use of the categories.

    The interval is taken from a table steadied by one item on which the raters agree and one
    on which they do not, spread as chance would spread them: perfect agreement on ten items is
    no proof of perfect agreement. It holds the value, and lies within [-1, 1].

    Args:
        first: one rater's category for each item, shape ``(items,)``.
        second: the other's, same order and shape.
        level: two-sided coverage, strictly between 0 and 1.
        weights: credit for being near in `order`: ``none``, or falling with the distance
            (``linear``) or its square (``quadratic``).
        order: every category from lowest to highest; needed for weights.

    Raises:
        ShapeMismatch: the two series differ in length.
        TooFewSamples: fewer than two items, or both raters gave one and the same category
            throughout, where chance alone gives full agreement and kappa has no value.
        StatisticsError: weights without an order, a category outside it, or a level out of range.

    Source: Cohen (1960), A coefficient of agreement for nominal scales; (1968), Weighted kappa;
    standard error by Fleiss, Cohen and Everitt (1969), Large sample standard errors of kappa
    and weighted kappa.
    """
    check_level(level)
    table, credit = _table(first, second, weights, order)
    value = _kappa(table, credit)
    steadied = _steadied(table)
    centre, half = _kappa(steadied, credit), _error(steadied, credit) * normal_quantile(level)
    low, high = min(value, max(-1.0, centre - half)), max(value, min(1.0, centre + half))
    return Kappa(value, Interval(low, high), _error(table, credit), len(first))


def bootstrap_kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    level: float,
    draws: int,
    rng: Random,
    weights: Weights = "none",
    order: Sequence[Hashable] | None = None,
) -> Kappa:
    """`cohens_kappa` with a percentile interval from drawing items anew.

    For tables too small or too uneven for a normal shape. Of no width where raters agree on
    every item: `cohens_kappa` has one.

    Args:
        first: one rater's category for each item, shape ``(items,)``.
        second: the other's, same order and shape.
        level: two-sided coverage, strictly between 0 and 1.
        draws: at least 100; at 2,000 the ends move by about 0.01 by seed.
        weights: as for `cohens_kappa`.
        order: as for `cohens_kappa`.
        rng: seeded by the caller, who stores the seed beside the result.

    Raises: as `cohens_kappa`; TooFewSamples also where kappa has no value in more than
        5 % of the draws.

    Source: Efron and Tibshirani (1993), An introduction to the bootstrap, chapter 13.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    check_level(level)
    table, credit = _table(first, second, weights, order)
    value, n = _kappa(table, credit), len(first)
    source = np.random.default_rng(rng.getrandbits(64))
    drawn = source.multinomial(n, (table / n).ravel(), size=check_draws(draws))
    shares = drawn.reshape(-1, *table.shape) / n
    by_chance = np.einsum("di,dj,ij->d", shares.sum(axis=2), shares.sum(axis=1), credit)
    seen = np.einsum("dij,ij->d", shares, credit)
    kept = by_chance < 1 - _ROUNDING
    kappas = (seen[kept] - by_chance[kept]) / (1 - by_chance[kept])
    interval = percentiles(kappas.tolist(), draws=draws, level=level)
    return Kappa(value, Interval(min(value, interval.low), max(value, interval.high)), None, n)


def gwets_ac1(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Agreement beyond chance, chance being a guess on items that are hard to place.

    Returns:
        At most 1; 1 where the raters always agree, even on one category throughout.

    Raises:
        ShapeMismatch: the two series differ in length.
        TooFewSamples: fewer than two items.

    Source: Gwet (2008), Computing inter-rater reliability and its variance in the presence of
    high agreement, equation 4.
    """
    _check_pair(first, second, least=LEAST_ITEMS)
    categories = set(first) | set(second)
    if len(categories) == 1:
        return 1.0
    n, firsts, seconds = len(first), list(first), list(second)
    shares = [(firsts.count(c) + seconds.count(c)) / (2 * n) for c in categories]
    by_chance = sum(share * (1 - share) for share in shares) / (len(categories) - 1)
    seen = sum(one == other for one, other in zip(first, second, strict=True)) / n
    return (seen - by_chance) / (1 - by_chance)


def _table(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    weights: Weights,
    order: Sequence[Hashable] | None,
) -> tuple["Square", "Square"]:
    """Counts of first by second category, and the credit that each pair earns."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    _check_pair(first, second, least=LEAST_ITEMS)
    if weights != "none" and order is None:
        raise StatisticsError("weights need the order of the categories")
    used = dict.fromkeys((*first, *second))
    places = {category: place for place, category in enumerate(order or used)}
    strangers = [category for category in used if category not in places]
    if strangers:
        raise StatisticsError(f"{strangers[0]!r} is not among the ordered categories")
    table = np.zeros((len(places), len(places)))
    for one, other in zip(first, second, strict=True):
        table[places[one], places[other]] += 1
    return table, _credit(len(places), weights)


def _credit(size: int, weights: Weights) -> "Square":
    import numpy as np  # noqa: PLC0415 - costs start-up time

    if weights == "none":
        return np.eye(size)
    places = np.arange(size, dtype=np.float64)
    distance = np.abs(places[:, None] - places[None, :]) / max(1, size - 1)
    return 1 - distance if weights == "linear" else 1 - distance**2


def _kappa(table: "Square", credit: "Square") -> float:
    shares = table / table.sum()
    seen = float((shares * credit).sum())
    by_chance = float(shares.sum(axis=1) @ credit @ shares.sum(axis=0))
    if by_chance >= 1 - _ROUNDING:
        raise TooFewSamples(
            "both raters gave one category throughout, where chance alone agrees fully",
            hint="label items of other categories",
        )
    return max(-1.0, min(1.0, (seen - by_chance) / (1 - by_chance)))  # rounding strays


def _error(table: "Square", credit: "Square") -> float:
    """Standard error at the value seen: equation 13 of Fleiss, Cohen and Everitt."""
    n = float(table.sum())
    shares = table / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    seen = float((shares * credit).sum())
    by_chance = float(rows @ credit @ columns)
    mean = (credit @ columns)[:, None] + (rows @ credit)[None, :]
    terms = shares * (credit * (1 - by_chance) - mean * (1 - seen)) ** 2
    off = (seen * by_chance - 2 * by_chance + seen) ** 2
    return sqrt(max(0.0, float(terms.sum()) - off) / n) / (1 - by_chance) ** 2


def _steadied(table: "Square") -> "Square":
    """The table with one item more on its diagonal and one off it, spread by the margins."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    margins = (table.sum(axis=0) + table.sum(axis=1)) / (2 * table.sum())
    product = np.outer(margins, margins)
    same = np.diag(np.diag(product))
    return np.asarray(table + same / same.sum() + (product - same) / (product - same).sum())


def _check_pair(first: Sequence[Hashable], second: Sequence[Hashable], *, least: int) -> None:
    if len(first) != len(second):
        raise ShapeMismatch(f"got {len(first)} ratings and {len(second)}")
    if len(first) < least:
        raise TooFewSamples(f"agreement needs at least {least} items, got {len(first)}")
