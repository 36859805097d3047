"""One message of a conversation, and reading messages out of a span's attributes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, TypeGuard

import msgspec

from roadworthy.base.codec import Json
from roadworthy.records.record import Record
from roadworthy.records.span import Span

Part: TypeAlias = dict[str, Json]

CALL = "tool_call"
REPLY = "tool_call_response"


class Message(Record, frozen=True, kw_only=True):
    """One message of the conversation, as GenAI parts (``text``, ``tool_call``, …)."""

    role: str
    parts: tuple[Part, ...]
    name: str | None = None  # who spoke, where several share a role

    @property
    def text(self) -> str:
        """The text parts, joined by line breaks; empty when the message only calls tools."""
        texts = [part.get("content") for part in self.parts if part.get("type") == "text"]
        return "\n".join(text for text in texts if isinstance(text, str))


def as_messages(raw: Iterable[Part]) -> Iterator[Message]:
    """Raw messages as messages, with those of their parts that are objects."""
    for item in raw:
        role, name = item.get("role"), item.get("name")
        yield Message(
            role=role if isinstance(role, str) and role else "unknown",
            parts=tuple(parts_of(item)),
            name=name if isinstance(name, str) and name else None,
        )


def parts_of(message: Part) -> Sequence[Part]:
    """The parts of a raw message that are objects."""
    parts = message.get("parts")
    return [part for part in parts if isinstance(part, dict)] if _is_list(parts) else []


def raw_messages(span: Span, name: str) -> list[Part]:
    """The messages that `span` has under `name`, also where they are JSON text."""
    value = span.attributes.get(name)
    if isinstance(value, str):
        value = parsed_arguments(value)
    return [item for item in value if isinstance(item, dict)] if _is_list(value) else []


def parsed_arguments(value: Json) -> Json:
    """Arguments as JSON: a string that holds a JSON object or array is parsed, others are kept."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            parsed: Json = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return value
        return parsed
    return value


def reply_in(part: Part) -> Json:
    """What came back, of a part that is a tool's reply."""
    return part.get("response", part.get("result"))


def id_in(part: Part) -> str | None:
    """The call's id in a part that makes or answers a call."""
    call_id = part.get("id")
    return call_id if isinstance(call_id, str) and call_id else None


def _is_list(value: Json) -> TypeGuard[list[Json]]:
    return isinstance(value, list)
