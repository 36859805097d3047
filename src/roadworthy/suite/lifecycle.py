"""Moving a case from one kind to another: its file says what changed, why, and by what evidence.

A move is worked out first, as the text of the file before and after, so that it can be shown to
a person and written only then.
"""

import difflib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from roadworthy.base.clock import timestamp
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest
from roadworthy.records.case import Kind
from roadworthy.records.quarantine import Quarantine
from roadworthy.suite.atomic_file import replace
from roadworthy.suite.case_file import EvidenceEntry
from roadworthy.suite.edit import edited_text, read_case_value
from roadworthy.suite.limits import MAX_YAML_BYTES
from roadworthy.suite.yaml_file import read_bytes

_QUARANTINE: Final = "quarantine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A case changes its kind. `quarantine` comes with the kind of that name, and only then."""

    kind: Kind
    why: str
    by: str  # the command
    at: datetime
    evidence: EvidenceEntry | None = None
    quarantine: Quarantine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a move makes of a file; nothing is written yet."""

    path: Path
    before: str
    after: str

    def diff(self, root: Path) -> str:
        """As a unified diff that `git apply` takes in `root`; empty when nothing changes."""
        path = self.path.resolve()
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
        lines = difflib.unified_diff(
            _lines(self.before), _lines(self.after), f"a/{name}", f"b/{name}"
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in lines
        )

    def write(self) -> None:
        """Put the new text in place, whole or not at all.

        Raises:
            BadRequest: the file is not what it was when the move was worked out, or cannot be
                written.
        """
        if read_bytes(self.path, limit=MAX_YAML_BYTES) != self.before.encode():
            raise BadRequest(f"{self.path} was changed meanwhile", hint="try again")
        replace(self.path, self.after.encode())


def plan_move(path: Path, move: Move) -> Change:
    """Work out what `move` makes of the case file; everything else in it stays, byte for byte.

    Raises:
        BadFile: the file is not a good case file as it stands.
        BadRequest: the reason is empty, or the file cannot be changed without changing more.
    """
    if not move.why.strip():
        raise BadRequest("a case changes its kind for a reason", hint="say why: --why TEXT")
    before = read_bytes(path, limit=MAX_YAML_BYTES).decode("utf-8")
    value = read_case_value(path)
    kind, history = Kind(str(value.get("kind", Kind.CAPABILITY))), value.get("history")
    entries = history if isinstance(history, list) else []
    changes: dict[str, Json] = {"kind": str(move.kind)}
    if move.quarantine is not None:
        changes[_QUARANTINE] = _block(move.quarantine)
    changes["history"] = [*entries, _entry(kind, move)]
    gone = {_QUARANTINE} & value.keys() if move.quarantine is None else set[str]()
    return Change(path=path, before=before, after=edited_text(path, changes, without=gone))


def _block(quarantine: Quarantine) -> Json:
    return {"owner": quarantine.owner, "until": quarantine.until, "why": quarantine.why}


def _entry(before: Kind, move: Move) -> Json:
    entry: dict[str, Json] = {
        "at": timestamp(move.at),
        "change": f"{before} -> {move.kind}",
        "why": move.why.strip(),
        "by": move.by,
    }
    if move.evidence is not None:
        entry["evidence"] = move.evidence.model_dump(mode="json", exclude_defaults=True)
    return entry


def _lines(text: str) -> list[str]:
    """Lines by line feed alone, as `diff` and git see them."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [
        rest for rest in text.split("\n")[-1:] if rest
    ]
