"""The embedded store: everything that is kept, in one SQLite file."""

from pathlib import Path

from sqlalchemy import func, select

from roadworthy.base.clock import Clock, system_clock
from roadworthy.store.ports import PruneRule, StoreStats
from roadworthy.store.sql.baselines import SqlBaselineStore
from roadworthy.store.sql.calibrations import SqlCalibrationStore
from roadworthy.store.sql.engine import BUSY_TIMEOUT_S, Database
from roadworthy.store.sql.findings import SqlFindingStore
from roadworthy.store.sql.judgements import SqlJudgementStore
from roadworthy.store.sql.keys import SqlKeyStore
from roadworthy.store.sql.labels import SqlLabelStore
from roadworthy.store.sql.location import check_place, store_file
from roadworthy.store.sql.pruning import prune
from roadworthy.store.sql.runs import SqlRunStore
from roadworthy.store.sql.schema import Upgrade, migrate, prepare, revision
from roadworthy.store.sql.tables import metadata
from roadworthy.store.sql.traces import SqlTraceStore


class SqlStore:
    """See `Store`. Safe from any thread, and beside other processes on the same file."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.traces = SqlTraceStore(database)
        self.runs = SqlRunStore(database)
        self.baselines = SqlBaselineStore(database)
        self.findings = SqlFindingStore(database)
        self.keys = SqlKeyStore(database)
        self.labels = SqlLabelStore(database)
        self.calibrations = SqlCalibrationStore(database)
        self.judgements = SqlJudgementStore(database)

    def stats(self) -> StoreStats:
        """Count rows and bytes, those in the write-ahead log included."""
        with self.database.read() as connection:
            schema = revision(connection)
            rows = {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }
        path = self.database.path
        files = (path, path.with_name(f"{path.name}-wal"))
        return StoreStats(
            location=str(path),
            schema=schema or "",
            bytes=sum(file.stat().st_size for file in files if file.exists()),
            rows=rows,
        )

    def prune(self, rule: PruneRule, *, dry_run: bool = False) -> int:
        """Delete traces by `rule` and what only they referred to; gives the space back."""
        return prune(self.database, rule, dry_run=dry_run)

    def close(self) -> None:
        """Give back files and connections."""
        self.database.close()


def open_store(
    url_or_path: str | Path,
    *,
    create: bool = True,
    busy_timeout_s: float = BUSY_TIMEOUT_S,
    clock: Clock = system_clock,
) -> SqlStore:
    """Open the store at a path or ``sqlite:///`` URL.

    A file that is not there is made unless `create` is false; its folder must exist. A store
    of an older version is upgraded on the way, under a lock. A store that another process
    keeps locked is waited for `busy_timeout_s` seconds. `clock` says when traces are stored.

    Raises:
        StoreError: there is no usable store there; the hint says what to do.
    """
    database = _database(url_or_path, create=create, busy_timeout_s=busy_timeout_s, clock=clock)
    try:
        prepare(database)
    except BaseException:
        database.close()
        raise
    return SqlStore(database)


def upgrade(url_or_path: str | Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Upgrade:
    """Bring an existing store to the present schema, and say from where to where.

    Raises:
        StoreError: there is no store there, it is a newer one, or it cannot be written.
    """
    database = _database(url_or_path, create=False, busy_timeout_s=busy_timeout_s)
    try:
        return migrate(database)
    finally:
        database.close()


def _database(
    url_or_path: str | Path,
    *,
    create: bool,
    busy_timeout_s: float,
    clock: Clock = system_clock,
) -> Database:
    path = store_file(url_or_path)
    check_place(path, create=create)
    return Database(path, busy_timeout_s=busy_timeout_s, clock=clock)
