"""One thread of a conversation, as it grows by what each model call was sent and said.

A call that was sent all that is known, or the end of it, adds what follows that; one that was
sent a changed history (shortened, reworded, without the answers) adds what follows the last
message of it that is known; any other input is new as a whole. So nothing is lost, and what
is told again stands once. A call that does not say what it was sent adds what it said.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from roadworthy.records.call_station import Station
from roadworthy.records.message import Part, parts_of
from roadworthy.records.said_items import SYSTEM_ROLES, SaidItems, role_of

_PLACES_TRIED: Final = 8
_LEAST_HISTORY: Final = 2  # parts; one alone, told again within, is somebody saying it again


class Thread:
    """What one agent and its user said. `items` are the numbers of its parts, in order."""

    def __init__(self, said: SaidItems, station: Station) -> None:
        self.station = station
        self.model_calls = 0
        self.unheard = 0  # model calls that do not say what they were sent
        self.ends_unsaid = False  # the last model call does not say what it answered
        self.items: list[int] = []
        self._said = said
        self._system: list[Part] = []
        self._messages: list[Part] = []
        self._waiting: list[Part] = []  # answers to what is not known; may be told again
        self._places: defaultdict[int, list[int]] = defaultdict(list)
        self._sent: list[Part] = []  # by the last call that told, and the numbers of it
        self._sent_items: list[int] = []

    @property
    def messages(self) -> list[Part]:
        """All messages in order, the system's before the rest."""
        return [*self._system, *self._messages, *self._waiting]

    @property
    def size(self) -> int:
        """How many parts it has, but for the system's."""
        return len(self.items) + len(self._waiting)

    def hear(self, sent: Sequence[Part], answered: Sequence[Part]) -> None:
        """Add one model call: what it was sent, perhaps with all before, and its answer."""
        self.model_calls += 1
        self.unheard += not sent
        self.ends_unsaid = not answered
        if not sent:
            self._waiting += answered
            return
        system, spoken = split_system(sent)
        self._system = self._system or system
        items = self._numbered(spoken)
        if self._waiting and not self._is_waiting_told(items):
            self._add(self._waiting)
        self._waiting = []
        self._add(self._following(spoken, items, self._known_of(items)))
        self._add(answered)

    def is_told_by(self, items: Sequence[int]) -> bool:
        """Whether `items` begin with all of this thread, an answer among it."""
        told = self.items == items[: len(self.items)]
        return told and not self._said.agents.isdisjoint(self.items)

    def is_followed_by(self, items: Sequence[int]) -> bool:
        """Whether `items` answer this thread's last call, or tell again what was answered."""
        if items[0] in self._said.replies and self.items and self.items[-1] in self._said.calls:
            return True
        return not self._said.agents.isdisjoint(items[: self._known_of(items)])

    def _numbered(self, spoken: list[Part]) -> list[int]:
        """The numbers of `spoken`; of what the last call was sent too, they are known."""
        count = len(self._sent)
        if count and _begins_with(spoken, self._sent):
            items = self._sent_items + self._said.of_all(spoken[count:])
        else:
            items = self._said.of_all(spoken)
        self._sent, self._sent_items = spoken, items
        return items

    def _is_waiting_told(self, items: Sequence[int]) -> bool:
        return set(items[self._known_of(items) :]).issuperset(self._said.of_all(self._waiting))

    def _known_of(self, items: Sequence[int]) -> int:
        """How many of the first of `items` are this thread's already."""
        known = self.items
        if not known or not items:
            return 0
        if items[: len(known)] == known:
            return len(known)
        retold = self._retold(items) if items[0] == known[0] else 0
        return max(retold, *(self._run(items, place) for place in self._tried(items[0])), 0)

    def _retold(self, items: Sequence[int]) -> int:
        """The place behind the last of `items` that is found here in the same order."""
        place = retold = 0
        for count, item in enumerate(items, start=1):
            places = self._places.get(item, ())
            at = bisect_left(places, place)
            if at < len(places):
                place, retold = places[at] + 1, count
        return retold

    def _tried(self, item: int) -> Sequence[int]:
        return self._places.get(item, [])[-_PLACES_TRIED:]

    def _run(self, items: Sequence[int], place: int) -> int:
        """How many of `items` stand here from `place` on, to the end or as a true stretch."""
        most = min(len(items), len(self.items) - place)
        run = next((n for n in range(most) if items[n] != self.items[place + n]), most)
        if place + run == len(self.items):
            return run
        is_history = run >= _LEAST_HISTORY and not self._said.agents.isdisjoint(items[:run])
        return run if is_history else 0

    def _following(self, spoken: list[Part], items: Sequence[int], known: int) -> list[Part]:
        """What of `spoken` comes behind its first `known` parts."""
        left = len(items) - known
        found: list[Part] = []
        for message in reversed(spoken):
            if left <= 0:
                break
            count = len(self._said.of(message))
            found.append(message if count <= left else self._last_parts(message, left))
            left -= count
        return found[::-1]

    def _last_parts(self, message: Part, count: int) -> Part:
        """`message` with only the last of its parts that count, so many."""
        kept = []
        for part in reversed(parts_of(message)):
            if count <= 0:
                break
            kept.append(part)
            count -= self._said.is_counted(message, part)
        return {**message, "parts": [*kept[::-1]]}

    def _add(self, messages: Sequence[Part]) -> None:
        for message in messages:
            self._messages.append(message)
            for item in self._said.of(message):
                self._places[item].append(len(self.items))
                self.items.append(item)


def split_system(sent: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """The system's messages that a list begins with, and the rest."""
    count = len(list(takewhile(lambda message: role_of(message) in SYSTEM_ROLES, sent)))
    return [*sent[:count]], [*sent[count:]]


def _begins_with(messages: list[Part], beginning: list[Part]) -> bool:
    """Compares objects before what they hold: mostly they are the same ones."""
    try:
        return messages[: len(beginning)] == beginning
    except RecursionError:  # endless nesting, sent by somebody
        return False

