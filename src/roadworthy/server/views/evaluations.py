"""What others judged of a trace: evaluations sent beside it, and those on its spans.

Pure. Not here: taking them in (`app.ingest_spans`, `ingest.otlp.evaluations`).
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from roadworthy.app.ingest_spans import EVALUATION
from roadworthy.base.codec import Json
from roadworthy.ingest.otlp.evaluations import evaluations_on
from roadworthy.records.evaluation import Evaluation
from roadworthy.records.record import Record
from roadworthy.records.trace import Trace

SHOWN: Final = 50


class Judged(Record, frozen=True, kw_only=True):
    """The evaluations that are shown, oldest first, and how many are not.

    `rest` are the trace's attributes that hold no evaluation.
    """

    shown: tuple[Evaluation, ...]
    total: int
    rest: dict[str, Json]


def read_evaluations(trace: Trace, *, most: int = SHOWN) -> Judged:
    """The evaluations of `trace`; what only looks like one stays among the attributes."""
    beside = dict(_beside(trace))
    found = sorted([*beside.values(), *evaluations_on(trace)], key=lambda one: one.at_ns)
    rest = {name: value for name, value in trace.attributes.items() if name not in beside}
    return Judged(shown=tuple(found[:most]), total=len(found), rest=rest)


def _beside(trace: Trace) -> Iterator[tuple[str, Evaluation]]:
    for name, value in trace.attributes.items():
        if name.startswith(f"{EVALUATION}."):
            try:
                yield name, msgspec.convert(value, Evaluation)
            except msgspec.ValidationError:
                continue
