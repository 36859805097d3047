"""What a review proposes: a case with its grounds, its price, and what would go with it."""

from enum import StrEnum

from roadworthy.gate.spring_cleaning.ground import Ground
from roadworthy.gate.spring_cleaning.sharing import Shared
from roadworthy.gate.spring_cleaning.spending import Spending
from roadworthy.records.case import Kind
from roadworthy.records.record import Record


class Advice(StrEnum):
    """What to do with a case, most drastic first."""

    RETIRE = "retire"  # put it on the list to confirm
    GRADUATE = "graduate"  # it no longer fails: let it gate
    LOOK = "look"  # a person should judge
    KEEP = "keep"  # nothing is wrong with it


class Loss(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What taking cases out would cost the suite."""

    cells: tuple[str, ...]  # of the coverage map, that nothing else covers
    drop_before: float | None  # smallest detectable drop in rate points; None: not even to 0
    drop_after: float | None
    caught: int  # versions on which it broke
    caught_alone: int  # of them, where no other case did


class CaseReview(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One case on the list."""

    case: str
    kind: Kind
    tier: str
    digest: str
    passed: int
    measured: int
    versions: int
    grounds: tuple[Ground, ...]
    advice: Advice
    because: str
    spending: Spending
    loses: Loss


class Together(Record, frozen=True, kw_only=True, omit_defaults=False):
    """All cases with the advice to retire, taken out at once."""

    cases: tuple[str, ...]
    trials: int  # per run
    cost_usd: float | None
    time_s: float | None
    loses: Loss


class SuiteReview(Record, frozen=True, kw_only=True, omit_defaults=False):
    """The documented shape of `suite review --json`."""

    suite: str
    reviewed: int  # cases that run
    runs: int
    versions: int
    runs_per_year: float | None
    cases: tuple[CaseReview, ...]
    together: Together
    shared: tuple[Shared, ...]  # least likely by chance first
    notes: tuple[str, ...]  # what could not be told
