"""Krippendorff's alpha: agreement beyond chance of any number of raters, gaps allowed.

Disagreement among ratings of the same item, set against disagreement among all ratings: 1 is
full agreement, 0 is what chance gives, below 0 is worse than chance.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from math import isfinite
from random import Random
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from roadworthy.base.errors import StatisticsError, TooFewSamples
from roadworthy.stats.bootstrap import check_draws, percentiles
from roadworthy.stats.intervals import Interval, check_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.float64]

Scale: TypeAlias = Literal["nominal", "ordinal", "interval"]


class Alpha(NamedTuple):
    """Krippendorff's alpha with its interval over items.

    `items` have at least two ratings and count; `ratings` is how many these have together.
    """

    value: float
    interval: Interval
    items: int
    ratings: int


def krippendorffs_alpha(
    ratings: Sequence[Sequence[Hashable | None]], *, scale: Scale = "nominal"
) -> float:
    """Agreement of all raters beyond chance, at most 1.

    Args:
        ratings: what each item was given, shape ``(items, raters)``; None where a rater gave
            nothing. Rows may differ in length. An item with fewer than two ratings is left out.
        scale: how far apart two ratings are: ``nominal`` same or not; ``ordinal`` how many
            ratings lie between them; ``interval`` the square of their difference. The last two
            need numbers.

    Raises:
        TooFewSamples: no item has two ratings, or all ratings are the same, where nothing could
            have shown disagreement and alpha has no value.
        StatisticsError: ratings that are no finite numbers, where the scale needs them.

    Source: Krippendorff (2011), Computing Krippendorff's alpha-reliability.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    counts, values = _counted(ratings, scale)
    return float(_alphas(counts, values, scale, np.ones((1, len(counts))))[0])


def bootstrap_alpha(
    ratings: Sequence[Sequence[Hashable | None]],
    *,
    level: float,
    draws: int,
    rng: Random,
    scale: Scale = "nominal",
) -> Alpha:
    """`krippendorffs_alpha` with a percentile interval from drawing items anew.

    Of no width where raters agree on every item; say how many items there were.

    Args:
        ratings: as for `krippendorffs_alpha`.
        scale: as for `krippendorffs_alpha`.
        level: two-sided coverage, strictly between 0 and 1.
        draws: at least 100; at 2,000 the ends move by about 0.01 by seed.
        rng: seeded by the caller, who stores the seed beside the result.

    Raises: as `krippendorffs_alpha`; TooFewSamples also with fewer than two items that count,
        and where alpha has no value in more than 5 % of the draws.

    Source: Efron and Tibshirani (1993), An introduction to the bootstrap, chapter 13; drawing
    items rather than pairs of ratings, since ratings of one item belong together.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    check_level(level)
    counts, values = _counted(ratings, scale)
    items = len(counts)
    if items < 2:  # noqa: PLR2004 - one item shows no spread
        raise TooFewSamples("an interval over items needs at least two of them")
    value = float(_alphas(counts, values, scale, np.ones((1, items)))[0])
    source = np.random.default_rng(rng.getrandbits(64))
    drawn = source.multinomial(items, np.full(items, 1 / items), size=check_draws(draws))
    alphas = _alphas(counts, values, scale, drawn.astype(np.float64))
    found = percentiles(alphas[~np.isnan(alphas)].tolist(), draws=draws, level=level)
    interval = Interval(min(value, found.low), max(value, found.high))
    return Alpha(value, interval, items, int(counts.sum()))


def _counted(
    ratings: Sequence[Sequence[Hashable | None]], scale: Scale
) -> tuple["Numbers", "Numbers"]:
    """How often each item was given each value, shape ``(items, values)``; and the values."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    given = [Counter(value for value in item if value is not None) for item in ratings]
    kept = [item for item in given if item.total() > 1]
    if not kept:
        raise TooFewSamples("no item has ratings of two raters")
    values = list(dict.fromkeys(value for item in kept for value in item))
    if len(values) == 1:
        raise TooFewSamples(
            "every rating is the same, so nothing could have shown disagreement",
            hint="label items of other categories",
        )
    numbers = _numbers(values, scale)
    places = {value: place for place, value in enumerate(values)}
    return np.asarray([_row(item, places) for item in kept]), np.asarray(numbers)


def _numbers(values: Sequence[Hashable], scale: Scale) -> list[float]:
    """Values as numbers; their places on a nominal scale, where only sameness counts."""
    if scale == "nominal":
        return [float(place) for place in range(len(values))]
    numbers = [float(v) for v in values if isinstance(v, int | float) and isfinite(v)]
    if len(numbers) < len(values):
        raise StatisticsError(f"ratings on {scale} scale are finite numbers")
    return numbers


def _row(item: Mapping[Hashable, int], places: Mapping[Hashable, int]) -> list[float]:
    row = [0.0] * len(places)
    for value, count in item.items():
        row[places[value]] = float(count)
    return row


def _alphas(counts: "Numbers", values: "Numbers", scale: Scale, times: "Numbers") -> "Numbers":
    """One alpha for each row of `times`, which says how often each item counts; NaN: no value.

    NaN stays inside this module.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    totals = times @ counts  # ratings of each value, shape (draws, values)
    others = counts.sum(axis=1) - 1
    points = np.broadcast_to(values - values.mean(), totals.shape)
    if scale == "ordinal":
        points = _midranks(values, totals)
        seen = np.asarray(
            [row @ (_apart(counts, at) / others) for row, at in zip(times, points, strict=True)]
        )
    else:
        at = None if scale == "nominal" else points[0]
        seen = times @ (_apart(counts, at) / others)
    expected = _apart(totals, None if scale == "nominal" else points)
    varied = (totals > 0).sum(axis=1) > 1
    alphas = np.full(len(times), np.nan)
    scaled = (totals[varied].sum(axis=1) - 1) / expected[varied]
    alphas[varied] = 1 - scaled * seen[varied]
    return alphas


def _apart(counts: "Numbers", points: "Numbers | None") -> "Numbers":
    """Distances summed over all ordered pairs of ratings in each row.

    The distance is the squared difference of `points`; without them, 1 unless they are the same.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    sizes = counts.sum(axis=1)
    if points is None:
        return np.asarray(sizes**2 - (counts**2).sum(axis=1))
    first, second = (counts * points).sum(axis=1), (counts * points**2).sum(axis=1)
    return np.asarray(2 * (sizes * second - first**2))


def _midranks(values: "Numbers", totals: "Numbers") -> "Numbers":
    """Each value's place among all ratings, ties in the middle; shape of `totals`."""
    import numpy as np  # noqa: PLC0415 - costs start-up time

    order = np.argsort(values)
    sorted_totals = totals[:, order]
    places = np.empty_like(totals)
    places[:, order] = np.cumsum(sorted_totals, axis=1) - sorted_totals / 2
    return np.asarray(places - totals.sum(axis=1, keepdims=True) / 2)
