"""What the passes of one or several judges add up to. Pure: the same passes, the same reading.

1. A pass that could not be read is no score. More than half of each judge's passes must have
   been read; else nothing was measured.
2. `median`: of each criterion over a judge's passes, then over the judges. `majority`: each pass
   passes or not, each judge goes by more than half of its passes, and more than half of the
   judges must pass; a tie does not.
3. The score is the weighted mean of the criteria less the penalties for flaws that rules find;
   under `majority` it is the share of passes that passed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from roadworthy.base.printable import printable
from roadworthy.grade.judge.flaws import flaws_of
from roadworthy.grade.judge.material import Material
from roadworthy.grade.judge.quotes import QuoteCheck
from roadworthy.grade.judge.told import graded_details, unread_details
from roadworthy.records.judgement import Judgement, Unread
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.rubric import Aggregate, Flaw, Rubric

_SLACK = 1e-9  # a mean of thirds that should be the mark is the mark


@dataclass(frozen=True, slots=True)
class _Outcome:
    passed: bool
    score: float
    criteria: Mapping[str, float]


def verdict_of(judgements: Sequence[Judgement], rubric: Rubric, material: Material) -> Reading:
    """The reading of one item from every pass of every judge that was asked.

    `details` hold each pass in the judge's words, the spread, flaws and quotes that were not
    found; `evidence` the spans whose documents were quoted.
    """
    if (unread := _unmeasured(judgements, rubric)) is not None:
        return unread
    read = [one for one in judgements if one.unread is None]
    flaws = () if material.other is not None else _flaws(rubric, material)
    outcome = _outcome(read, rubric, sum(rubric.penalties[flaw] for flaw in flaws))
    check = QuoteCheck(rubric, material)
    unsupported = check.unsupported(read)
    details = graded_details(judgements, rubric, flaws=flaws, unsupported=unsupported)
    return Grade(
        passed=outcome.passed,
        score=outcome.score,
        why=_why(outcome, read, rubric, flaws),
        evidence=check.spans(read),
        parts=dict(outcome.criteria),
        details=details,
    )


def _unmeasured(judgements: Sequence[Judgement], rubric: Rubric) -> Unmeasured | None:
    for model, passes in _by_model(judgements).items():
        lost = [one for one in passes if one.unread is not None]
        if len(lost) * 2 >= len(passes):
            first = next((one for one in lost if _cause(one) is _common(lost)), lost[0])
            count = f"{len(lost)} of {len(passes)} passes of {printable(model, limit=80)}"
            why = f"{count} gave no verdict: {printable(first.why, limit=160)}"
            details = unread_details(judgements, rubric)
            return Unmeasured(cause=_common(lost), why=why, details=details)
    if not judgements:
        return Unmeasured(cause=Cause.JUDGE_UNAVAILABLE, why="no judge was asked")
    return None


def _common(lost: Sequence[Judgement]) -> Cause:
    """The cause of most; on a tie the one that may go well next time."""
    unreadable = sum(_cause(one) is Cause.JUDGE_UNREADABLE for one in lost)
    return Cause.JUDGE_UNREADABLE if unreadable * 2 > len(lost) else Cause.JUDGE_UNAVAILABLE


def _cause(lost: Judgement) -> Cause:
    answered = lost.unread in (Unread.UNREADABLE, Unread.REFUSED)
    return Cause.JUDGE_UNREADABLE if answered else Cause.JUDGE_UNAVAILABLE


def _flaws(rubric: Rubric, material: Material) -> tuple[Flaw, ...]:
    found = flaws_of(material.output)
    return tuple(flaw for flaw in found if flaw in rubric.penalties)


def _outcome(read: Sequence[Judgement], rubric: Rubric, penalty: float) -> _Outcome:
    judges = [_medians(passes) for passes in _by_model(read).values()]
    criteria = {one.name: median(judge[one.name] for judge in judges) for one in rubric.criteria}
    if rubric.aggregate is Aggregate.MEDIAN:
        score = _total(criteria, rubric, penalty)
        return _Outcome(_passes(criteria, score, rubric), score, criteria)
    votes = [
        [_one_passes(one, rubric, penalty) for one in passes] for passes in _by_model(read).values()
    ]
    won = sum(sum(vote) * 2 > len(vote) for vote in votes)
    every = [each for vote in votes for each in vote]
    return _Outcome(won * 2 > len(votes), sum(every) / len(every), criteria)


def _medians(passes: Sequence[Judgement]) -> dict[str, float]:
    names = [score.criterion for score in passes[0].scores]
    return {name: median(_scores(one)[name] for one in passes) for name in names}


def _scores(judgement: Judgement) -> dict[str, float]:
    return {score.criterion: score.score for score in judgement.scores}


def _one_passes(judgement: Judgement, rubric: Rubric, penalty: float) -> bool:
    scores = _scores(judgement)
    return _passes(scores, _total(scores, rubric, penalty), rubric)


def _total(criteria: Mapping[str, float], rubric: Rubric, penalty: float) -> float:
    weights = {one.name: one.weight for one in rubric.criteria}
    mean = sum(criteria[name] * weight for name, weight in weights.items()) / sum(weights.values())
    return min(1.0, max(0.0, mean - penalty))


def _passes(criteria: Mapping[str, float], score: float, rubric: Rubric) -> bool:
    mark = rubric.min_score - _SLACK
    return score >= mark and all(
        criteria[one.name] >= mark for one in rubric.criteria if one.required
    )


def _by_model(judgements: Sequence[Judgement]) -> dict[str, list[Judgement]]:
    models: dict[str, list[Judgement]] = {}
    for one in judgements:
        models.setdefault(one.model, []).append(one)
    return models


def _why(
    outcome: _Outcome, read: Sequence[Judgement], rubric: Rubric, flaws: Sequence[Flaw]
) -> str:
    mark = f"at least {rubric.min_score:g} expected"
    if rubric.aggregate is Aggregate.MAJORITY:
        mark = "of its passes passed"
    parts = [f"{rubric.name} {outcome.score:.2f}, {mark}"]
    parts += [f"{flaw.value} answer, {rubric.penalties[flaw]:g} taken off" for flaw in flaws]
    parts += _worst(outcome, read)
    return "; ".join(parts)


def _worst(outcome: _Outcome, read: Sequence[Judgement]) -> Iterator[str]:
    """The criterion that did worst, with the reason of the pass that is nearest to it."""
    name = min(outcome.criteria, key=lambda one: outcome.criteria[one])
    nearest = min(read, key=lambda one: abs(_scores(one)[name] - outcome.criteria[name]))
    reason = next(score.reason for score in nearest.scores if score.criterion == name)
    said = printable(" ".join(reason.split()), limit=160)
    yield f"{name} {outcome.criteria[name]:.2f}" + (f': "{said}"' if said else "")
