"""Trace ids that must not be forgotten, in a file of one id a line; durable when `add` returns.

Each server writes a file of its own and holds a lock on it. A file that nobody holds was left by a
server that was killed: the next one takes its ids over. An id too many costs a look.

A disk that is full, or a folder that may not be written, is a `StoreError`: what was to be
remembered cannot be acknowledged now, and what was remembered before stays.
"""

import fcntl
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final

from roadworthy.base.errors import StoreError
from roadworthy.records.span import TRACE_ID_DIGITS

_PATTERN: Final = "unsettled-*.log"


class Journal:
    """One server's file in `folder`, made when there is something to remember.

    Not safe from several threads at once.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._path = folder / f"unsettled-{name}.log"
        self._file: FileIO | None = None
        self.lines = 0

    def add(self, trace_ids: Iterable[str]) -> None:
        """Remember these ids. Raises `StoreError` when they cannot be written."""
        ids = list(trace_ids)
        if not ids:
            return
        with _translated(self._path):
            if self._file is None:
                self._file = _opened(self._path, "a")
            _write(self._file, ids)
        self.lines += len(ids)

    def keep(self, trace_ids: Collection[str]) -> None:
        """Forget all ids but these. Raises `StoreError`; then none is forgotten."""
        with _translated(self._path):
            file = _replaced(self._path, trace_ids)
        if self._file is not None:
            self._file.close()
        self._file = file
        self.lines = len(trace_ids)

    def take_over(self) -> list[str]:
        """Ids that servers left behind which are no more; they are ours now.

        Where they cannot be written down they stay where they are, too, for the next server.
        """
        left: dict[str, None] = {}
        taken: list[Path] = []
        for path in sorted(self._folder.glob(_PATTERN)):
            if path == self._path:
                continue
            with suppress(OSError), FileIO(path) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.update(dict.fromkeys(_ids(file)))
                taken.append(path)
        with suppress(StoreError, OSError):
            self.add(left)
            for path in taken:
                path.unlink(missing_ok=True)
        return list(left)

    def close(self, *, forget: bool) -> None:
        """Let go of the file; with `forget` there was nothing left to remember."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if forget:
            with _translated(self._path):
                self._path.unlink(missing_ok=True)


def _opened(path: Path, mode: str) -> FileIO:
    """The file, locked and without a buffer: what failed to be written is not tried again."""
    file = FileIO(path, mode)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


def _replaced(path: Path, trace_ids: Iterable[str]) -> FileIO:
    """A new file in the place of `path`; where that fails the old one stays."""
    part = path.with_suffix(".part")
    file = _opened(part, "w")
    try:
        _write(file, trace_ids)
        part.replace(path)
    except OSError:
        file.close()
        part.unlink(missing_ok=True)
        raise
    return file


def _write(file: FileIO, trace_ids: Iterable[str]) -> None:
    """Begins on a new line: the last may have been cut off by a disk that was full."""
    left = memoryview("".join(f"\n{trace_id}" for trace_id in (*trace_ids, "")).encode())
    while left:
        left = left[file.write(left) :]
    os.fsync(file.fileno())


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror}",
            hint="see that the disk has space; everything that was confirmed before is safe",
        ) from error


def _ids(file: FileIO) -> list[str]:
    """Whole lines only: the last may have been cut off before its commit was acknowledged."""
    lines = file.read().decode("ascii", errors="replace").splitlines()
    return [line for line in lines if len(line) == TRACE_ID_DIGITS]
