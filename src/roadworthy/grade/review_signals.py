"""How much a person's label of a trial would tell: what its graders leave in doubt. Pure.

Both signals lie between 0, nothing, and 1. They decide which trials a person sees early, never
which trials are drawn at random (`review_sampling`).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.grade.completed import Completed
from roadworthy.records.reading import Cause, Grade, TrialReading, Unmeasured
from roadworthy.records.record import Record
from roadworthy.records.rubric import Rubric

NEAR: Final = 0.25
"""Scores nearer to the pass mark than this are in doubt."""


class Signals(Record, frozen=True, kw_only=True):
    """What speaks for looking at a trial."""

    disagreement: float = 0.0  # of passes, of judges, of judges with other graders
    uncertainty: float = 0.0  # a score near the pass mark, scores that spread, no verdict


def signals(readings: Sequence[TrialReading], rubric: Rubric) -> Signals:
    """Read the signals of one trial for the question that `rubric` asks."""
    judged = [entry for entry in readings if _asks(entry, rubric)]
    return Signals(
        disagreement=max(_split(readings, judged), _split_passes(judged, rubric)),
        uncertainty=max((_doubt(entry, rubric) for entry in judged), default=0.0),
    )


def _asks(entry: TrialReading, rubric: Rubric) -> bool:
    return entry.reading.details.get("rubric") == rubric.name


def _split(readings: Sequence[TrialReading], judged: Sequence[TrialReading]) -> float:
    """Twice the share of the smaller side among verdicts, that an attempt ended left aside."""
    named = [entry for entry in readings if entry.required or entry in judged]
    votes = [
        entry.reading.passed
        for entry in named
        if isinstance(entry.reading, Grade) and entry.grader != Completed.name
    ]
    return _evenness(votes)


def _split_passes(judged: Sequence[TrialReading], rubric: Rubric) -> float:
    """The same among the single passes of all judges."""
    scores = (score for entry in judged for score in _pass_scores(entry))
    return _evenness([score >= rubric.min_score for score in scores])


def _evenness(votes: Sequence[bool]) -> float:
    """0 where all votes are the same, 1 where they are split in half."""
    return 2 * min(sum(votes), len(votes) - sum(votes)) / len(votes) if votes else 0.0


def _doubt(entry: TrialReading, rubric: Rubric) -> float:
    match entry.reading:
        case Unmeasured(cause=Cause.JUDGE_UNREADABLE):
            return 1.0
        case Grade(score=score, details=details):
            near = max(0.0, 1.0 - abs(score - rubric.min_score) / NEAR)
            return max(near, min(1.0, _number(details.get("spread")) or 0.0))
        case _:
            return 0.0


def _pass_scores(entry: TrialReading) -> Iterator[float]:
    """Mean score of each pass that was read."""
    passes = entry.reading.details.get("passes")
    for one in passes if isinstance(passes, list) else []:
        scores = one.get("scores") if isinstance(one, dict) else None
        found = [
            number
            for score in (scores if isinstance(scores, list) else [])
            if isinstance(score, dict) and (number := _number(score.get("score"))) is not None
        ]
        if found:
            yield sum(found) / len(found)


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) else None
