"""One thread of a conversation, as it grows by what each model call was sent and said.

A call that was sent all that is known, or the end of it, adds what follows that; one that was
sent a changed history (shortened, reworded, without the answers) adds what follows the last
message of it that is known; any other input is new as a whole, also the same question asked
again. So nothing is lost, and what is told again stands once. A call that does not say what it
was sent adds what it said.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice, takewhile
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.records.message import Part, parts_of
from roadworthy.records.said_items import SaidItems

_PLACES_TRIED: Final = 8
_LEAST_HISTORY: Final = 2  # parts; one alone, told again within, is somebody saying it again


class Thread:
    """What one agent and its user said. `items` are the numbers of its parts, in order."""

    def __init__(self, said: SaidItems) -> None:
        self.items: list[int] = []
        self.model_calls = 0
        self.untold = 0  # model calls that do not say what they were sent
        self.is_retold = False  # some call was sent it from its beginning, answers and all
        self.is_prompted = False  # some call of it had a system prompt
        self._said = said
        self._messages: list[Part] = []
        self._waiting: list[Part] = []  # answers to what is not known; may be told again
        self._places: defaultdict[int, list[int]] = defaultdict(list)
        self._sent: list[Part] = []  # by the last call that told, and the numbers of it
        self._sent_items: list[int] = []

    @property
    def messages(self) -> list[Part]:
        """All messages, in order."""
        return [*self._messages, *self._waiting]

    @property
    def size(self) -> int:
        """How many parts it has."""
        return len(self.items) + len(self._waiting)

    def hear(self, sent: list[Part], answered: Sequence[Part]) -> None:
        """Add one model call: what it was sent, perhaps with all before, and its answer."""
        self.model_calls += 1
        if not sent:
            self.untold += 1
            self._waiting += answered
            return
        items = self._numbered(sent)
        if self._waiting and not self._is_waiting_told(items):
            self._add(self._waiting)
        self._waiting = []
        known = self._known_of(items)
        self.is_retold = self.is_retold or self._tells_answers(items, known)
        self._add(self._behind(sent, len(items) - known))
        self._add(answered)

    def is_told_by(self, items: Sequence[int]) -> bool:
        """Whether `items` begin with all of this thread, an answer among it."""
        return items[: len(self.items)] == self.items and self._has_agent(self.items)

    def is_followed_by(self, items: Sequence[int]) -> bool:
        """Whether `items` answer this thread's last call, or tell again what was answered."""
        if items[0] in self._said.replies and self.items and self.items[-1] in self._said.calls:
            return True
        return self.is_retold_by(items)

    def is_retold_by(self, items: Sequence[int]) -> bool:
        """Whether `items` tell some answer of this thread again."""
        return self._has_agent(items[: self._known_of(items)])

    def shares(self, items: Sequence[int]) -> bool:
        """Whether any of the first of `items` is this thread's already."""
        return self._known_of(items) > 0

    def is_sent_again(self, sent: list[Part]) -> bool:
        """Whether `sent` begins with all that the last call was sent; quick."""
        return bool(self._sent) and _begins_with(sent, self._sent)

    def _has_agent(self, items: Sequence[int]) -> bool:
        return not self._said.agents.isdisjoint(items)

    def _is_begun(self, items: Sequence[int]) -> bool:
        return bool(self.items) and items[:1] == self.items[:1]

    def _tells_answers(self, items: Sequence[int], known: int) -> bool:
        return self._is_begun(items) and self._has_agent(items[:known])

    def _numbered(self, sent: list[Part]) -> list[int]:
        """The numbers of `sent`; of what the last call was sent too, they are known."""
        count = len(self._sent)
        if self.is_sent_again(sent):
            items = self._sent_items + self._said.of_all(sent[count:])
        else:
            items = self._said.of_all(sent)
        self._sent, self._sent_items = sent, items
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
        tried = self._places.get(items[0], [])[-_PLACES_TRIED:]
        return max(self._retold(items), *(self._run(items, place) for place in tried), 0)

    def _retold(self, items: Sequence[int]) -> int:
        """The place behind the last of `items` that is found here in the same order."""
        if not self._is_begun(items) or items[0] in self._said.replies:
            return 0
        place = retold = 0
        for count, item in enumerate(items, start=1):
            places = self._places.get(item, ())
            at = bisect_left(places, place)
            if at < len(places):
                place, retold = places[at] + 1, count
        retold += self._reworded(items[retold:], place)
        asked_again = retold == len(items) and not self._has_agent(items)
        return 0 if asked_again else retold

    def _reworded(self, items: Sequence[int], place: int) -> int:
        """How many of the first of `items` stand for answers from `place` on, told otherwise."""
        agents, calls = self._said.agents, self._said.calls
        pairs = zip(items, islice(self.items, place, None), strict=False)
        alike = (
            agents.issuperset(pair) and (calls.issuperset(pair) or calls.isdisjoint(pair))
            for pair in pairs
        )
        return sum(1 for _ in takewhile(bool, alike))

    def _run(self, items: Sequence[int], place: int) -> int:
        """How many of `items` stand here from `place` on, to the end or as a true stretch."""
        most = min(len(items), len(self.items) - place)
        run = next((n for n in range(most) if items[n] != self.items[place + n]), most)
        is_history = run >= _LEAST_HISTORY and self._has_agent(items[:run])
        return run if place + run == len(self.items) or is_history else 0

    def _behind(self, sent: Sequence[Part], left: int) -> list[Part]:
        """The messages that hold the last `left` parts of `sent`."""
        found: list[Part] = []
        for message in reversed(sent):
            if left <= 0:
                break
            count = len(self._said.of(message))
            found.append(message if count <= left else self._last_of(message, left))
            left -= count
        return found[::-1]

    def _last_of(self, message: Part, count: int) -> Part:
        """`message` with only the last `count` of its parts that are numbered."""
        kept: list[Json] = []
        for part in reversed(parts_of(message)):
            if count <= 0:
                break
            kept.append(part)
            count -= self._said.is_counted(message, part)
        return {**message, "parts": kept[::-1]}

    def _add(self, messages: Sequence[Part]) -> None:
        for message in messages:
            self._messages.append(message)
            for item in self._said.of(message):
                self._places[item].append(len(self.items))
                self.items.append(item)


def _begins_with(messages: list[Part], beginning: list[Part]) -> bool:
    """Objects are compared before what they hold: mostly they are the same ones."""
    try:
        return messages[: len(beginning)] == beginning
    except RecursionError:  # endless nesting, sent by somebody
        return False
