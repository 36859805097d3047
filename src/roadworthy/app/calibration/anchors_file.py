"""Anchors on disk: ``evals/anchors/<rubric>-<digest>.jsonl``, to be kept under version control.

The first line says which judge was asked, the others hold one item each with what the judge said
when they were frozen, and what it said when it was asked the same again at once.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from roadworthy.app.calibration.label_import_rows import read_rows
from roadworthy.base.codec import canonical, decode, encode
from roadworthy.base.errors import BadFile, InvalidRecord, Problem
from roadworthy.base.ids import hex_digest, slug
from roadworthy.grade.judge.material import Material
from roadworthy.grade.judge.rubric_grader import How
from roadworthy.records.record import Record
from roadworthy.suite.atomic_file import replace as replace_file
from roadworthy.suite.atomic_file import write_new

FOLDER: Final = Path("evals") / "anchors"


class AnchorHead(Record, frozen=True, kw_only=True):
    """Which judge the anchors are of, and how it is asked."""

    instrument: str
    domain: str
    rubric: str
    frozen_at: float  # seconds since 1970, UTC
    judges: tuple[str, ...] = ()
    passes: int = 1
    aggregate: How | None = None
    min_score: float | None = None
    suite: str | None = None


class Anchor(Record, frozen=True, kw_only=True):
    """One item. `None`: the judge gave no verdict."""

    item: str
    material: Material
    passed: bool | None
    again: bool | None  # asked the same at once: how far the judge agrees with itself


class AnchorSet(Record, frozen=True, kw_only=True):
    """A file of anchors."""

    path: Path
    head: AnchorHead
    anchors: tuple[Anchor, ...]


def anchor_path(project: Path, head: AnchorHead) -> Path:
    """Where the anchors of a judge in a domain are kept."""
    name = hex_digest(canonical([head.instrument, head.domain]))[:8]
    return project / FOLDER / f"{slug(head.instrument.partition('@')[0])}-{name}.jsonl"


def write_anchors(project: Path, head: AnchorHead, anchors: Sequence[Anchor]) -> Path:
    """Write a set in the place of an older one of the same judge and domain."""
    path = anchor_path(project, head)
    data = b"".join(encode(one) + b"\n" for one in (head, *anchors))
    if path.exists():
        replace_file(path, data)
    else:
        write_new(path, data)
    return path


def anchor_sets(project: Path) -> list[AnchorSet]:
    """Every set of the project, by file name. Raises `BadFile`."""
    return [read_anchors(path) for path in sorted((project / FOLDER).glob("*.jsonl"))]


def read_anchors(path: Path) -> AnchorSet:
    """A set. Raises `BadFile` with everything that is wrong in it."""
    rows = read_rows(path)
    problems: list[Problem] = []
    head: AnchorHead | None = None
    anchors: list[Anchor] = []
    for place, row in enumerate(rows):
        try:
            if place == 0:
                head = decode(AnchorHead, encode(row.fields))
            else:
                anchors.append(decode(Anchor, encode(row.fields)))
        except InvalidRecord as error:
            hint = "freeze the anchors again: roadworthy judge calibrate … --freeze-anchors N"
            problems.append(Problem(file=path, line=row.line, message=error.message, hint=hint))
    if problems or head is None:
        raise BadFile(problems or [Problem(file=path, message="holds no anchors")])
    return AnchorSet(path=path, head=head, anchors=tuple(anchors))
