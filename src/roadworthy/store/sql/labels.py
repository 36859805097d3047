"""Labels in SQL; only ever added to."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import Select, select

from roadworthy.base.codec import decode
from roadworthy.records.label import Label
from roadworthy.store.encoding import encoded_readably
from roadworthy.store.sql.engine import Database
from roadworthy.store.sql.insertion import Insertion, Values
from roadworthy.store.sql.tables import labels

_CHUNK: Final = 500  # items per query

_add = Insertion(
    labels,
    ("label", "item", "question", "domain", "annotator", "trace", "data"),
    verb="OR IGNORE",
)
_all = select(labels.c.id, labels.c.data)


class SqlLabelStore:
    """See `LabelStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, some: Sequence[Label]) -> int:
        """Store what is new, all or none."""
        rows = [_row(label) for label in some]
        if not rows:
            return 0
        with self._database.write() as connection:
            return _add.write(connection, rows)

    def list(
        self,
        *,
        question: str | None = None,
        domain: str | None = None,
        annotator: str | None = None,
        items: Collection[str] | None = None,
    ) -> Sequence[Label]:
        """Matching labels in the order in which they were stored."""
        matching = _all
        wanted = (
            (labels.c.question, question),
            (labels.c.domain, domain),
            (labels.c.annotator, annotator),
        )
        for column, value in wanted:
            if value is not None:
                matching = matching.where(column == value)
        with self._database.read() as connection:
            found = {
                row.id: row.data
                for query in _of_items(matching, items)
                for row in connection.execute(query)
            }
        return [decode(Label, found[place]) for place in sorted(found)]


def _of_items(matching: Select[Any], items: Collection[str] | None) -> Iterator[Select[Any]]:
    """Each item is bound by itself: SQLite's JSON ends a text at its first NUL."""
    if items is None:
        yield matching
        return
    rest = iter(set(items))
    while chunk := list(islice(rest, _CHUNK)):
        yield matching.where(labels.c.item.in_(chunk))


def _row(label: Label) -> Values:
    return (
        label.id,
        label.item,
        label.question,
        label.domain,
        label.annotator,
        label.trace_id,
        encoded_readably(label, f"label {label.id!r}"),
    )
