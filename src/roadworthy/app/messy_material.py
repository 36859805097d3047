"""What operators draw on: real conversations and tool replies of stored traces, other cases.

All of it goes through a redactor, for it is written into files that people commit.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from roadworthy.app.app import App
from roadworthy.base.codec import Json, encode
from roadworthy.ingest.redact import Redactor
from roadworthy.records.case import Kind
from roadworthy.records.trace import Trace
from roadworthy.suite.draft_notes import without_control
from roadworthy.suite.messy.variant import Exchange, Material, Operator, Other
from roadworthy.suite.mint import material as quotable
from roadworthy.suite.read_case import ReadCase

_FROM_TRACES: Final = frozenset({"long-history", "long-results", "competing-instructions"})
_MOST_TRACES: Final = 100  # read for material, the first imported first
_ENOUGH_EXCHANGES: Final = 400
_ENOUGH_CHARACTERS: Final = 200_000  # of replies
_LONGEST: Final = 8_000  # characters of a text that is taken


def gather_material(
    app: App, parent: ReadCase, cases: Sequence[ReadCase], operators: Sequence[Operator]
) -> Material:
    """What `operators` may need for variants of `parent`; traces are read only if they do.

    Traces are taken in the order of their import, so that those which come later change nothing
    once there are enough. The trace that the parent was minted from is left out.
    """
    conversations: list[tuple[Exchange, ...]] = []
    replies: list[str] = []
    if any(one.name in _FROM_TRACES for one in operators):
        own = parent.file.origin.trace if parent.file.origin else None
        conversations, replies = _from_traces(app, own)
    return Material(
        conversations=tuple(conversations),
        replies=tuple(replies),
        others=tuple(_others(parent, cases)),
    )


def _from_traces(app: App, own: str | None) -> tuple[list[tuple[Exchange, ...]], list[str]]:
    conversations: list[tuple[Exchange, ...]] = []
    replies: dict[str, None] = {}
    exchanges = characters = 0
    for trace_id in islice(app.store.traces.ids(), _MOST_TRACES):
        if trace_id == own:
            continue
        trace = app.store.traces.load(trace_id)
        redactor = Redactor()
        redactor.learn(quotable(trace))
        conversation = tuple(_exchanges(trace, redactor))
        if conversation:
            conversations.append(conversation)
            exchanges += len(conversation)
        for reply in _replies(trace, redactor):
            characters += 0 if reply in replies else len(reply)
            replies[reply] = None
        if exchanges >= _ENOUGH_EXCHANGES and characters >= _ENOUGH_CHARACTERS:
            break
    return conversations, [*replies]


def _exchanges(trace: Trace, redactor: Redactor) -> Iterator[Exchange]:
    """What the user said, each time with the first text that the agent answered."""
    asked = ""
    for message in trace.trajectory.messages[trace.trajectory.preamble :]:
        text = without_control(message.text)
        if not text or len(text) > _LONGEST:
            continue
        if message.role == "user":
            asked = text
        elif message.role == "assistant" and asked:
            yield Exchange(redactor.text(asked), redactor.text(text))
            asked = ""


def _replies(trace: Trace, redactor: Redactor) -> Iterator[str]:
    for call in trace.trajectory.agent_calls:
        if call.error is None and call.result not in (None, "", [], {}):
            text = _as_text(redactor.redact(call.result))
            if len(text) <= _LONGEST:
                yield text


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else encode(value).decode()


def _others(parent: ReadCase, cases: Sequence[ReadCase]) -> Iterator[Other]:
    """Cases with one message, whose tools can be replayed if the parent's are, and only then."""
    for case in cases:
        fields = case.document.value
        asked = _one_message(case.case.input)
        replayed = (case.case.recording is None) == (parent.case.recording is None)
        is_variant = case.file.parent is not None or case.case.id == parent.case.id
        if asked and replayed and not is_variant and case.case.kind is not Kind.RETIRED:
            assert isinstance(fields, dict)
            yield Other(asked=asked, fields=fields, recording=case.case.recording)


def _one_message(given: Json) -> str | None:
    match given:
        case str() as text:
            return text
        case [{"role": "user", "content": str() as text}]:
            return text
        case _:
            return None
