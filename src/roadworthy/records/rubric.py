"""What a judge is asked, and what its answers add up to."""

import math
from enum import StrEnum

from roadworthy.base.errors import InvalidRecord
from roadworthy.records.record import Record


class Scale(StrEnum):
    """The answers that a criterion allows."""

    PASS_FAIL = "pass_fail"  # noqa: S105 - no password
    ONE_TO_FIVE = "1..5"  # 1 worst, 5 best; as a score 0, 0.25, 0.5, 0.75, 1


class Reference(StrEnum):
    """What a judge can be shown."""

    INPUT = "input"  # what the agent was asked
    OUTPUT = "output"  # what it answered
    EXPECTED = "expected"  # what a right answer is
    DOCUMENTS = "documents"  # what it retrieved and what its tools returned
    TRANSCRIPT = "transcript"  # every message, both sides
    POLICY = "policy"  # rules that bind the agent


class Aggregate(StrEnum):
    """How several passes, and several judges, become one reading."""

    MEDIAN = "median"  # of each criterion's scores
    MAJORITY = "majority"  # each pass votes; a tie does not pass


class Flaw(StrEnum):
    """What rules find wrong with an answer, whatever a judge thinks of it."""

    VACUOUS = "vacuous"  # courtesy, or the question again, and nothing else
    HEDGED = "hedged"  # most sentences leave open whether they hold


class Criterion(Record, frozen=True, kw_only=True):
    """One question to a judge. `required`: it must reach the pass mark by itself."""

    name: str
    question: str
    scale: Scale = Scale.PASS_FAIL
    anchors: tuple[str, ...] = ()  # what each answer means, worst first
    weight: float = 1.0
    required: bool = False
    quotes: bool = False  # an answer without a quote that can be found is not read

    def __post_init__(self) -> None:
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise InvalidRecord(f"a weight is a number above 0, got {self.weight}")


class Rubric(Record, frozen=True, kw_only=True):
    """Criteria with the rule that makes scores a verdict.

    A trial passes when the weighted mean of its criteria, less the `penalties`, reaches
    `min_score`, and every required criterion reaches it too.
    """

    name: str
    criteria: tuple[Criterion, ...]
    min_score: float  # the pass mark, 0 to 1
    version: str = ""  # as the author calls it; what counts is the content
    aggregate: Aggregate = Aggregate.MEDIAN
    references: tuple[Reference, ...] = (Reference.INPUT, Reference.OUTPUT)  # must be there
    optional: tuple[Reference, ...] = ()  # shown where they are known
    domain: str = ""  # what a judge should know of the field
    penalties: dict[Flaw, float] = {}  # flaw → what it takes off the score

    def __post_init__(self) -> None:
        if not self.criteria:
            raise InvalidRecord(f"rubric {self.name} has no criterion")
        for number in (self.min_score, *self.penalties.values()):
            if not 0.0 <= number <= 1.0:
                raise InvalidRecord(f"pass marks and penalties lie within 0 and 1, got {number}")
