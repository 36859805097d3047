"""What one pass of a judge said about one item, word for word and as it was understood."""

from enum import StrEnum

from roadworthy.base.errors import InvalidRecord
from roadworthy.records.record import Record, RootRecord
from roadworthy.records.usage import Usage


class CriterionScore(Record, frozen=True, kw_only=True):
    """A judge's score on one criterion of a rubric."""

    criterion: str
    score: float  # 0.0 worst to 1.0 best
    reason: str = ""
    quotes: tuple[str, ...] = ()  # words of what was judged that the judge rests on

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise InvalidRecord(f"score must lie within 0 and 1, got {self.score}")


class Unread(StrEnum):
    """Why a pass gave no verdict. None of these is a score."""

    UNREADABLE = "unreadable"  # it answered, and not as it was asked to
    REFUSED = "refused"  # it declined to judge
    UNAVAILABLE = "unavailable"  # no answer: network, rate limit, server error, key
    OVER_BUDGET = "over_budget"  # asking would have passed the run's budget


class Judgement(RootRecord, frozen=True, kw_only=True):
    """One pass. `scores` are complete, one per criterion, or `unread` says why there are none."""

    model: str  # "provider:model" that answered
    rubric: str  # digest of the rubric
    number: int  # of the pass, from 0
    scores: tuple[CriterionScore, ...] = ()
    unread: Unread | None = None
    raw: str = ""  # what came back, size-limited; empty: nothing did
    why: str = ""  # of `unread`, one sentence
    usage: Usage = Usage()
    latency_s: float | None = None
    asked_at: float | None = None  # seconds since 1970, UTC

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.scores) == (self.unread is not None):
            raise InvalidRecord("a judgement has either scores or the reason why it has none")
