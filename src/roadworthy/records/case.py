"""What is tested: a case, and the suite it belongs to."""

from enum import StrEnum
from typing import Literal, TypeAlias

from roadworthy.base.codec import Json
from roadworthy.base.errors import InvalidRecord
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.probe_spec import ProbeSpec
from roadworthy.records.quarantine import Quarantine
from roadworthy.records.record import Record
from roadworthy.records.recording import Recording

Divergent: TypeAlias = Literal["unmeasured", "fail"]


class Kind(StrEnum):
    """Where a case stands in its life; only a regression case gates."""

    CANDIDATE = "candidate"  # minted; proved red and green, it is called verified
    CAPABILITY = "capability"  # may fail, is tracked
    REGRESSION = "regression"  # expected to pass, gates
    QUARANTINED = "quarantined"  # flaky, visible, does not gate
    RETIRED = "retired"  # not run


class Case(Record, frozen=True, kw_only=True):
    """One thing the agent must do. `input` is a message, a list of messages, or JSON."""

    id: str
    digest: str  # changes when what is asked or expected changes; not by title or tags
    input: Json
    kind: Kind = Kind.CAPABILITY
    tier: str = "standard"
    title: str = ""
    graders: tuple[GraderSpec, ...] = ()
    recording: Recording | None = None
    probes: tuple[ProbeSpec, ...] = ()  # looks at what the agent left, right after each trial
    on_divergence: Divergent = "unmeasured"
    timeout_s: float | None = None
    repeats: int | None = None
    category: str | None = None
    difficulty: str | None = None
    tags: tuple[str, ...] = ()
    parent: str = ""  # id of the case that this is a messy variant of; empty: of none
    proved: bool = False  # it has a red-green proof, of what it asks today as far as is known
    quarantine: Quarantine | None = None  # set while it is quarantined, and only then

    @property
    def is_verified(self) -> bool:
        """A candidate whose proof holds: trusted to see the fault, not yet given a place."""
        return self.kind is Kind.CANDIDATE and self.proved


class Tier(Record, frozen=True, kw_only=True):
    """A class of cases with the pass rate it must reach; `None` is tracked, not gated."""

    name: str
    threshold: float | None  # 0 to 1

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0.0 <= self.threshold <= 1.0:
            raise InvalidRecord(f"a threshold lies within 0 and 1, got {self.threshold}")


DEFAULT_TIERS = (
    Tier(name="critical", threshold=0.99),
    Tier(name="standard", threshold=0.95),
    Tier(name="capability", threshold=None),
)


class Suite(Record, frozen=True, kw_only=True):
    """Cases that are run and judged together."""

    id: str
    cases: tuple[Case, ...]
    title: str = ""
    target: str | None = None
    repeats: int = 3
    timeout_s: float = 60.0
    tiers: tuple[Tier, ...] = DEFAULT_TIERS
    min_measured: float = 0.9  # share of gating trials that must be measured for a verdict
    uncalibrated: str = ""  # why judges that nobody calibrated may gate; empty: they may not

    @property
    def runnable(self) -> tuple[Case, ...]:
        """Every case but the retired ones."""
        return tuple(case for case in self.cases if case.kind is not Kind.RETIRED)
