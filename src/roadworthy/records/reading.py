"""What one grader found on one trial: a grade, or that it could not look."""

from enum import StrEnum
from typing import TypeAlias

import msgspec

from roadworthy.base.codec import Json
from roadworthy.base.errors import InvalidRecord
from roadworthy.records.record import Record
from roadworthy.records.span import SpanId


class Cause(StrEnum):
    """Why nothing could be measured."""

    NO_TRACE = "no_trace"  # the trial left no spans to read
    INCOMPLETE_TRACE = "incomplete_trace"  # the path lacks something, so no absence is proved
    NO_OUTPUT = "no_output"  # the agent was stopped before it could answer
    TOO_LITTLE = "too_little"  # there is something, and it is not enough to tell
    NO_OUTCOME = "no_outcome"  # the source recorded no outcome
    DIVERGED = "diverged"  # the trial left its recording
    INFRASTRUCTURE = "infrastructure"  # our machinery or the machine failed
    GRADER_ERROR = "grader_error"  # the grader itself raised
    NO_END_STATE = "no_end_state"  # what the agent left behind could not be looked at
    NO_TRIGGER = "no_trigger"  # what the agent was to be seen handling did not happen
    JUDGE_UNREADABLE = "judge_unreadable"  # a judge answered, and not as it was asked to
    JUDGE_UNAVAILABLE = "judge_unavailable"  # no judge answered, or asking was past the budget
    CASE_CHANGED = "case_changed"  # the trial answered another question than the case asks now
    UNCALIBRATED = "uncalibrated"  # a judge of unknown error may be read, not gated by


class Grade(msgspec.Struct, frozen=True, kw_only=True, tag="grade", omit_defaults=True):
    """A grader looked at a trial and reached a conclusion."""

    passed: bool
    score: float  # 0.0 worst to 1.0 best
    why: str  # one sentence a reviewer can check against `evidence`
    evidence: tuple[SpanId, ...] = ()
    parts: dict[str, float] = {}  # named components of the score, each 0.0 to 1.0
    details: dict[str, Json] = {}  # for who looks closer: every breach, a judge's own words

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise InvalidRecord(f"score must lie within 0 and 1, got {self.score}")
        for part, value in self.parts.items():
            if not 0.0 <= value <= 1.0:
                raise InvalidRecord(f"part {part} must lie within 0 and 1, got {value}")


class Unmeasured(msgspec.Struct, frozen=True, kw_only=True, tag="unmeasured", omit_defaults=True):
    """The grader could not look. Counted on its own: neither a pass nor a failure."""

    cause: Cause
    why: str
    details: dict[str, Json] = {}  # for who looks closer, such as what could not be read


Reading: TypeAlias = Grade | Unmeasured  # take it apart with `match`


class TrialReading(Record, frozen=True, kw_only=True):
    """A reading with the grader it came from. One that is not `required` is only shown."""

    grader: str
    version: int
    reading: Reading
    required: bool = True
    options: str = ""  # digest of the grader's options; part of what makes readings comparable
    instrument: str = ""  # a judge's rubric, its version and models; empty: no judge was asked


def grader_identity(entry: TrialReading) -> str:
    """``name@version/options``, and for a judge ``+instrument``: equal for equal gradings."""
    judge = f"+{entry.instrument}" if entry.instrument else ""
    return f"{entry.grader}@{entry.version}/{entry.options}{judge}"


class TrialVerdict(StrEnum):
    """What the required readings of a trial add up to."""

    PASSED = "passed"
    FAILED = "failed"
    UNMEASURED = "unmeasured"


def trial_verdict(readings: tuple[TrialReading, ...]) -> TrialVerdict:
    """One failure fails; else one `Unmeasured` leaves it open; nothing required: unmeasured."""
    required = [entry.reading for entry in readings if entry.required]
    if any(isinstance(reading, Grade) and not reading.passed for reading in required):
        return TrialVerdict.FAILED
    if not required or any(isinstance(reading, Unmeasured) for reading in required):
        return TrialVerdict.UNMEASURED
    return TrialVerdict.PASSED
