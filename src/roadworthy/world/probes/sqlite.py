"""A query of an SQLite file: read-only, one statement, interrupted at its deadline."""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Final
from urllib.parse import quote

from roadworthy.base.codec import Json
from roadworthy.records.probe_spec import SqlLook
from roadworthy.world.probes.bindings import bindings
from roadworthy.world.probes.cannot_look import CannotLook
from roadworthy.world.probes.confined import confined
from roadworthy.world.probes.subject import Subject, Surroundings
from roadworthy.world.probes.value import MAX_ROWS, MAX_VALUE_BYTES, rows

_STEPS_BETWEEN_LOOKS: Final = 1_000
_READS: Final = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)


def look_at_sqlite(
    look: SqlLook, subject: Subject, around: Surroundings, *, timeout_s: float
) -> Json:
    """The rows that the query gives. Blocks, for `timeout_s` at most.

    Raises:
        CannotLook: no such database, or a query that is wrong, writes, or takes too long.
    """
    assert look.database is not None
    path = confined(around.folder, look.root, look.database, subject)
    if not path.is_file():
        raise CannotLook(f"there is no database {look.database!r}")
    until = perf_counter() + timeout_s
    try:
        with closing(_opened(path, timeout_s)) as connection:
            connection.set_progress_handler(lambda: perf_counter() > until, _STEPS_BETWEEN_LOOKS)
            cursor = connection.execute(look.query, bindings(look, subject))
            columns = [column[0] for column in cursor.description or ()]
            return rows(columns, cursor.fetchmany(MAX_ROWS + 1))
    except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
        late = " (it was given up)" if perf_counter() > until else ""
        raise CannotLook(f"the query failed: {error}{late}") from None


def _opened(path: Path, timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro", uri=True, timeout=timeout_s, isolation_level=None
    )
    connection.text_factory = _text
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 16 * MAX_VALUE_BYTES)
    connection.set_authorizer(_only_reads)
    return connection


def _only_reads(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
