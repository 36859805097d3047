"""Long texts that an Inspect log keeps aside of a sample, and puts `attachment://…` in their place.

One of them may stand in many places. Put back everywhere, a small file would unfold to one that
no store can hold, so there is a limit.
"""

from collections.abc import Mapping
from typing import Final

from roadworthy.ingest.json_pieces import MAX_RECORD_BYTES
from roadworthy.ingest.source import SourceError

_MARK: Final = "attachment://"


class Attachments:
    """The texts of one sample."""

    def __init__(self, texts: Mapping[str, str], *, most: int = MAX_RECORD_BYTES) -> None:
        """Know `texts` by their names; put back `most` characters in all."""
        self._texts = texts
        self._most = self._left = most

    def put_back(self, text: str) -> str:
        """What `text` stands for, itself if it stands for nothing.

        Raises:
            SourceError: too much was put back already.
        """
        if not text.startswith(_MARK):
            return text
        whole = self._texts.get(text.removeprefix(_MARK), text)
        self._left -= len(whole)
        if self._left < 0:
            raise SourceError(f"unfolds to more than {self._most >> 20} MiB", field="attachments")
        return whole
