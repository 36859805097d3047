"""Evaluation results (``gen_ai.evaluation.result``), on log records and on span events."""

import sys
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.ingest.otlp.wire_span import is_id
from roadworthy.ingest.vocabulary.dialect import Attributes
from roadworthy.records.evaluation import Evaluation
from roadworthy.records.span import SPAN_ID_DIGITS, TRACE_ID_DIGITS
from roadworthy.records.trace import Trace

EVENT: Final = "gen_ai.evaluation.result"
_NAME: Final = "gen_ai.evaluation.name"
_SCORE: Final = "gen_ai.evaluation.score.value"
_LABEL: Final = "gen_ai.evaluation.score.label"
_WHY: Final = "gen_ai.evaluation.explanation"
_RESPONSE: Final = "gen_ai.response.id"
_LARGEST: Final = sys.float_info.max
_READ: Final = frozenset({_NAME, _SCORE, _LABEL, _WHY, _RESPONSE, "event.name"})


def evaluation(
    attributes: Attributes, *, trace: str = "", span: str = "", at_ns: int = 0
) -> Evaluation | None:
    """The evaluation that `attributes` tell of; `None` without the name of a metric."""
    name = _text(attributes.get(_NAME))
    if name is None:
        return None
    return Evaluation(
        name=name,
        trace=trace if is_id(trace, TRACE_ID_DIGITS) else None,
        span=span if is_id(span, SPAN_ID_DIGITS) else None,
        response_id=_text(attributes.get(_RESPONSE)),
        score=_number(attributes.get(_SCORE)),
        label=_text(attributes.get(_LABEL)),
        explanation=_text(attributes.get(_WHY)),
        at_ns=at_ns,
        attributes={key: value for key, value in attributes.items() if key not in _READ},
    )


def evaluations_on(trace: Trace) -> list[Evaluation]:
    """Evaluations that were recorded as events of the spans of `trace`."""
    found = (
        evaluation(event.attributes, trace=trace.id, span=span.id, at_ns=event.at_ns)
        for span in trace.spans
        for event in span.events
        if event.name == EVENT
    )
    return [item for item in found if item is not None]


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Json) -> float | None:
    """A score; what is past the range of a float is none."""
    return float(value) if isinstance(value, int | float) and abs(value) <= _LARGEST else None
