"""Deleting traces by age, size and share, and giving the space back.

In steps, each a short transaction, so that writers are never held up for long and a killed
prune leaves a sound store: traces go in batches, together with what they are found by; then
`sweeping` deletes what nothing refers to any more; then the file shrinks. What a killed prune
left unswept, the next one sweeps.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from sqlalchemy import Connection, bindparam, delete, exists, func, select

from roadworthy.base.codec import decode
from roadworthy.records.trace_summary import TraceSummary
from roadworthy.store.ports import PruneRule
from roadworthy.store.pruning_choice import Candidate, chosen
from roadworthy.store.sql.engine import Database
from roadworthy.store.sql.indexing import drop_from_index
from roadworthy.store.sql.known_addresses import generation, raise_generation
from roadworthy.store.sql.sweeping import sweep
from roadworthy.store.sql.tables import facts, findings, labels, traces, trials

_BATCH: Final = 200  # traces deleted at a time
_PAGES: Final = 2000  # of 4 kB given back at a time

_at = func.coalesce(facts.c.started_at, facts.c.stored_at)
_free = (
    ~exists().where(trials.c.trace == traces.c.trace),
    ~exists().where(findings.c.trace == traces.c.trace),
    ~exists().where(labels.c.trace == traces.c.trace),
)
_candidates = (
    select(traces.c.id, traces.c.trace, _at, facts.c.spans)
    .join(facts, facts.c.id == traces.c.id)
    .where(*_free)
    .order_by(_at, traces.c.id)
)
_all_spans = select(func.coalesce(func.sum(facts.c.spans), 0))
_still_free = select(traces.c.id, traces.c.summary).where(
    traces.c.id.in_(bindparam("rows", expanding=True)), *_free
)
_delete = delete(traces).where(traces.c.id.in_(bindparam("rows", expanding=True)))


def prune(database: Database, rule: PruneRule, *, dry_run: bool) -> int:
    """Delete the traces that `rule` lets go, unless `dry_run`; returns how many."""
    with database.read() as connection:
        rows = _to_go(connection, rule)
        unswept = bool(generation(connection) % 2)
    if dry_run:
        return len(rows)
    gone = sum(_delete_traces(database, batch) for batch in _batches(rows))
    if gone or unswept:
        sweep(database)
        _give_back(database)
    return gone


def live_bytes(connection: Connection) -> int:
    """Bytes of the file that hold something."""
    pages, free, size = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _to_go(connection: Connection, rule: PruneRule) -> list[int]:
    if rule.before is None and rule.keep_bytes is None:
        return []
    bytes_now = live_bytes(connection)
    spans = max(connection.execute(_all_spans).scalar_one(), 1)
    candidates = (Candidate(*row) for row in connection.execute(_candidates))
    return list(chosen(candidates, rule, bytes_now=bytes_now, bytes_per_span=bytes_now / spans))


def _batches(rows: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(rows)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _delete_traces(database: Database, rows: list[int]) -> int:
    """Delete those of `rows` that nothing has come to refer to meanwhile."""
    with database.write() as connection:
        found = connection.execute(_still_free, {"rows": rows}).all()
        if not found:
            return 0
        drop_from_index(connection, [(row.id, decode(TraceSummary, row.summary)) for row in found])
        connection.execute(_delete, {"rows": [row.id for row in found]})
        raise_generation(connection, finished=False)
        return len(found)


def _give_back(database: Database) -> None:
    """Shrink the file. One that was made before it could shrink keeps its free pages for reuse."""
    while _give_back_some(database):
        pass
    with database.raw() as connection:  # readers may be in the way: the log then shrinks later
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _give_back_some(database: Database) -> bool:
    """Whether there may be more to give back."""
    with database.write() as connection:
        before = _free_pages(connection)
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA incremental_vacuum({_PAGES})")
        cursor.fetchall()  # each step gives back a page
        return 0 < _free_pages(connection) < before


def _free_pages(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA freelist_count").scalar_one())
