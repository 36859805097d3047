"""Which tool call each part of the messages tells of, by ids where both have them.

Tool spans and messages come from different hands. Ids lack on one side or differ, so what is
left after the ids is matched by tool and arguments, then by tool alone, each from the last to
the first: a conversation may begin with turns whose calls are not in the trace.
"""

from collections import defaultdict, deque
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from roadworthy.base.codec import Json, canonical
from roadworthy.records.message import CALL, REPLY, Message, Part, id_in, parsed_arguments
from roadworthy.records.tool_call import ToolCall

PartPlace: TypeAlias = tuple[int, int]
"""Of a message, and of the part within it."""


class CallPlaces(NamedTuple):
    """For parts that make or answer a call, the index of that call."""

    made: Mapping[PartPlace, int]
    answered: Mapping[PartPlace, int]


def place_calls(messages: Sequence[Message], calls: Sequence[ToolCall]) -> CallPlaces:
    """Match the parts of `messages` with `calls`, each call with one part that makes it."""
    parts = [
        ((m, p), part)
        for m, message in enumerate(messages)
        for p, part in enumerate(message.parts)
        if part.get("type") in (CALL, REPLY)
    ]
    made = _Made([(place, part) for place, part in parts if part.get("type") == CALL], calls)
    return CallPlaces(made.found, _answered(parts, made.found, calls))


class _Made:
    """Parts that make a call, and the calls that are left for them."""

    def __init__(self, parts: Sequence[tuple[PartPlace, Part]], calls: Sequence[ToolCall]) -> None:
        self.found: dict[PartPlace, int] = {}
        self._parts = parts
        self._calls = calls
        self._free = set(range(len(calls)))
        self._match(
            [(place, id_in(part)) for place, part in parts],
            [call.call_id for call in calls],
        )
        self._match(
            [(place, _likeness(part.get("name"), part.get("arguments"))) for place, part in parts],
            [_likeness(call.tool, call.arguments) for call in calls],
        )
        self._match(
            [(place, _tool(part)) for place, part in parts if id_in(part) is None],
            [call.tool for call in calls],
        )
        self._match(
            [(place, _tool(part)) for place, part in parts],
            [call.tool if call.call_id is None else None for call in calls],
        )

    def _match(
        self,
        parts: Sequence[tuple[PartPlace, Hashable | None]],
        calls: Sequence[Hashable | None],
    ) -> None:
        """Give parts that are not found the calls of the same key, the last to the last."""
        if not self._free:
            return
        waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
        for index in sorted(self._free):
            waiting[calls[index]].append(index)
        for place, key in reversed(parts):
            if key is not None and place not in self.found and waiting.get(key):
                index = waiting[key].pop()
                self.found[place] = index
                self._free.discard(index)


class _Waiting:
    """Parts that made a call and have no reply yet."""

    def __init__(self) -> None:
        self._by_id: defaultdict[str, deque[PartPlace]] = defaultdict(deque)
        self._by_tool: defaultdict[str, deque[PartPlace]] = defaultdict(deque)  # without an id
        self._without_id: deque[PartPlace] = deque()
        self._taken: set[PartPlace] = set()

    def add(self, place: PartPlace, part: Part) -> None:
        call_id, tool = id_in(part), _tool(part)
        if call_id is not None:
            self._by_id[call_id].append(place)
            return
        self._without_id.append(place)
        if tool is not None:
            self._by_tool[tool].append(place)

    def take(self, reply: Part, *, is_known: bool) -> PartPlace | None:
        """The part that `reply` answers: by id, else in order among calls that have none.

        Some replies name the tool where the id should be.

        `is_known`: a call has this id, so that it is of none without an id.
        """
        reply_id = id_in(reply)
        if reply_id is None:
            return self._oldest(self._without_id)
        found = self._oldest(self._by_id[reply_id])
        if found is None and not is_known:
            found = self._oldest(self._by_tool[reply_id]) or self._oldest(self._without_id)
        return found

    def _oldest(self, queue: deque[PartPlace]) -> PartPlace | None:
        while queue:
            place = queue.popleft()
            if place not in self._taken:
                self._taken.add(place)
                return place
        return None


def _answered(
    parts: Sequence[tuple[PartPlace, Part]],
    made: Mapping[PartPlace, int],
    calls: Sequence[ToolCall],
) -> dict[PartPlace, int]:
    """For parts that answer a call, the call."""
    by_id: dict[str | None, int] = {
        call.call_id: index for index, call in enumerate(calls) if call.call_id
    }
    told = {id_in(part) for _, part in parts if part.get("type") == CALL}
    waiting = _Waiting()
    found: dict[PartPlace, int] = {}
    for place, part in parts:
        if part.get("type") == CALL:
            waiting.add(place, part)
            continue
        call_id = id_in(part)
        asked = waiting.take(part, is_known=call_id in by_id or call_id in told)
        answered = by_id.get(call_id) if asked is None else made.get(asked)
        if answered is not None:
            found[place] = answered
    return found


def _likeness(tool: Json, arguments: Json) -> Hashable | None:
    try:
        return tool, canonical(parsed_arguments(arguments) or {})
    except (ValueError, RecursionError):  # half a surrogate pair, endless nesting
        return None


def _tool(part: Part) -> str | None:
    name = part.get("name")
    return name if isinstance(name, str) else None
