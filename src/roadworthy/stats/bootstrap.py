"""What bootstraps share: the check of their draws, and the interval of what they drew."""

from collections.abc import Sequence

from roadworthy.base.errors import StatisticsError, TooFewSamples
from roadworthy.stats.intervals import Interval

MOST_UNDEFINED = 0.05  # share of draws that may have no value


def percentiles(values: Sequence[float], *, draws: int, level: float) -> Interval:
    """Middle part of bootstrap values, some of whose `draws` may have had none.

    Raises:
        TooFewSamples: more than 5 % of the draws had no value.
    """
    import numpy as np  # noqa: PLC0415 - costs start-up time

    if len(values) < (1 - MOST_UNDEFINED) * draws:
        raise TooFewSamples(
            "what was drawn is so nearly constant that the number often has no value",
            hint="label items of the rarer categories",
        )
    tail = (1 - level) / 2
    low, high = np.quantile(np.asarray(values), [tail, 1 - tail])
    return Interval(float(low), float(high))


def check_draws(draws: int) -> int:
    """Give `draws` back if there are at least 100. Raises `StatisticsError`."""
    least = 100
    if draws < least:
        raise StatisticsError(f"a bootstrap needs at least {least} draws, got {draws}")
    return draws
