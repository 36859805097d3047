"""Rubrics by name: those that ship, and those of a suite's own folder."""

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.base.printable import printable
from roadworthy.base.registry import nearest
from roadworthy.grade.judge.instrument import rubric_digest
from roadworthy.records.rubric import Rubric
from roadworthy.suite.read_case import inside
from roadworthy.suite.rubric_file import read_rubric

_SHIPPED = files("roadworthy.grade.judge") / "rubrics"
_SUFFIX = ".yaml"


def ready_rubrics() -> tuple[str, ...]:
    """Names of the rubrics that ship, in alphabetical order."""
    names = (entry.name for entry in _SHIPPED.iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def load_rubric(name: str, folder: Path | None, *, digest: str = "") -> Rubric:
    """A rubric by its ready name, or by a ``.yaml`` path inside the suite's `folder`.

    Raises:
        BadRequest: there is none, the path leads out of the folder, or the rubric is another
            than `digest`, where it is not empty, says.
        BadFile: the file is no rubric; everything that is wrong with it.
    """
    rubric = _of_suite(name, folder) if name.endswith((_SUFFIX, ".yml")) else _ready(name)
    if digest not in ("", rubric_digest(rubric)):
        raise BadRequest(
            f"rubric {printable(name, limit=100)} is not the one that was asked for "
            f"({rubric_digest(rubric)} now, {printable(digest, limit=40)} asked for)",
            hint="start a new run; one run never mixes two versions of a rubric",
        )
    return rubric


def _of_suite(name: str, folder: Path | None) -> Rubric:
    shown = printable(name, limit=100)
    if folder is None:
        raise BadRequest(f"rubric {shown} is of a suite's folder, and there is no suite here")
    path, why = inside(folder, name)
    if path is None:
        raise BadRequest(
            f"rubric {shown}: {why}",
            hint="rubrics live in the suite's folder: rubrics/<name>.yaml",
        )
    return read_rubric(path)


@cache
def _ready(name: str) -> Rubric:
    known = ready_rubrics()
    if name not in known:
        hint = nearest(name, list(known)) or ""
        raise UnknownName(
            f"no rubric called {printable(name, limit=60)!r}",
            hint=f"{hint}; one of your own is a path in the suite's folder that ends in .yaml",
        )
    with as_file(_SHIPPED / f"{name}{_SUFFIX}") as path:
        return read_rubric(path)
