"""Warnings that would repeat with every request, said once a minute.

A disk that is full fails each of a thousand requests for the same reason: the first line says it
all, and the others would fill the disk that holds the log.
"""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Final

PAUSE_S: Final = 60.0
_MOST: Final = 100  # different complaints that are remembered


class Complaints:
    """What is wrong, to one log. Safe from any thread."""

    def __init__(
        self,
        log: logging.Logger,
        *,
        pause_s: float = PAUSE_S,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._log = log
        self._pause_s = pause_s
        self._clock = clock
        self._said: dict[str, float] = {}
        self._lock = Lock()

    def warn(self, text: str, *, error: BaseException | None = None) -> None:
        """Log `text`, with the traceback of `error`, unless that was done a moment ago."""
        if self._is_new(text):
            self._log.warning(text, exc_info=error)

    def _is_new(self, text: str) -> bool:
        now = self._clock()
        with self._lock:
            if now - self._said.get(text, -self._pause_s) < self._pause_s:
                return False
            if len(self._said) >= _MOST:
                self._said.clear()
            self._said[text] = now
            return True
