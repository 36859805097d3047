"""The door to one SQLite file: connections, transactions, and one writer at a time.

Write-ahead logging lets readers go on while a writer writes. `synchronous=FULL` makes a commit
durable when it returns, also against power loss; `NORMAL` would save about a tenth of the
write path and lose the last commits then. Writers of one process queue on a lock, which is
fair; those of several processes wait for each other inside SQLite, up to a limit.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from roadworthy.base.clock import Clock, system_clock
from roadworthy.base.errors import StoreError
from roadworthy.store.sql import forking
from roadworthy.store.sql.errors import translated

BUSY_TIMEOUT_S: Final = 30.0
_PRAGMAS: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -8192",  # 8 MiB per connection, whatever the size of the store
    "PRAGMA journal_size_limit = 67108864",  # gives the log's space back after a large import
    "PRAGMA wal_autocheckpoint = 4000",  # pages, 16 MB: what changes often is copied less often
    "PRAGMA trusted_schema = OFF",  # a store from elsewhere runs no code of its own
)


class Database:
    """One file with a pool of connections; safe to use from any thread."""

    def __init__(
        self,
        path: Path,
        *,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        clock: Clock = system_clock,
    ) -> None:
        self.path = path
        self.clock = clock
        self.location = str(path)
        self.busy_timeout_s = busy_timeout_s
        self._writing = Lock()
        self._closed = False
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)),
            poolclass=QueuePool,
            max_overflow=-1,
            pool_use_lifo=True,
            hide_parameters=True,  # what customers wrote stays out of errors
            connect_args={
                "isolation_level": None,  # transactions begin where we say so
                "check_same_thread": False,
                "timeout": busy_timeout_s,
            },
        )
        event.listen(self._engine, "connect", _set_up)
        event.listen(self._engine, "begin", _begin)
        forking.watch(self)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store throughout."""
        with translated(self.location), self._connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, foreign_keys: bool = True) -> Iterator[Connection]:
        """A transaction that holds the write lock from its start; durable when it ends.

        Without `foreign_keys` they are not enforced: migrations rebuild tables.
        """
        with translated(self.location), self._writing, self._connect() as connection:
            if not foreign_keys:
                _driver(connection).execute("PRAGMA foreign_keys = OFF")
            try:
                with connection.execution_options(writes=True).begin():
                    yield connection
            finally:
                if not foreign_keys:
                    _driver(connection).execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def raw(self) -> Iterator[sqlite3.Connection]:
        """A connection outside of any transaction, for settings of the file itself."""
        with translated(self.location), self._connect() as connection:
            yield _driver(connection)

    def close(self) -> None:
        """Close every connection; the log is folded into the file."""
        self._closed = True
        self._engine.dispose()

    def close_idle(self) -> bool:
        """Close the connections that nobody uses; whether that was all of them."""
        pool = self._engine.pool
        assert isinstance(pool, QueuePool)
        in_use = pool.checkedout()
        self._engine.dispose()
        return not in_use

    def begin_anew(self) -> None:
        """In a forked child: a thread that was writing is no more."""
        self._writing = Lock()

    def _connect(self) -> Connection:
        if self._closed:
            raise StoreError(f"the store {self.location} is closed")
        with forking.connecting(self.path):
            return self._engine.connect()


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _set_up(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
