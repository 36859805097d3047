"""Which schema a file has, and bringing it to the present one.

A new store is made from `tables` at once and marked with `HEAD`: a test holds that to be the
very schema that the migrations give, and Alembic, which takes longer to import than a store
to open, stays out. An older store is upgraded when it is opened: one transaction holds the
write lock, looks again and migrates, so that of two commands only one does it and a failure
leaves the store as it was. A newer store is refused.
"""

import sqlite3
import time
from enum import Enum, auto
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, insert, select

from roadworthy.base.errors import StoreError
from roadworthy.records.record import Record
from roadworthy.store.sql.engine import Database
from roadworthy.store.sql.errors import damaged, is_busy
from roadworthy.store.sql.indexing import index_traces
from roadworthy.store.sql.tables import metadata, revisions

HEAD: Final = "0003"
MIGRATIONS: Final = Path(__file__).parent / "migrations"
APPLICATION_ID: Final = 0x52575354  # "RWST" in the file's header: this database is a store
PAGE_BYTES: Final = 4096  # larger ones make random writes into the hash indexes dearer
_RETRY_S: Final = 0.005


class Age(Enum):
    """How a file relates to the present schema."""

    FRESH = auto()  # nothing in it
    OLDER = auto()
    PRESENT = auto()
    NEWER = auto()
    FOREIGN = auto()  # a database of another program


class Upgrade(Record, frozen=True, kw_only=True):
    """What `db upgrade` did; both are equal when there was nothing to do."""

    before: str | None  # None: the file was empty
    after: str


def prepare(database: Database) -> None:
    """Bring the file to the present schema, making it or upgrading it where needed.

    Raises:
        StoreError: it is no store, or a newer one.
    """
    age = _age(database)
    if age is Age.FRESH:
        _create(database)
    elif age is not Age.PRESENT:
        migrate(database)


def revision(connection: Connection) -> str | None:
    """The schema's revision as the file says; `None` when the file is empty."""
    known = connection.exec_driver_sql(
        "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    ).first()
    return None if known is None else connection.scalar(select(revisions.c.version_num))


def migrate(database: Database) -> Upgrade:
    """Run the migrations that the file lacks, all or none of them.

    Raises:
        StoreError: it is no store, or a newer one.
    """
    _refuse(_age(database), database.location)
    _write_ahead(database)
    with database.write(foreign_keys=False) as connection:
        before = revision(connection)
        if before != HEAD:  # else another process was faster, or there is nothing to do
            _run_migrations(connection)
            index_traces(connection, location=database.location, at=database.clock().timestamp())
            _check_keys(connection, database.location)
            _mark(connection)
    return Upgrade(before=before, after=HEAD)


def age_of(connection: Connection) -> Age:
    """Compare what is in the file with `HEAD`."""
    application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    if application != APPLICATION_ID:
        some = connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").first()
        return Age.FRESH if some is None and application == 0 else Age.FOREIGN
    present = revision(connection)
    if present is None or not present.isdecimal():
        return Age.FOREIGN
    if present == HEAD:
        return Age.PRESENT
    return Age.OLDER if int(present) < int(HEAD) else Age.NEWER


def _age(database: Database) -> Age:
    with database.read() as connection:
        return age_of(connection)


def _create(database: Database) -> None:
    _write_ahead(database)
    with database.write() as connection:
        if age_of(connection) is not Age.FRESH:
            return  # another process was faster
        metadata.create_all(connection, checkfirst=False)
        revisions.create(connection)
        connection.execute(insert(revisions).values(version_num=HEAD))
        _mark(connection)


def _mark(connection: Connection) -> None:
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def _write_ahead(database: Database) -> None:
    """Switch the file to write-ahead logging, for good. SQLite itself does not wait here."""
    deadline = time.monotonic() + database.busy_timeout_s
    with database.raw() as connection:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # a file that exists keeps its mode
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_RETRY_S)
            else:
                return


def _run_migrations(connection: Connection) -> None:
    from alembic.command import upgrade  # noqa: PLC0415 - 0.3 s that only an old store pays
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    upgrade(config, "head")


def _check_keys(connection: Connection, location: str) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise damaged(location, f"rows of {broken[0]} point at nothing")


def _refuse(age: Age, location: str) -> None:
    if age is Age.NEWER:
        raise StoreError(
            f"the store {location} was made by a newer version of Roadworthy",
            hint="upgrade roadworthy, or name another store",
        )
    if age is Age.FOREIGN:
        raise StoreError(
            f"{location} is a database of another program, not a Roadworthy store",
            hint="name another file",
        )
