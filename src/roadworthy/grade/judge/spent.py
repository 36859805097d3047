"""What judges cost, added up from stored readings."""

from collections.abc import Iterable, Mapping
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.records.reading import TrialReading
from roadworthy.records.usage import Usage

NOTHING: Final = Usage(input_tokens=0, output_tokens=0, cost_usd=0.0)


def spent_on(readings: Iterable[TrialReading]) -> Usage:
    """Tokens (all counted as input) and US dollars that judges told they used for `readings`."""
    told = [one.reading.details.get("spent") for one in readings if one.instrument]
    known = [one for one in told if isinstance(one, dict)]
    return Usage(
        input_tokens=int(sum(_number(one, "tokens") for one in known)),
        output_tokens=0,
        cost_usd=sum(_number(one, "cost_usd") for one in known),
    )


def _number(told: Mapping[str, Json], name: str) -> float:
    value = told.get(name)
    return value if isinstance(value, int | float) else 0.0
