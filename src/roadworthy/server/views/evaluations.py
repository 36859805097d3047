"""What others judged of a trace: evaluations sent beside it, and those on its spans.

Pure. Not here: finding them in a trace (`app.trace_notes`).
"""

from typing import Final

from roadworthy.app.trace_notes import evaluations_beside, evaluations_of
from roadworthy.base.codec import Json
from roadworthy.ingest.incoming_redaction import REDACTED
from roadworthy.records.evaluation import Evaluation
from roadworthy.records.record import Record
from roadworthy.records.span import SpanId
from roadworthy.records.trace import Trace

SHOWN: Final = 50


class Judged(Record, frozen=True, kw_only=True):
    """The evaluations that are shown, oldest first, and how many are not.

    `rest` are the trace's attributes that are not shown elsewhere on its page.
    """

    shown: tuple[Evaluation, ...]
    total: int
    rest: dict[str, Json]


def read_evaluations(trace: Trace, *, span: SpanId | None = None, most: int = SHOWN) -> Judged:
    """The evaluations of `trace`, with `span` only those of that span.

    What only looks like an evaluation stays among the attributes.
    """
    told = {*evaluations_beside(trace), REDACTED}
    found = [one for one in evaluations_of(trace) if span is None or one.span == span]
    rest = {name: value for name, value in trace.attributes.items() if name not in told}
    return Judged(shown=tuple(found[:most]), total=len(found), rest=rest)
