"""The conversation of a trace, put together from its model calls in order of time.

Model calls of one agent under one system prompt are a group, whose threads make a conversation
(`thread_group`). A call under another prompt joins a group only where it evidently goes on
with it: it was told a thread, answers and all, or answers its last tool call; a call of another
agent, where it was told all of a thread, and then what it says bears that agent's name. So what
agents say to themselves and to each other is never mixed into what was said with the user.

The trace's conversation is the root agent's: of the agents that no other agent and no tool
called. If these have several, it is the longest one, and of equal ones the last. Model calls
of the others are counted in the `Gaps`, as is whatever else is known to lack.

Not here: transcripts, which hold a conversation as a whole (`trajectory`).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Final, NamedTuple, TypeAlias

from roadworthy.records import semconv
from roadworthy.records.call_station import Station, stations
from roadworthy.records.gaps import Gaps
from roadworthy.records.message import Part, raw_messages
from roadworthy.records.said_items import SYSTEM_ROLES, SaidItems, role_of
from roadworthy.records.span import Span, SpanId, SpanStatus
from roadworthy.records.thread import Thread
from roadworthy.records.thread_group import ThreadGroup

_Prompt: TypeAlias = tuple[int, ...]
_MOST_ALIKE: Final = 4  # groups with the same beginning that are asked whether a call goes on


class Told(NamedTuple):
    """Messages in order, as they were sent, and what is not among them."""

    messages: list[Part]
    gaps: Gaps = Gaps()


def put_together(calls: Sequence[Span], spans: Sequence[Span]) -> Told:
    """The conversation that `calls` hold, the model calls of `spans` in order of time."""
    reading = _Reading(stations(spans))
    for call in calls:
        reading.add(call)
    return reading.told()


class _Reading:
    """One pass over the model calls of a trace."""

    def __init__(self, places: Mapping[SpanId, Station]) -> None:
        self._places = places
        self._said = SaidItems()
        self._groups: dict[tuple[Station, _Prompt], ThreadGroup] = {}  # some under several keys
        self._last: dict[Station, ThreadGroup] = {}
        self._begun: defaultdict[int, list[ThreadGroup]] = defaultdict(list)  # by first part
        self._endings: dict[Thread, tuple[int, bool]] = {}  # number of its last call; is it unsaid
        self._silent: Counter[Station] = Counter()  # calls that tell nothing at all
        self._heard = 0

    def add(self, call: Span) -> None:
        """Add what one call was sent and answered."""
        sent = raw_messages(call, semconv.INPUT_MESSAGES)
        answered = raw_messages(call, semconv.OUTPUT_MESSAGES)
        station = self._places[call.id]
        if not sent and not answered:
            self._silent[station] += 1
            return
        if sent and answered[: len(sent)] == sent:
            answered = answered[len(sent) :]  # a state that came out holds what went in
        system, spoken = _split(sent)
        prompt = self._prompt(call, system)
        group = self._group_of(station, prompt, spoken)
        self._groups[station, prompt] = self._last[station] = group
        group.system = group.system or system
        thread = group.hear(spoken, _named(answered, station, group.station))
        thread.is_prompted = thread.is_prompted or bool(prompt)
        self._note(group, thread, is_unsaid=not answered and call.status is not SpanStatus.ERROR)

    def told(self) -> Told:
        """The root agent's conversation."""
        groups = dict.fromkeys(self._groups.values())
        outermost = min((group.station.depth for group in groups), default=0)
        choices = [
            (group, threads)
            for group in groups
            if group.station.depth == outermost
            for threads in group.conversations()
        ]
        if not choices:
            return Told([])
        group, own = max(reversed(choices), key=lambda choice: sum(one.size for one in choice[1]))
        messages = [message for thread in own for message in thread.messages]
        return Told([*group.system, *messages], self._gaps(group, own))

    def _gaps(self, group: ThreadGroup, own: Sequence[Thread]) -> Gaps:
        everywhere = sum(thread.model_calls for thread in self._endings)
        return Gaps(
            model_calls_untold=sum(one.untold for one in own) + self._silent[group.station],
            ends_unsaid=max(self._endings[thread] for thread in own)[1],
            model_calls_elsewhere=everywhere - sum(thread.model_calls for thread in own),
        )

    def _prompt(self, call: Span, system: list[Part]) -> _Prompt:
        """What tells system prompts apart; empty: the call has none."""
        told = call.attributes.get(semconv.SYSTEM_INSTRUCTIONS)
        if isinstance(told, str) and told:
            told = [{"type": "text", "content": told}]
        beside: list[Part] = [{"role": "system", "parts": told}] if told else []
        return tuple(self._said.of_all([*beside, *system]))

    def _group_of(self, station: Station, prompt: _Prompt, spoken: list[Part]) -> ThreadGroup:
        """The group of this agent and prompt, or that which a call goes on with, or a new one.

        A call need not repeat the prompt that its agent had.
        """
        own, last = self._groups.get((station, prompt)), self._last.get(station)
        if own is not None and (prompt or own is last):
            return own
        if spoken:
            items = self._said.of_all(spoken)
            others = () if own is not None else reversed(self._begun.get(items[0], ()))
            if last is not None and last.is_followed_by(items):
                return last
            if (told := next((one for one in others if one.is_told_by(items)), None)) is not None:
                return told
        kept = own or (last if not (prompt and spoken) else None)
        return ThreadGroup(self._said, station) if kept is None else kept

    def _note(self, group: ThreadGroup, thread: Thread, *, is_unsaid: bool) -> None:
        self._heard += 1
        self._endings[thread] = self._heard, is_unsaid
        if thread.items:
            alike = self._begun[thread.items[0]]
            if group not in alike:
                alike[:] = [*alike, group][-_MOST_ALIKE:]


def _split(sent: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """The system's messages that a list begins with, and the rest."""
    count = sum(1 for _ in takewhile(lambda message: role_of(message) in SYSTEM_ROLES, sent))
    return [*sent[:count]], [*sent[count:]]


def _named(answered: list[Part], station: Station, around: Station) -> list[Part]:
    """Answers within another agent's conversation, with who gave them."""
    if station == around:
        return answered
    return [{"name": station.speaker, **message} for message in answered]
