"""One execution of a suite against one target."""

import math
from enum import StrEnum

from roadworthy.base.codec import Json
from roadworthy.base.errors import InvalidRecord
from roadworthy.records.case import Kind, Tier
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.quarantine import Quarantine
from roadworthy.records.record import Record, RootRecord


class Fingerprint(Record, frozen=True, kw_only=True):
    """What identifies the version of an agent. `digest` covers all parts."""

    version: str  # as the user names it, or derived
    digest: str
    parts: dict[str, str] = {}  # e.g. {"code": "…", "model": "gpt-4.1", "git": "…"}


class RunState(StrEnum):
    """Where a run stands; everything but FINISHED can be resumed."""

    RUNNING = "running"  # also: killed while running
    INTERRUPTED = "interrupted"
    STOPPED_BY_BUDGET = "stopped_by_budget"
    FINISHED = "finished"


class RunOrigin(StrEnum):
    """Whether we ran the agent or somebody else did."""

    EXECUTED = "executed"
    IMPORTED = "imported"


class RunPurpose(StrEnum):
    """What a run was made for; `latest` means the newest that was made to evaluate."""

    EVALUATE = "evaluate"
    PROVE = "prove"  # one side of a case's proof


class PlannedCase(Record, frozen=True, kw_only=True):
    """What a run asked of one case; fixed when it starts, so that it can be resumed."""

    id: str
    digest: str
    repeats: int
    asked: str = ""  # digest of what the agent met, expectations aside; empty: not written then
    kind: Kind = Kind.CAPABILITY
    tier: str = "standard"
    graders: tuple[GraderSpec, ...] = ()
    tags: tuple[str, ...] = ()
    timeout_s: float | None = None  # None: the run's
    parent: str = ""  # id of the case that it is a messy variant of; empty: of none
    quarantine: Quarantine | None = None  # of a quarantined case: who looks after it, until when


class Budget(Record, frozen=True, kw_only=True):
    """Limits of a whole run; `None` is no limit."""

    cost_usd: float | None = None
    tokens: int | None = None
    time_s: float | None = None


class Run(RootRecord, frozen=True, kw_only=True):
    """The plan of a run, written before its first trial."""

    id: str
    suite: str
    target: str
    fingerprint: Fingerprint
    started_at: float  # seconds since 1970, UTC
    seed: int
    cases: tuple[PlannedCase, ...]
    origin: RunOrigin = RunOrigin.EXECUTED
    purpose: RunPurpose = RunPurpose.EVALUATE
    tiers: tuple[Tier, ...] = ()
    min_measured: float = 0.9
    concurrency: int = 8
    timeout_s: float = 60.0
    max_tries: int = 3
    budget: Budget = Budget()
    source: str | None = None  # file it was imported from, or folder of the suite
    settings: dict[str, Json] = {}
    retired: tuple[str, ...] = ()  # cases that the suite had taken out of service by then
    missing: tuple[str, ...] = ()  # cases that gated in earlier runs and had no file any more
    refused: dict[str, int] = {}  # file of an imported run → its records that were not taken
    uncalibrated: str = ""  # why judges that nobody calibrated gated then; empty: they did not

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.timeout_s < math.inf:  # JSON has no `inf`: it could not be read back
            raise InvalidRecord(f"a trial's time is finite and above 0, got {self.timeout_s}")

    @property
    def planned_trials(self) -> int:
        """Trials that a complete run holds."""
        return sum(case.repeats for case in self.cases)
