"""Numbers for what was said, equal for the same thing however often and however it is told.

Libraries tell a message again with small changes: calls as JSON text or as objects, without
the finish reason, without the thoughts, a tool's reply under another role, several parts of
one message as messages of their own. So it is parts that are compared, by what they say.
Numbering a message looks at it once per object; equal numbers are then compared instead.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

from roadworthy.base.codec import Json, canonical
from roadworthy.records.message import CALL, REPLY, Part, parsed_arguments, parts_of, reply_in

Key: TypeAlias = tuple[str, ...] | tuple[str, str, bytes] | tuple[str, bytes]

SYSTEM_ROLES: Final = frozenset({"system", "developer"})
_UNSPOKEN: Final = frozenset({"reasoning", "thinking"})


class SaidItems:
    """Gives numbers; keeps what it numbered, so that no other object takes its identity."""

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}
        self._seen: dict[int, tuple[Part, tuple[int, ...]]] = {}
        self.agents: set[int] = set()  # numbers of what an assistant said or called
        self.calls: set[int] = set()
        self.replies: set[int] = set()

    def of(self, message: Part) -> tuple[int, ...]:
        """The numbers of a message's parts in order; at least one."""
        seen = self._seen.get(id(message))
        if seen is None:
            keys = [key for part in parts_of(message) if (key := self._key(message, part))]
            numbers = tuple(map(self._number, keys or [("nothing", role_of(message))]))
            seen = self._seen[id(message)] = message, numbers
        return seen[1]

    def of_all(self, messages: Iterable[Part]) -> list[int]:
        """The numbers of several messages."""
        return [number for message in messages for number in self.of(message)]

    def is_counted(self, message: Part, part: Part) -> bool:
        """Whether this part of `message` has a number of its own."""
        return self._key(message, part) is not None

    def _number(self, key: Key) -> int:
        number = self._numbers.setdefault(key, len(self._numbers))
        if key[0] == CALL:
            self.calls.add(number)
        elif key[0] == REPLY:
            self.replies.add(number)
        if key[0] in (CALL, "assistant"):
            self.agents.add(number)
        return number

    def _key(self, message: Part, part: Part) -> Key | None:
        """What a part says; `None` for what is not told again: thoughts and empty texts."""
        kind = part.get("type")
        if kind == "text" and isinstance(text := part.get("content"), str):
            return (role_of(message), text.strip()) if text.strip() else None
        if kind in _UNSPOKEN:
            return None
        if kind == CALL:
            return CALL, str(part.get("name")), self._content(part.get("arguments") or {})
        if kind == REPLY:
            return REPLY, self._content(reply_in(part))
        return "other", self._content(part)

    def _content(self, value: Json) -> bytes:
        try:
            return canonical(parsed_arguments(value))
        except (ValueError, RecursionError):  # half a surrogate pair, endless nesting
            return b"\xff%d" % len(self._numbers)  # like nothing else


def tells_all(messages: Iterable[Part], others: Iterable[Part]) -> bool:
    """Whether `messages` say everything that `others` do."""
    said = SaidItems()
    return set(said.of_all(messages)).issuperset(said.of_all(others))


def role_of(message: Part) -> str:
    """The role of a raw message."""
    role = message.get("role")
    return role.lower() if isinstance(role, str) and role else "unknown"
