"""Inspect evaluation logs, ``.eval`` (a zip of samples) and ``.json``: one trace per sample.

A sample is a case and its epochs are repeats, so a log imports as a run. The first scorer's
value is the outcome, which is how Inspect itself names the score of a sample; all scores are
kept. A sample that an error halted has no outcome.

Not here: reading the two containers (`inspect_log_file`), what a score means
(`inspect_log_score`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

import msgspec

from roadworthy.base.codec import Json, canonical
from roadworthy.base.ids import hex_digest
from roadworthy.ingest import trace_attributes as names
from roadworthy.ingest.chat import Chat, chat_spans
from roadworthy.ingest.head import read_head
from roadworthy.ingest.importer import Imported, Item
from roadworthy.ingest.inspect_log_attachments import Attachments
from roadworthy.ingest.inspect_log_file import HEADERS, ZIP_MAGIC, Found, inspect_records
from roadworthy.ingest.inspect_log_score import WireScore, outcome_of, scores_kept
from roadworthy.ingest.moment import moment_ns
from roadworthy.ingest.source import UNREADABLE, SourceError, bad_record, fit
from roadworthy.ingest.turn import Call, Turn, WireUsage
from roadworthy.records.trace import Trace
from roadworthy.records.usage import Usage, total_usage

_STOPS: Final = {
    "context": "context_length",
    "cost": "budget",
    "message": "max_turns",
    "time": "timeout",
    "token": "max_tokens",
    "working": "timeout",
}
"""Inspect's limits in the words for stops that are used elsewhere."""
_LAST_EPOCH: Final = 1_000_000
MOST_STEPS: Final = 100_000
"""Messages and tool calls of one sample; the longest honest ones have some thousands."""


class _Spec(msgspec.Struct, frozen=True):
    task: str = ""
    model: str | None = None
    run_id: str = ""
    eval_id: str = ""


class _ToolCall(msgspec.Struct, frozen=True):
    function: str
    id: str | None = None
    arguments: Json = None


class _ToolError(msgspec.Struct, frozen=True):
    type: str = "unknown"
    message: str = ""


class _Message(msgspec.Struct, frozen=True):
    role: str
    content: Json = None
    source: str | None = None
    model: str | None = None
    tool_calls: list[_ToolCall] | None = None
    tool_call_id: str | None = None
    function: str | None = None
    error: _ToolError | None = None


class _Choice(msgspec.Struct, frozen=True):
    stop_reason: str | None = None


class _Output(msgspec.Struct, frozen=True):
    choices: list[_Choice] = []


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_cost: float | None = None


class _Error(msgspec.Struct, frozen=True):
    message: str = "error"


class _Limit(msgspec.Struct, frozen=True):
    type: str


class _Sample(msgspec.Struct, frozen=True):
    id: int | str
    epoch: int = 1
    input: Json = None
    target: str | list[str] | None = None
    messages: list[_Message] = []
    output: _Output = _Output()
    scores: dict[str, WireScore] | None = None
    score: WireScore | None = None  # before a sample had several
    metadata: dict[str, Json] | None = None
    model_usage: dict[str, _Usage] | None = None
    uuid: str | None = None
    started_at: str | None = None
    error: _Error | None = None
    invalidation: Json = None
    limit: _Limit | None = None
    attachments: dict[str, str] | None = None


class InspectLog:
    """Imports logs of Inspect evaluations."""

    name: ClassVar[str] = "inspect"
    about: ClassVar[str] = "Inspect evaluation logs: .eval, or .json with `eval` and `samples`"

    def recognises(self, head: bytes, path: Path) -> bool:
        """A zip that begins with Inspect's own files, or an object with `eval` and its status."""
        if head.startswith(ZIP_MAGIC):
            return any(name.encode() in head for name in HEADERS) or path.suffix == ".eval"
        return {"version", "eval"} <= read_head(head).keys

    def read(self, stream: BinaryIO) -> Iterator[Item]:
        """Read the samples one by one."""
        spec = _Spec()
        for found in inspect_records(stream):
            try:
                if found.fault is not None:
                    raise found.fault
                if found.is_header:
                    spec = fit(found.value, _Spec)
                else:
                    yield _imported(found, spec)
            except UNREADABLE as error:
                bad = bad_record(found.position, error)
                yield msgspec.structs.replace(bad, hint=found.hint)


def _imported(found: Found, spec: _Spec) -> Imported:
    sample = fit(found.value, _Sample)
    if not 1 <= sample.epoch <= _LAST_EPOCH:
        raise SourceError("counts from 1", field="epoch")
    if _steps(sample) > MOST_STEPS:
        raise SourceError(f"holds more than {MOST_STEPS} messages and calls", field="messages")
    attachments = Attachments(sample.attachments or {})
    identity = canonical([spec.run_id, spec.eval_id, sample])
    trace_id = hex_digest(identity)
    chat = Chat(
        trace_id=trace_id,
        turns=tuple(_turn(message, attachments) for message in sample.messages),
        model=spec.model,
        usage=_usage(sample),
    )
    trace = Trace(
        id=trace_id,
        spans=chat_spans(chat),
        source=InspectLog.name,
        name=" ".join(filter(None, (spec.task, f"sample {sample.id}"))),
        version=spec.model,
        timed=False,
        stop=_stop(sample),
        outcome=None if sample.error or sample.invalidation else outcome_of(_scores(sample)),
        attributes=_attributes(sample, spec, attachments),
    )
    return Imported(
        trace=trace, position=found.position, case=str(sample.id), repeat=sample.epoch - 1
    )


def _steps(sample: _Sample) -> int:
    return sum(1 + len(message.tool_calls or ()) for message in sample.messages)


def _turn(message: _Message, attachments: Attachments) -> Turn:
    is_reply = message.role == "tool"
    content = _content(message.content, attachments)
    return Turn(
        role=message.role,
        content=content,
        calls=tuple(
            Call(tool=call.function or "unnamed", arguments=call.arguments, id=call.id or None)
            for call in message.tool_calls or ()
        ),
        is_reply=is_reply,
        reply_to=message.tool_call_id if is_reply else None,
        tool=message.function if is_reply else None,
        error=f"{message.error.type}: {message.error.message}" if message.error else None,
        model=message.model,
        is_scripted=message.role == "assistant" and message.source == "input",
    )


def _content(content: Json, attachments: Attachments) -> Json:
    """Content with what was kept aside put back, and reasoning in the form of a GenAI part."""
    if isinstance(content, str):
        return attachments.put_back(content)
    if not isinstance(content, list):
        if content is None:
            return None
        raise SourceError("expected text or a list of parts", field="messages.content")
    return [_part(part, attachments) for part in content if isinstance(part, dict | str)]


def _part(part: Json, attachments: Attachments) -> Json:
    if not isinstance(part, dict):
        return attachments.put_back(part) if isinstance(part, str) else part
    whole = {
        name: attachments.put_back(value) if isinstance(value, str) else value
        for name, value in part.items()
    }
    if whole.get("type") == "reasoning":
        return {"type": "reasoning", "content": whole.get("reasoning")}
    return whole


def _scores(sample: _Sample) -> dict[str, WireScore]:
    if sample.scores is None and sample.score is not None:
        return {"score": sample.score}
    return sample.scores or {}


def _usage(sample: _Sample) -> Usage:
    return total_usage(
        WireUsage(input_tokens=used.input_tokens, output_tokens=used.output_tokens).usage(
            used.total_cost
        )
        for used in (sample.model_usage or {}).values()
    )


def _stop(sample: _Sample) -> str | None:
    """What halted the sample, or else why the last answer ended."""
    if sample.error is not None:
        return "error"
    if sample.limit is not None:
        return _STOPS.get(sample.limit.type, sample.limit.type)
    return sample.output.choices[0].stop_reason if sample.output.choices else None


def _attributes(sample: _Sample, spec: _Spec, attachments: Attachments) -> dict[str, Json]:
    targets = [sample.target] if isinstance(sample.target, str) else sample.target or []
    expected: list[Json] = [target for target in targets if target]
    started_ns = moment_ns(sample.started_at or None, field="started_at")
    return names.known(
        {
            names.TASK_ID: sample.id,
            names.TRIAL: sample.epoch - 1,
            names.DOMAIN: spec.task,
            names.USER_INSTRUCTION: _asked(sample, attachments),
            names.EXPECTED_TEXTS: expected or None,
            names.SOURCE_ID: sample.uuid,
            names.SOURCE_ERROR: sample.error.message if sample.error else None,
            names.STARTED_AT: None if started_ns is None else started_ns / 1e9,
            names.METADATA: sample.metadata,
            "inspect.scores": scores_kept(_scores(sample)),
            "inspect.run_id": spec.run_id,
        }
    )


def _asked(sample: _Sample, attachments: Attachments) -> Json:
    """The task as text, where it is one."""
    if isinstance(sample.input, str):
        return attachments.put_back(sample.input)
    return sample.input
