"""What decisions rest on: stored counts per case, never averages of averages."""

from roadworthy.records.case import Kind, Tier
from roadworthy.records.quarantine import Quarantine
from roadworthy.records.record import Record


class CaseEvidence(Record, frozen=True, kw_only=True):
    """What one run measured on one case.

    `scores` and the other series hold one number per trial that had one, in order of repeats.
    """

    case: str
    digest: str
    asked: str = ""  # digest of what the agent met, expectations aside; empty: unknown
    kind: Kind = Kind.CAPABILITY
    tier: str = "standard"
    quarantine: Quarantine | None = None  # of a quarantined case: who looks after it, until when
    planned: int = 0
    passed: int = 0
    failed: int = 0
    unmeasured: int = 0  # includes agent trials that could not be graded
    infrastructure: int = 0  # those of `unmeasured` that were our machinery's fault
    untrusted_passed: int = 0  # those of `unmeasured` that passed by a judge that may not gate
    untrusted_failed: int = 0  # and those that failed by one alone
    graders: tuple[str, ...] = ()  # "name@version/options" of the required graders
    stops: dict[str, int] = {}  # reason → trials
    durations_s: tuple[float, ...] = ()
    costs_usd: tuple[float, ...] = ()
    tool_calls: tuple[int, ...] = ()
    tool_errors: int = 0
    scores: dict[str, tuple[float, ...]] = {}  # score part → one value per trial

    @property
    def measured(self) -> int:
        """Trials with a verdict."""
        return self.passed + self.failed


class RunEvidence(Record, frozen=True, kw_only=True):
    """All that a decision may know of one run."""

    run: str
    suite: str
    version: str
    cases: tuple[CaseEvidence, ...]
    tiers: tuple[Tier, ...] = ()
    min_measured: float = 0.9
    finished: bool = True
    imported: bool = False
    seed: int = 0
    retired: tuple[str, ...] = ()  # cases that its suite had taken out of service by then
    missing: tuple[str, ...] = ()  # cases that gated in earlier runs and had no file any more
    refused: int = 0  # records of an imported run that were not taken
    grading: int = 0  # number of the grading that was counted; 0 was made as the run went
    graded_at: float = 0.0  # when its graders were chosen, seconds since 1970, UTC; 0: unknown
    graded_from: str = ""  # folder of the suite that they came from
    unpriced: bool = False  # it has a budget, and no trial said what it used
    judges: dict[str, str] = {}  # instrument of a judge → `Standing` here; empty: never calibrated
    uncalibrated: str = ""  # why the suite lets judges gate that are not calibrated
