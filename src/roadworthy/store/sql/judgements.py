"""What judges said before, in SQL."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Final

from sqlalchemy import bindparam, select

from roadworthy.base.codec import decode
from roadworthy.records.judgement import Judgement
from roadworthy.store.admission import can_be_used_again
from roadworthy.store.encoding import encoded_readably
from roadworthy.store.sql.bodies import unpacked
from roadworthy.store.sql.engine import Database
from roadworthy.store.sql.insertion import Insertion
from roadworthy.store.sql.packing import pack
from roadworthy.store.sql.tables import judgements

_CHUNK: Final = 500  # keys per query

_add = Insertion(judgements, ("key", "data"), verb="OR IGNORE")
_of = select(judgements.c.key, judgements.c.data).where(
    judgements.c.key.in_(bindparam("keys", expanding=True))
)


class SqlJudgementStore:
    """See `JudgementStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, keys: Collection[str]) -> Mapping[str, Judgement]:
        """The judgements of those keys that are known."""
        with self._database.read() as connection:
            found = [
                row for some in _chunks(keys) for row in connection.execute(_of, {"keys": some})
            ]
        location = self._database.location
        return {
            row.key: decode(Judgement, unpacked(row.data, judgements, location)) for row in found
        }

    def put(self, key: str, judgement: Judgement) -> None:
        """Keep a judgement that can be used again; a known key is left as it is."""
        if not can_be_used_again(judgement):
            return
        data = pack(encoded_readably(judgement, f"a judgement of {judgement.model!r}"))
        with self._database.write() as connection:
            _add.write(connection, [(key, data)])


def _chunks(keys: Collection[str]) -> Iterator[list[str]]:
    rest = iter(set(keys))
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
