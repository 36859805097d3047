"""The threads of one agent under one system prompt, which may make one conversation.

Calls that tell nothing of what came before make threads of their own: each may be the next
turn of one conversation, or something else that is asked of a model besides, such as a title.
Under the agent's system prompt they are turns. Without one they are turns as long as no call
tells any thread again from its beginning: an agent that does so with one of them would do so
with all.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from roadworthy.records.call_station import Station
from roadworthy.records.message import Part
from roadworthy.records.said_items import SaidItems
from roadworthy.records.thread import Thread

_MOST_ALIKE: Final = 4


class ThreadGroup:
    """Grows by model calls, in order of time."""

    def __init__(self, said: SaidItems, station: Station) -> None:
        self.station = station
        self.threads: list[Thread] = []
        self.system: list[Part] = []  # messages, as they were first sent
        self._said = said
        self._begun: dict[int, list[Thread]] = {}  # by their first part; the latest few

    @property
    def is_retold(self) -> bool:
        """Whether any of its threads was told again."""
        return any(thread.is_retold for thread in self.threads)

    def conversations(self) -> Iterator[list[Thread]]:
        """The threads that are one conversation, in order of time, for each conversation."""
        if not self.is_retold:
            yield self.threads
            return
        if turns := [thread for thread in self.threads if thread.is_prompted]:
            yield turns
        yield from ([thread] for thread in self.threads if not thread.is_prompted)

    def hear(self, sent: list[Part], answered: Sequence[Part]) -> Thread:
        """Add one model call; returns the thread that it is part of."""
        thread = self._thread_of(sent)
        if thread is None:
            thread = Thread(self._said)
            self.threads.append(thread)
        was_empty = not thread.items
        thread.hear(sent, answered)
        if was_empty and thread.items:
            alike = self._begun.get(thread.items[0], ())
            self._begun[thread.items[0]] = [*alike, thread][-_MOST_ALIKE:]
        return thread

    def is_followed_by(self, items: Sequence[int]) -> bool:
        """Whether a call that was sent `items` evidently goes on with this."""
        last = self.threads[-1] if self.threads else None
        return (last is not None and last.is_followed_by(items)) or self.is_told_by(items)

    def is_told_by(self, items: Sequence[int]) -> bool:
        """Whether `items` begin with all of one of the threads."""
        return any(thread.is_told_by(items) for thread in self._begun.get(items[0], ()))

    def _thread_of(self, sent: list[Part]) -> Thread | None:
        """The thread that a call of this group goes on with; `None`: it begins one."""
        last = self.threads[-1] if self.threads else None
        if last is None or not sent or last.is_sent_again(sent) or not last.items:
            return last
        items = self._said.of_all(sent)
        if last.is_followed_by(items) or last.shares(items):
            return last
        alike = reversed(self._begun.get(items[0], ()))
        return next((thread for thread in alike if thread.is_retold_by(items)), None)
