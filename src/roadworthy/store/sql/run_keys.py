"""From a run's id to its row."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, bindparam, select

from roadworthy.base.errors import UnknownName
from roadworthy.store.missing import unknown_run
from roadworthy.store.sql.tables import runs

_OFFERED: Final = 500  # newest ids among which a mistyped one is sought

_keys = select(runs.c.run, runs.c.id).where(runs.c.run.in_(bindparam("names", expanding=True)))
_newest_ids = select(runs.c.run).order_by(runs.c.id.desc()).limit(_OFFERED)


def run_keys(connection: Connection, names: Collection[str]) -> dict[str, int]:
    """The rows of these runs. Raises `UnknownName` for the first that there is not."""
    keys = {row.run: row.id for row in connection.execute(_keys, {"names": sorted(names)})}
    for name in sorted(names):
        if name not in keys:
            raise no_such_run(connection, name)
    return keys


def run_key(connection: Connection, name: str) -> int:
    """The row of this run. Raises `UnknownName`."""
    return run_keys(connection, [name])[name]


def no_such_run(connection: Connection, name: str) -> UnknownName:
    """The error for a run that is not there, with the nearest id as hint."""
    return unknown_run(name, connection.execute(_newest_ids).scalars().all())
