"""Connections and `os.fork`: a child must not come into the world with its parent's.

A child inherits what SQLite remembers of the locks that its parent holds, but not the locks. It
would go on without any, and another process, believing itself the last one, would delete the log
that the child writes to. So connections that nobody uses are closed before a fork, and opened
again when they are needed. One that another thread is using then cannot be closed: a child that
is born at such a moment is refused the store. Starting programs is not forking in this sense.
See https://www.sqlite.org/howtocorrupt.html, section 2.6.
"""

import os
from contextlib import AbstractContextManager
from pathlib import Path
from threading import RLock
from typing import Protocol
from weakref import WeakSet

from roadworthy.base.errors import StoreError


class Pooled(Protocol):
    """Something with connections to one file."""

    path: Path

    def close_idle(self) -> bool:
        """Close the connections that nobody uses; whether that was all of them."""

    def begin_anew(self) -> None:
        """In a child: forget what threads did that are no more."""


class _Forks:
    """What there is to close, and which files this process may not open."""

    def __init__(self) -> None:
        self.connecting = RLock()
        self.open: WeakSet[Pooled] = WeakSet()
        self.inherited: set[Path] = set()
        self._in_use: set[Path] = set()

    def before(self) -> None:
        self.connecting.acquire()
        self._in_use = {pooled.path for pooled in list(self.open) if not pooled.close_idle()}

    def after_in_parent(self) -> None:
        self.connecting.release()

    def after_in_child(self) -> None:
        self.connecting = RLock()
        self.inherited |= self._in_use
        for pooled in list(self.open):
            pooled.begin_anew()


_forks = _Forks()
os.register_at_fork(
    before=_forks.before,
    after_in_parent=_forks.after_in_parent,
    after_in_child=_forks.after_in_child,
)


def watch(pooled: Pooled) -> None:
    """Close what is idle in `pooled` before every fork, for as long as it lives."""
    _forks.open.add(pooled)


def connecting(path: Path) -> AbstractContextManager[object]:
    """No fork happens while a connection to `path` is made in this block.

    Raises:
        StoreError: the parent of this process was using the file when it forked.
    """
    if path in _forks.inherited:
        raise StoreError(
            f"the store {path} was in use when this process was forked from another",
            hint="start the process anew (`spawn`), or fork before the store is used",
        )
    return _forks.connecting
