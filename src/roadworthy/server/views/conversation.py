"""A trace as a conversation: who said what, with tool calls where they were made.

Pure. Not here: reading messages and calls from spans (`records.trajectory`), and their order
(`records.told_path`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from roadworthy.base.codec import Json
from roadworthy.records.record import Record
from roadworthy.records.span import Span, SpanId
from roadworthy.records.told_path import ToldTurn, tell
from roadworthy.records.trace import Trace
from roadworthy.records.trajectory import ToolCall

STEPS_SHOWN: Final = 800
UNPLACED: Final = "unplaced"
"""Role of the turn that holds calls which no message mentions."""


class CallShown(Record, frozen=True, kw_only=True):
    """One call with what its span adds. `is_anchor`: links to the span lead here."""

    call: ToolCall
    is_anchor: bool
    duration_s: float | None = None


class Turn(Record, frozen=True, kw_only=True):
    """One message, or the calls that no message mentions (role `UNPLACED`)."""

    role: str
    speaker: str | None = None  # who of that role, where it is told
    text: str = ""
    calls: tuple[CallShown, ...] = ()
    parts: tuple[dict[str, Json], ...] = ()  # neither text nor a call that is shown elsewhere


class Conversation(Record, frozen=True, kw_only=True):
    """The turns that are shown, and how many texts, calls and other parts are not."""

    turns: tuple[Turn, ...]
    left_out: int = 0
    anchors: frozenset[SpanId] = frozenset()  # spans that have their place here


def read_conversation(trace: Trace, *, most: int = STEPS_SHOWN) -> Conversation:
    """Turns of `trace` in order, until `most` texts, calls and other parts are shown."""
    turns = [turn for turn in _Reading(trace).turns() if turn.text or turn.calls or turn.parts]
    shown = tuple(_first(turns, most))
    return Conversation(
        turns=shown,
        left_out=sum(map(_steps, turns)) - sum(map(_steps, shown)),
        anchors=frozenset(
            entry.call.span for turn in shown for entry in turn.calls if entry.is_anchor
        ),
    )


def _steps(turn: Turn) -> int:
    """What a turn counts: its text, its calls, its other parts."""
    return bool(turn.text) + len(turn.calls) + len(turn.parts)


def _first(turns: Iterable[Turn], most: int) -> Iterator[Turn]:
    """As many turns as hold `most` steps; the last one may lose some of its calls and parts."""
    room = most
    for turn in turns:
        if room <= 0:
            return
        calls = turn.calls[: max(room - bool(turn.text), 0)]
        parts = turn.parts[: max(room - bool(turn.text) - len(calls), 0)]
        kept = replace(turn, calls=calls, parts=parts)
        room -= _steps(kept)
        yield kept


class _Reading:
    """One pass over the turns of a trace that gives each span one anchor."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._spans: Mapping[SpanId, Span] = {span.id: span for span in trace.spans}
        self._anchored: set[SpanId] = set()

    def turns(self) -> Sequence[Turn]:
        return [self._turn(told) for told in tell(self._trace.trajectory)]

    def _turn(self, told: ToldTurn) -> Turn:
        message = told.message
        return Turn(
            role=UNPLACED if message is None else message.role,
            speaker=None if message is None else message.name,
            text="" if message is None else message.text,
            calls=tuple(map(self._shown, told.calls)),
            parts=told.parts,
        )

    def _shown(self, call: ToolCall) -> CallShown:
        is_anchor = call.span not in self._anchored
        self._anchored.add(call.span)
        span = self._spans.get(call.span)
        timed = self._trace.timed and span is not None and span.end_ns > span.start_ns
        return CallShown(
            call=call,
            is_anchor=is_anchor,
            duration_s=(span.end_ns - span.start_ns) / 1e9 if timed and span is not None else None,
        )
