"""What a reading tells of the passes behind it, for who looks closer.

`details` of a grade and of an `Unmeasured` share `rubric`, `digest`, `passes`, `unread`,
`refused` and `spent`; a grade adds `spread`, `criteria`, and, where there are any, `flaws` and
`unsupported_quotes`.
"""

from collections import Counter
from collections.abc import Sequence

from roadworthy.base.codec import Json
from roadworthy.grade.judge.instrument import rubric_digest
from roadworthy.records.judgement import CriterionScore, Judgement, Unread
from roadworthy.records.rubric import Flaw, Rubric

RAW_SHOWN = 2_000
"""Characters of what could not be read that go into a reading; the store has more."""


def graded_details(
    judgements: Sequence[Judgement],
    rubric: Rubric,
    *,
    flaws: Sequence[Flaw],
    unsupported: Sequence[str],
) -> dict[str, Json]:
    """Details of a grade."""
    read = [one for one in judgements if one.unread is None]
    scores = {one.name: _scores(read, one.name) for one in rubric.criteria}
    spreads = {name: max(values) - min(values) for name, values in scores.items()}
    told: dict[str, Json] = {
        **_shared(judgements, rubric),
        "spread": max(spreads.values()),
        "criteria": {
            name: {"scores": list(values), "spread": spreads[name]}
            for name, values in scores.items()
        },
    }
    if flaws:
        told["flaws"] = [flaw.value for flaw in flaws]
    if unsupported:
        told["unsupported_quotes"] = list(unsupported)
    return told


def unread_details(judgements: Sequence[Judgement], rubric: Rubric) -> dict[str, Json]:
    """Details of an `Unmeasured`."""
    return _shared(judgements, rubric)


def _shared(judgements: Sequence[Judgement], rubric: Rubric) -> dict[str, Json]:
    unread = Counter(one.unread.value for one in judgements if one.unread is not None)
    return {
        "rubric": rubric.name,
        "digest": rubric_digest(rubric),
        "passes": [_pass(one) for one in judgements],
        "unread": dict(unread),
        "refused": unread[Unread.REFUSED.value],
        "spent": _spent(judgements),
    }


def _scores(read: Sequence[Judgement], criterion: str) -> list[float]:
    return [score.score for one in read for score in one.scores if score.criterion == criterion]


def _pass(judgement: Judgement) -> Json:
    told: dict[str, Json] = {"model": judgement.model, "number": judgement.number}
    if judgement.asked_at is not None:
        told["asked_at"] = judgement.asked_at
    if judgement.unread is None:
        return {**told, "scores": [_score(one) for one in judgement.scores]}
    raw = judgement.raw[:RAW_SHOWN]
    return {**told, "unread": judgement.unread.value, "why": judgement.why, "raw": raw}


def _score(score: CriterionScore) -> Json:
    return {
        "criterion": score.criterion,
        "score": score.score,
        "reason": score.reason,
        "quotes": list(score.quotes),
    }


def _spent(judgements: Sequence[Judgement]) -> Json:
    """What asking cost, as far as it is known; an answer from the cache cost nothing."""
    usages = [one.usage for one in judgements]
    return {
        "tokens": sum(usage.tokens or 0 for usage in usages),
        "cost_usd": sum(usage.cost_usd or 0.0 for usage in usages),
        "cost_unknown": sum(usage.cost_usd is None for usage in usages),
    }
