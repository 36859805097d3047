"""What a score of Inspect says of success.

``C`` is correct, ``I`` incorrect, ``P`` partly correct (0.5) and ``N`` no answer, which counts as
incorrect, as in Inspect. Yes and no, true and false, and numbers from 0 to 1 are read too. Only a
full score is a success. Lists, objects and numbers on a scale of their own are no verdict.
"""

import math
import sys
from collections.abc import Mapping
from typing import Final

import msgspec

from roadworthy.base.codec import Json
from roadworthy.ingest.outcome import reward_outcome
from roadworthy.records.trace import TraceOutcome

_WORDS: Final = {
    "C": 1.0,
    "I": 0.0,
    "P": 0.5,
    "N": 0.0,
    "yes": 1.0,
    "true": 1.0,
    "no": 0.0,
    "false": 0.0,
}


class WireScore(msgspec.Struct, frozen=True):
    """One scorer's verdict on a sample."""

    value: Json = None
    answer: str | None = None
    explanation: str | None = None


def outcome_of(scores: Mapping[str, WireScore]) -> TraceOutcome | None:
    """The first scorer's verdict; `None` when nothing was scored."""
    if not scores:
        return None
    scorer, score = next(iter(scores.items()))
    source = f"Inspect scorer {scorer}"
    number = _number(score.value)
    if number is not None and not 0.0 <= number <= 1.0:
        return TraceOutcome(success=None, score=number, source=source)
    return reward_outcome(number, source=source)


def scores_kept(scores: Mapping[str, WireScore]) -> Json:
    """Every score with its explanation, as a trace keeps them."""
    kept: dict[str, Json] = {
        name: {
            member: value
            for member, value in (
                ("value", score.value),
                ("answer", score.answer),
                ("explanation", score.explanation),
            )
            if value is not None
        }
        for name, score in scores.items()
    }
    return kept or None


def _number(value: Json) -> float | None:
    """The score as a number; `None` for what is none, such as a sample left unscored."""
    if isinstance(value, str):
        known = _WORDS.get(value, _WORDS.get(value.lower()) if len(value) > 1 else None)
        return _read(value) if known is None else known
    if isinstance(value, bool | int | float):
        return float(value) if abs(value) <= sys.float_info.max else None
    return None


def _read(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
