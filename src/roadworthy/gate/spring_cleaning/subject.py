"""What spring cleaning is told of a case apart from its runs, and what it may ask of a suite."""

from roadworthy.base.errors import BadRequest
from roadworthy.records.case import Kind
from roadworthy.records.evidence import RunEvidence
from roadworthy.records.record import Record


class Subject(Record, frozen=True, kw_only=True):
    """A case as it stands today. Times are seconds since 1970, UTC; `None` is unknown."""

    case: str
    digest: str  # trials of another digest asked something else and do not count
    kind: Kind = Kind.REGRESSION
    tier: str = "standard"
    repeats: int = 1  # trials per run
    text: str = ""  # what the agent is asked
    expects: str = ""  # equal where two cases expect the same in the same world
    tools: tuple[str, ...] = ()  # that it expects to be called or holds replies of
    changed_at: float | None = None  # drafted, proved or moved to another kind, the latest
    recorded_at: float | None = None  # when its recording was made; None: none, or unknown
    recorded: bool = False  # whether it has a recording
    variant_of: str | None = None  # the case that it was made from


class DatedRun(Record, frozen=True, kw_only=True):
    """What a run measured, with when, and of which version of what."""

    evidence: RunEvidence
    started_at: float  # seconds since 1970, UTC
    digest: str  # of the version's fingerprint
    target: str = ""  # versions of one target follow one another; imported runs have none


class CleaningPolicy(Record, frozen=True, kw_only=True):
    """What counts as saturated, stale, alike or costly.

    Raises:
        BadRequest: a value out of its range.
    """

    level: float = 0.95  # of every bound; one-sided
    saturated_rate: float = 0.05  # highest failure rate that a saturated case may still have
    min_versions: int = 3  # that must have measured a case before it is called anything
    stale_days: float = 180.0
    alike_q: float = 0.05  # share of false finds among pairs called redundant
    near_duplicate: float = 0.95  # similarity of inputs, 0 to 1
    costly_times: float = 4.0  # of the median case
    costly_share: float = 0.05  # of the run
    least_traces: int = 20  # recent ones with tool calls, before a tool is called gone

    def __post_init__(self) -> None:
        shares = (self.level, self.saturated_rate, self.alike_q, self.near_duplicate)
        if not all(0.0 < share < 1.0 for share in (*shares, self.costly_share)):
            raise BadRequest("levels, rates and shares lie strictly between 0 and 1")
        if self.min_versions < 1 or self.stale_days <= 0 or self.costly_times <= 1:
            raise BadRequest(
                "versions are at least 1, days above 0, and costly is more than 1 times the median"
            )

    @property
    def stale_s(self) -> float:
        """`stale_days` in seconds."""
        return self.stale_days * 86_400
