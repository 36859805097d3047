"""Who&When: failed conversations of several agents, with the agent and step that people blame.

Every message keeps its place, so that step n is message n of the transcript, and its speaker's
name. The roles in the files are those that one agent saw; here they say what a message is: the
first one sets the task (``user``), the terminal's are replies (``tool``), all others are an
agent's (``assistant``). Each conversation failed; that is what the collection is of.
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
from roadworthy.ingest.json_records import json_records
from roadworthy.ingest.source import SourceError, fit, read_each
from roadworthy.ingest.turn import Turn
from roadworthy.records.trace import Trace, TraceOutcome

MISTAKE_AGENT: Final = "roadworthy.mistake_agent"
MISTAKE_STEP: Final = "roadworthy.mistake_step"
"""Index of the decisive message, counted from 0."""
MISTAKE_REASON: Final = "roadworthy.mistake_reason"
LEVEL: Final = "roadworthy.difficulty"
_SOURCE: Final = "Who&When annotators"
_TERMINALS: Final = ("computer_terminal", "computerterminal")
_MARKS: Final = frozenset({"mistake_agent", "mistake_step", "question_ID", "ground_truth"})
_MOST_DIGITS: Final = 9


class _Message(msgspec.Struct, frozen=True):
    role: str
    content: str | None = None
    name: str | None = None


class _Record(msgspec.Struct, frozen=True):
    """What every file has; `is_correct` and others vary from file to file."""

    history: list[_Message]
    mistake_agent: str | None = None
    mistake_step: str | int | None = None
    mistake_reason: str | None = None
    question: str | None = None
    question_ID: str | None = None  # noqa: N815 - their name
    ground_truth: Json = None
    level: Json = None
    is_correct: bool | None = None


class WhoAndWhen:
    """Imports conversations from the Who&When collection."""

    name: ClassVar[str] = "who-and-when"
    about: ClassVar[str] = "Who&When conversations: `history` with `mistake_agent`"

    def recognises(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name says nothing
        """A history beside the label, the question or its answer."""
        keys = read_head(head).keys
        return "history" in keys and bool(keys & _MARKS)

    def read(self, stream: BinaryIO) -> Iterator[Item]:
        """Read one conversation, a list of them, or one per line."""
        return read_each(json_records(stream), _imported)


def _imported(value: Json, position: str) -> Imported:
    record = fit(value, _Record)
    trace_id = hex_digest(canonical(value))
    turns = tuple(_turn(message, index) for index, message in enumerate(record.history))
    trace = Trace(
        id=trace_id,
        spans=chat_spans(Chat(trace_id=trace_id, turns=turns)),
        source=WhoAndWhen.name,
        name=f"question {record.question_ID}" if record.question_ID else "",
        timed=False,
        outcome=TraceOutcome(success=bool(record.is_correct), source=_SOURCE),
        attributes=_attributes(record),
    )
    return Imported(trace=trace, position=position, case=record.question_ID)


def _turn(message: _Message, index: int) -> Turn:
    speaker = message.name or message.role
    is_reply = speaker.lower() in _TERMINALS and index > 0
    role = "user" if index == 0 else "tool" if is_reply else "assistant"
    return Turn(
        role=role,
        name=speaker,
        content=message.content,
        is_reply=is_reply,
        reply_to="" if is_reply else None,  # the code that it ran stands in words, in no call
    )


def _attributes(record: _Record) -> dict[str, Json]:
    answers: list[Json] = [] if record.ground_truth is None else [record.ground_truth]
    return names.known(
        {
            names.TASK_ID: record.question_ID,
            names.USER_INSTRUCTION: record.question,
            names.EXPECTED_TEXTS: answers or None,
            LEVEL: record.level,
            MISTAKE_AGENT: record.mistake_agent,
            MISTAKE_STEP: _step(record.mistake_step, len(record.history)),
            MISTAKE_REASON: record.mistake_reason,
        }
    )


def _step(given: str | int | None, messages: int) -> int | None:
    """The step as a number; one that names no message is a slip in the record."""
    if given is None:
        return None
    text = str(given).strip()
    if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS:
        raise SourceError("is not a number from 0", field="mistake_step")
    if int(text) >= messages:
        raise SourceError("lies past the last message", field="mistake_step")
    return int(text)
