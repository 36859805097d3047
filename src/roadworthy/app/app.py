"""What every command works with: a project, its settings, its store, a clock and an rng."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from roadworthy.app.settings import Settings, load_settings
from roadworthy.base.clock import Clock, system_clock

if TYPE_CHECKING:
    from roadworthy.store.ports import Store


STATE_FOLDER = ".roadworthy"


class App:
    """Built once per command; opens what is asked for, and closes it."""

    def __init__(
        self,
        project: Path,
        *,
        flags: Mapping[str, Any] | None = None,
        clock: Clock = system_clock,
        rng: Random | None = None,
    ) -> None:
        self.project = project.resolve()
        self.flags = dict(flags or {})
        self.clock = clock
        self.rng = rng or Random()  # noqa: S311 - names and pauses, nothing secret
        self._store: Store | None = None
        self._opening = Lock()

    @cached_property
    def settings(self) -> Settings:
        """The project's settings. Raises `BadFile`."""
        return load_settings(self.project, self.flags)

    @property
    def store_location(self) -> str:
        """Path or URL of the store; a relative path is the project's."""
        store = self.settings.store
        return store if "://" in store else str(self.project / store)

    @property
    def lock_folder(self) -> Path:
        """Where runs are locked while they last: beside the store that they write to."""
        location = self.store_location
        beside = self.project / STATE_FOLDER if "://" in location else Path(location).parent
        return beside / "locks"

    @property
    def store(self) -> "Store":
        """The opened store, made on first use by one thread. Raises `StoreError`."""
        with self._opening:
            if self._store is None:
                self._store = self._open()
            return self._store

    def _open(self) -> "Store":
        from roadworthy.store.sql import open_store  # noqa: PLC0415 - 0.4 s that `--help` must not pay

        folder = self.project / STATE_FOLDER
        if self.project.is_dir() and self.store_location.startswith(str(folder)):
            self.state_folder()
        file = None if "://" in self.store_location else Path(self.store_location)
        is_new = file is not None and not file.exists()
        store = open_store(self.store_location, clock=self.clock)
        if file is not None and is_new:
            _keep_private(file)
        return store

    def state_folder(self) -> Path:
        """The project's folder for what is not anyone's to edit; made when it is missing."""
        folder = self.project / STATE_FOLDER
        _make_state_folder(folder)
        return folder

    def close(self) -> None:
        """Give back what was opened."""
        with self._opening:
            if self._store is not None:
                self._store.close()
                self._store = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _keep_private(file: Path) -> None:
    """Let nobody else read a new store: it holds what people told agents.

    By name and never by opening it, which would let go of SQLite's locks. The log and the index
    beside it take its mode from then on.
    """
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        with suppress(OSError):  # not there, or a file system without modes
            file.with_name(name).chmod(0o600)


def _make_state_folder(folder: Path) -> None:
    """Make the folder, and keep git from ever taking what is in it."""
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
