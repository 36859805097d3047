"""What every store asks of a trace, trial or judgement before it takes it in."""

import msgspec

from roadworthy.base.errors import InvalidRecord
from roadworthy.records.judgement import Judgement, Unread
from roadworthy.records.trace import Trace
from roadworthy.records.trial import Trial


def check_span_ids(trace: Trace) -> None:
    """See that each span of `trace` can be told from the others.

    Raises:
        InvalidRecord: two spans have the same id.
    """
    if len({span.id for span in trace.spans}) < len(trace.spans):
        raise InvalidRecord(
            f"trace {trace.id} holds two spans of the same id",
            hint="span ids are unique within a trace; the importer must tell them apart",
        )


def without_trace(trial: Trial) -> Trial:
    """The trial as it is kept: its trace goes its own way, under `trace_id`.

    Raises:
        InvalidRecord: the trial names one trace and brings another.
    """
    if trial.trace is None:
        return trial
    if trial.trace_id not in (None, trial.trace.id):
        raise InvalidRecord(
            f"trial {trial.repeat} of case {trial.case!r} names trace {trial.trace_id} "
            f"and brings {trial.trace.id}"
        )
    return msgspec.structs.replace(trial, trace=None, trace_id=trial.trace.id)


def can_be_used_again(judgement: Judgement) -> bool:
    """Whether asking the same once more is spared; a refusal or an outage may pass."""
    return judgement.unread in (None, Unread.UNREADABLE)
