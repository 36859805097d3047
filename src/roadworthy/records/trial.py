"""One attempt of an agent at a case, and how it ended."""

from enum import StrEnum
from math import isfinite

from roadworthy.base.codec import Json
from roadworthy.base.errors import InvalidRecord
from roadworthy.records.record import Record, RootRecord
from roadworthy.records.span import TraceId
from roadworthy.records.trace import Trace
from roadworthy.records.usage import Usage


class Ending(StrEnum):
    """How an attempt ended. Only the last two are not the agent's doing."""

    COMPLETED = "completed"
    AGENT_ERROR = "agent_error"  # it raised, or left with an error code
    TIMEOUT = "timeout"  # it did not finish within its deadline
    INFRASTRUCTURE = "infrastructure"  # our machinery or the machine failed
    DIVERGED = "diverged"  # it made a call that its recording does not hold


class Divergence(Record, frozen=True, kw_only=True):
    """A tool call that the recording could not answer."""

    step: int  # 1-based position among the trial's tool calls
    tool: str
    arguments: Json
    why: str


class Observation(Record, frozen=True, kw_only=True):
    """What one look at the world after a trial found: a query, a file, a request, a check.

    `error` is set when it could not look; then `value` says nothing.
    """

    name: str
    value: Json = None
    error: str | None = None


class Attempt(Record, frozen=True, kw_only=True):
    """What a driver brings back from the agent, before any grading."""

    ending: Ending
    output: Json = None
    stop: str | None = None  # the agent's own word for why it stopped
    error: str | None = None  # one line; the whole is in `log`
    log: str | None = None  # end of stderr or traceback, size-limited
    usage: Usage = Usage()
    trace: Trace | None = None  # None: the agent left no spans, nothing is known of its path
    tools_known: bool = False  # its tools report themselves, so that no call means no call


class Trial(RootRecord, frozen=True, kw_only=True):
    """An attempt with its place in a run. `trace` is stored apart, under `trace_id`."""

    run: str
    case: str
    case_digest: str
    repeat: int  # 0-based
    ending: Ending
    started_at: float | None  # seconds since 1970, UTC; None: not recorded
    duration_s: float | None  # None: not recorded
    output: Json = None
    stop: str | None = None
    error: str | None = None
    log: str | None = None
    usage: Usage = Usage()
    tool_calls: int | None = None  # the agent's; None: no trace
    tool_errors: int | None = None
    divergences: tuple[Divergence, ...] = ()
    tries: int = 1  # more than one after infrastructure failures
    end_state: tuple[Observation, ...] = ()  # what the agent left behind, looked at right after
    trace_id: TraceId | None = None
    trace: Trace | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.repeat < 0:
            raise InvalidRecord(f"repeat counts from 0, got {self.repeat}")
        for number in (self.started_at, self.duration_s, self.usage.cost_usd):
            if number is not None and not isfinite(number):
                raise InvalidRecord(f"times and costs are finite numbers, got {number}")
