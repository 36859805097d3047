"""Our own open form: one chat with its outcome per line of JSON (docs/formats/generic-jsonl.md)."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

import msgspec

from roadworthy.base.codec import Json, canonical
from roadworthy.base.ids import hex_digest
from roadworthy.ingest import trace_attributes as names
from roadworthy.ingest.chat import Chat, chat_spans
from roadworthy.ingest.importer import Imported, Item
from roadworthy.ingest.lines import json_lines
from roadworthy.ingest.moment import moment_ns
from roadworthy.ingest.openai_chat import ONLY_OPENAI
from roadworthy.ingest.source import Repeat, SourceError, decode_json, fit, read_each
from roadworthy.ingest.turn import WireMessage, WireUsage, read_turn
from roadworthy.records.trace import Trace, TraceOutcome

_SUFFIXES: Final = (".jsonl", ".ndjson")
_LINES_LOOKED_AT: Final = 20


class _Outcome(msgspec.Struct, frozen=True):
    success: bool | None = None
    score: float | None = None
    source: str = "source file"


class _Line(msgspec.Struct, frozen=True):
    messages: list[WireMessage]
    id: str | int | None = None
    case: str | int | None = None
    repeat: Repeat | None = None
    name: str = ""
    session: str | None = None
    version: str | None = None
    model: str | None = None
    started_at: str | float | None = None
    ended_at: str | float | None = None
    usage: WireUsage = WireUsage()
    cost_usd: float | None = None
    outcome: _Outcome | None = None
    stop: str | None = None
    metadata: dict[str, Json] = {}


class GenericJsonl:
    """Imports the documented JSONL form."""

    name: ClassVar[str] = "generic-jsonl"
    about: ClassVar[str] = "JSON Lines, one chat per line: an object with `messages`"

    def recognises(self, head: bytes, path: Path) -> bool:
        """Some line near the beginning is an object with a list of ``messages``."""
        lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        whole, rest = lines[:_LINES_LOOKED_AT], lines[-1]
        if any(_is_chat(line) for line in whole):
            return True
        is_long = len(lines) == 1 and rest.lstrip()[:1] == b"{" and b'"messages"' in rest
        return is_long and path.name.removesuffix(".gz").endswith(_SUFFIXES)

    def read(self, stream: BinaryIO) -> Iterator[Item]:
        """Read the lines one by one; blank lines are passed over."""
        lines = ((f"line {number}", value) for number, value in json_lines(stream))
        return read_each(lines, _imported)


def _is_chat(line: bytes) -> bool:
    try:
        value = decode_json(line)
    except SourceError:
        return False
    if not isinstance(value, dict) or not isinstance(value.get("messages"), list):
        return False
    return not value.keys() & ONLY_OPENAI


def _imported(record: Json, position: str) -> Imported:
    line = fit(record, _Line)
    return Imported(
        trace=_trace(line, hex_digest(canonical(record))),
        position=position,
        case=None if line.case is None else str(line.case),
        repeat=line.repeat,
    )


def _trace(line: _Line, trace_id: str) -> Trace:
    started_ns = moment_ns(line.started_at, field="started_at")
    turns = tuple(
        read_turn(message, field=f"messages[{index}]")
        for index, message in enumerate(line.messages)
    )
    chat = Chat(
        trace_id=trace_id,
        turns=turns,
        model=line.model,
        session=line.session,
        started_ns=started_ns,
        ended_ns=moment_ns(line.ended_at, field="ended_at"),
        usage=line.usage.usage(line.cost_usd),
    )
    return Trace(
        id=trace_id,
        spans=chat_spans(chat),
        source=GenericJsonl.name,
        name=line.name,
        session=line.session,
        version=line.version or line.model,
        timed=chat.is_timed,
        stop=line.stop,
        outcome=_outcome(line.outcome),
        attributes=_attributes(line, None if chat.is_timed else started_ns),
    )


def _outcome(said: _Outcome | None) -> TraceOutcome | None:
    if said is None:
        return None
    return TraceOutcome(success=said.success, score=said.score, source=said.source)


def _attributes(line: _Line, started_ns: int | None) -> dict[str, Json]:
    return names.known(
        {
            names.SOURCE_ID: line.id,
            names.STARTED_AT: None if started_ns is None else started_ns / 1e9,
            names.TASK_ID: line.case,
            names.TRIAL: line.repeat,
            names.METADATA: line.metadata,
        }
    )
