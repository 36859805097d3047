"""Labels and verdicts from files; every form is told by content.

One record for each item:

    {"item": "q1", "labels": {"ann": "pass", "bob": "fail"}, "verdict": "pass",
     "slices": {"level": "hard"}, "material": {"input": "…", "output": "…"}}

`label` stands for one unnamed annotator, `models` lists annotators that are no people, `verdict`
and everything after it may be missing. `case` names what the item is a trial of, `drawn` why it
was labelled. In CSV: ``item, case, drawn, label.ann, label.bob, verdict, slice.level, input,
output``. The published files of PandaLM are read as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias, TypeVar

import msgspec

from roadworthy.app.calibration import label_import_pandalm as pandalm
from roadworthy.app.calibration.items import LabelledItem, LabelledItems
from roadworthy.app.calibration.label_import_rows import Row, read_rows
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadFile, Problem
from roadworthy.base.printable import printable
from roadworthy.grade.judge.material import Material
from roadworthy.records.label import Label, label_id

MAX_ANSWER: Final = 200
"""Characters of an answer; a longer one is a text, no category."""
_SOMEBODY: Final = "people"
_PROBLEMS_SHOWN: Final = 50
_FORM: Final = 'for example {"item": "q1", "labels": {"ann": "pass"}}; see the page on calibration'

T = TypeVar("T")
Answer: TypeAlias = bool | int | float | str | None
Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class _ItemRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    item: Name | int
    case: Name | int | None = None
    drawn: Literal["", "audit", "disagreement", "uncertainty", "stratum"] = ""
    label: Answer = None
    labels: dict[Name, Answer] = {}
    models: tuple[str, ...] = ()
    verdict: Answer = None
    slices: dict[Name, Answer] = {}
    material: Material | None = None


class _VerdictRow(msgspec.Struct, frozen=True, kw_only=True):
    item: Name | int
    verdict: Answer = None


def read_labels(path: Path, *, question: str = "", domain: str = "") -> LabelledItems:
    """The labelled items of a file.

    Args:
        path: the file.
        question: what was asked; empty: the file's own name for it.
        domain: the suite or data set; empty: the name of the file.

    Raises:
        BadRequest: the file cannot be read.
        BadFile: everything that is wrong in it.
    """
    rows = read_rows(path)
    is_panda = bool(rows) and pandalm.holds_labels(rows[0].fields)
    reader = _Reader(path)
    items = [item for row in rows if (item := reader.item(row, is_panda=is_panda)) is not None]
    reader.refuse()
    return LabelledItems(
        items=tuple(items),
        source=path.name,
        domain=domain or path.stem,
        question=question or (pandalm.QUESTION if is_panda else path.stem),
    )


def read_verdicts(path: Path) -> dict[str, str]:
    """Item to what a judge said of it, in lower case.

    Raises: as `read_labels`.
    """
    rows = read_rows(path)
    is_panda = bool(rows) and pandalm.holds_verdicts(rows[0].fields)
    reader = _Reader(path)
    verdicts = dict(reader.verdicts(rows, is_panda=is_panda))
    reader.refuse()
    return verdicts


def as_labels(labelled: LabelledItems) -> list[Label]:
    """What people said, as records of the store; adding them again adds nothing."""
    return [
        Label(
            id=label_id(
                item=item.id,
                question=labelled.question,
                annotator=annotator,
                value=answer,
                at=None,
                domain=labelled.domain,
            ),
            item=item.id,
            question=labelled.question,
            annotator=annotator,
            value=answer,
            domain=labelled.domain,
            drawn=item.drawn,
            slices=item.slices,
            source=labelled.source,
        )
        for item in labelled.items
        for annotator, answer in item.labels.items()
    ]


class _Reader:
    """Takes rows one by one and remembers everything that is wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._problems: list[Problem] = []
        self._seen: dict[str, Row] = {}

    def item(self, row: Row, *, is_panda: bool) -> LabelledItem | None:
        """The item of a row, or nothing where the row is wrong."""
        fields = row.fields
        if is_panda:
            fields = pandalm.label_fields(fields) if pandalm.holds_labels(fields) else {}
        read = self._converted(row, fields, _ItemRow)
        if read is None or not self._is_new(row, str(read.item)):
            return None
        given = {**({_SOMEBODY: read.label} if read.label is not None else {}), **read.labels}
        answers = {name: text for name, value in given.items() if (text := answer_text(value))}
        if long := [name for name, text in answers.items() if len(text) > MAX_ANSWER]:
            message = f"the label of {printable(long[0], limit=60)} is a text, not an answer"
            self._add(row, message, "give pass, fail, or a short category")
        return LabelledItem(
            id=str(read.item),
            case="" if read.case is None else str(read.case),
            drawn=read.drawn,
            labels={name: text for name, text in answers.items() if name not in read.models},
            model_labels=sum(name in read.models for name in answers),
            verdict=answer_text(read.verdict),
            slices={name: str(value) for name, value in read.slices.items() if value is not None},
            material=pandalm.material_of(row.fields) if is_panda else read.material,
        )

    def verdicts(self, rows: Sequence[Row], *, is_panda: bool) -> Iterator[tuple[str, str]]:
        """Item and verdict of every row that has one."""
        for row in rows:
            fields = row.fields
            if is_panda:
                fields = pandalm.verdict_fields(fields) if pandalm.holds_verdicts(fields) else {}
            read = self._converted(row, fields, _VerdictRow)
            if read is None or not self._is_new(row, str(read.item)):
                continue
            if said := answer_text(read.verdict):
                yield str(read.item), said

    def refuse(self) -> None:
        """Raise `BadFile` where anything was wrong."""
        rest = len(self._problems) - _PROBLEMS_SHOWN
        if rest > 0:
            more = Problem(file=self._path, message=f"and {rest} problems more")
            raise BadFile([*self._problems[:_PROBLEMS_SHOWN], more])
        if self._problems:
            raise BadFile(self._problems)

    def _converted(self, row: Row, fields: Mapping[str, Json], kind: type[T]) -> T | None:
        try:
            return msgspec.convert(fields, kind)
        except msgspec.ValidationError as error:
            self._add(row, printable(_plain(str(error)), limit=200), _FORM)
            return None

    def _is_new(self, row: Row, item: str) -> bool:
        if (first := self._seen.setdefault(item, row)) is row:
            return True
        where = first.place or f"line {first.line}"
        shown = printable(item, limit=80)
        self._add(row, f"item {shown!r} stands in {where} too", "one record for each item")
        return False

    def _add(self, row: Row, message: str, hint: str) -> None:
        problem = Problem(
            file=self._path, line=row.line, place=row.place, message=message, hint=hint
        )
        self._problems.append(problem)


def answer_text(value: Answer) -> str | None:
    """An answer as it is compared: true is ``pass``, ``2.0`` is ``2``, capitals do not count."""
    match value:
        case None:
            return None
        case bool():
            return "pass" if value else "fail"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            text = str(value).strip().casefold()
            return {"true": "pass", "false": "fail"}.get(text, text) or None


def _plain(message: str) -> str:
    """What msgspec says, in the words of the file."""
    return message.replace("Object", "the record").replace("`$.", "`").replace(" - at `$`", "")
