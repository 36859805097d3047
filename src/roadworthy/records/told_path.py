"""A trajectory as one line of turns: each message with the calls that it made.

This is the one order of texts and calls that pages, the command line and comparisons share.
Calls that no message mentions have an order of their own, that in which they were made: they
stand before the next call that has a place; after the last of these, before the last answer.
"""

from collections.abc import Iterator, Sequence

from roadworthy.records.call_places import PartPlace, place_calls
from roadworthy.records.message import CALL, REPLY, Message, Part
from roadworthy.records.record import Record
from roadworthy.records.tool_call import ToolCall
from roadworthy.records.trajectory import Trajectory


class ToldTurn(Record, frozen=True, kw_only=True):
    """A message, or with `message` `None` the calls that no message mentions.

    `parts` are those that are neither text nor told by a call of the trajectory.
    """

    message: Message | None = None
    calls: tuple[ToolCall, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def is_answer(self) -> bool:
        """Whether the agent says something here."""
        message = self.message
        return message is not None and message.role == "assistant" and bool(message.text)


def tell(path: Trajectory) -> tuple[ToldTurn, ...]:
    """Every message and every call of `path` once, in order."""
    places = place_calls(path.messages, path.calls)
    made: list[list[int]] = [[] for _ in path.messages]
    for (message, _), call in sorted(places.made.items()):
        made[message].append(call)
    known = places.made.keys() | places.answered.keys()
    turns = [
        ToldTurn(
            message=message,
            calls=tuple(path.calls[index] for index in made[m]),
            parts=tuple(_other_parts(m, message, known)),
        )
        for m, message in enumerate(path.messages)
    ]
    return tuple(_with_unplaced(turns, made, path.calls))


def _other_parts(
    place: int, message: Message, known: frozenset[PartPlace] | set[PartPlace]
) -> Iterator[Part]:
    for p, part in enumerate(message.parts):
        kind = part.get("type")
        if kind == "text":
            is_other = not isinstance(part.get("content"), str)
        else:
            is_other = kind not in (CALL, REPLY) or (place, p) not in known
        if is_other:
            yield part


def _with_unplaced(
    turns: Sequence[ToldTurn], made: Sequence[Sequence[int]], calls: Sequence[ToolCall]
) -> Iterator[ToldTurn]:
    """`turns`, with the calls that none of them has put in between."""
    turn_of = {call: turn for turn, some in enumerate(made) for call in some}
    before: dict[int, list[ToolCall]] = {}
    place = _place_of_rest(turns, turn_of)
    for index in range(len(calls) - 1, -1, -1):
        if index in turn_of:
            place = min(place, turn_of[index])
        else:
            before.setdefault(place, []).append(calls[index])
    for at in range(len(turns) + 1):
        if at in before:
            yield ToldTurn(calls=tuple(reversed(before[at])))
        if at < len(turns):
            yield turns[at]


def _place_of_rest(turns: Sequence[ToldTurn], turn_of: dict[int, int]) -> int:
    """Before the last answer, unless a call that has a place comes with it or after it."""
    last_call = max(turn_of.values(), default=-1)
    answers = (at for at in range(len(turns) - 1, last_call, -1) if turns[at].is_answer)
    return next(answers, len(turns))
