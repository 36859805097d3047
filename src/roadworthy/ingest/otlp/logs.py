"""An ExportLogsServiceRequest: evaluations, and messages that were logged beside their span.

A log record may come before its span, after it, or without it ever coming. Messages therefore
become a small span of their own below the one that they belong to, with the model call's input
and output; `records.model_calls` reads the two as one call.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.base.ids import span_id
from roadworthy.ingest.otlp import json_form, protobuf
from roadworthy.ingest.otlp.evaluations import EVENT, evaluation
from roadworthy.ingest.otlp.grouping import explain, gather
from roadworthy.ingest.otlp.limits import MAX_SPANS
from roadworthy.ingest.otlp.traces import PROTOBUF, SOURCE, is_json
from roadworthy.ingest.otlp.wire_log import WireLog
from roadworthy.ingest.otlp.wire_span import Rejected, WireSpan, check_id
from roadworthy.ingest.vocabulary.dialect import Attributes
from roadworthy.ingest.vocabulary.message_events import holds_messages
from roadworthy.records import semconv
from roadworthy.records.evaluation import Evaluation
from roadworthy.records.record import Record
from roadworthy.records.span import SPAN_ID_DIGITS, TRACE_ID_DIGITS, SpanEvent
from roadworthy.records.trace import Trace

SPAN_NAME: Final = "logged messages"
_NAMES: Final = ("event.name", "name")


class DecodedLogs(Record, frozen=True, kw_only=True):
    """What a request says of traces. Records of other events are passed over: `ignored`."""

    evaluations: tuple[Evaluation, ...]
    parts: tuple[Trace, ...]
    ignored: int = 0
    rejected: int = 0
    why: str = ""


def decode_logs(body: bytes, content_type: str = PROTOBUF[0]) -> DecodedLogs:
    """Decode one request. Pure, and safe from several threads at once.

    Raises:
        MalformedOtlp: the body is not of the form that `content_type` names, or the form is
            unknown; nothing else is ever raised.
    """
    sent = json_form.read_logs(body) if is_json(content_type) else protobuf.read_logs(body)
    return _Reading().read(sent)


@dataclass(slots=True)
class _Reading:
    evaluations: list[Evaluation] = field(default_factory=list)
    messages: dict[tuple[str, str], list[WireLog]] = field(default_factory=dict)
    reasons: "Counter[str]" = field(default_factory=Counter)
    ignored: int = 0

    def read(self, sent: Iterable[WireLog | Rejected]) -> DecodedLogs:
        for number, log in enumerate(sent):
            if number >= MAX_SPANS:
                self.reasons[f"there are more than {MAX_SPANS} in one request"] += 1
                continue
            try:
                if isinstance(log, Rejected):
                    raise log
                self._take(log)
            except Rejected as why:
                self.reasons[str(why)] += 1
        spans = gather((_span(logs) for logs in self.messages.values()), source=SOURCE)
        return DecodedLogs(
            evaluations=tuple(self.evaluations),
            parts=spans.parts,
            ignored=self.ignored,
            rejected=self.reasons.total() + spans.rejected,
            why="; ".join(filter(None, (explain(self.reasons, "log record"), spans.why))),
        )

    def _take(self, log: WireLog) -> None:
        name = log.name or next(
            (str(log.attributes[key]) for key in _NAMES if key in log.attributes), ""
        )
        if name == EVENT:
            found = evaluation(
                {**_members(log.body), **log.attributes},
                trace=log.trace_id,
                span=log.span_id,
                at_ns=log.at_ns,
            )
            if found is None:
                raise Rejected("an evaluation without gen_ai.evaluation.name")
            self.evaluations.append(found)
        elif holds_messages(name):
            check_id(log.trace_id, TRACE_ID_DIGITS, "trace id")
            check_id(log.span_id, SPAN_ID_DIGITS, "span id")
            log.name = name
            self.messages.setdefault((log.trace_id, log.span_id), []).append(log)
        else:
            self.ignored += 1


def _span(logs: list[WireLog]) -> WireSpan:
    """A span for the messages of one span. Its id follows from them: sent twice, it is one."""
    logs.sort(key=lambda log: log.at_ns)
    first, last = logs[0], logs[-1]
    said = [f"{log.name}/{log.at_ns}" for log in logs]
    return WireSpan(
        trace_id=first.trace_id,
        span_id=span_id(first.trace_id, first.span_id, SPAN_NAME, *said),
        parent_id=first.span_id,
        name=SPAN_NAME,
        kind=1,
        start_ns=first.at_ns,
        end_ns=last.at_ns,
        attributes={semconv.OPERATION: semconv.CHAT, semconv.LOGGED_FOR: first.span_id},
        origin=first.origin,
        events=tuple(_event(log) for log in logs),
    )


def _event(log: WireLog) -> SpanEvent:
    content: Attributes = {**log.attributes}
    for name in _NAMES:
        content.pop(name, None)
    return SpanEvent(name=log.name, at_ns=log.at_ns, attributes={**content, **_members(log.body)})


def _members(body: Json) -> Attributes:
    if isinstance(body, dict):
        return body
    return {} if body is None else {"content": body}
