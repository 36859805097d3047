"""Labels as files hold them: one JSON object a line, or CSV with a head. All mistakes at once."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from roadworthy.base.codec import Json
from roadworthy.base.errors import BadFile, BadRequest, Problem
from roadworthy.base.printable import printable
from roadworthy.base.registry import nearest
from roadworthy.grade.review_sampling import Drawn
from roadworthy.ingest.lines import json_lines
from roadworthy.ingest.source import SourceError
from roadworthy.records.label import Label, Labeller, label_id, trial_item

MOST_PROBLEMS: Final = 200
SLICE: Final = "slice."
_LATEST_S: Final = 253_402_300_800.0  # the year 10000


def _word(value: object) -> object:
    """A value as text: true and false are pass and fail, a number reads as it is written."""
    if isinstance(value, bool):
        return "pass" if value else "fail"
    if isinstance(value, int | float):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _moment(value: object) -> object:
    """ISO 8601 as seconds since 1970; without a zone it is UTC."""
    if not isinstance(value, str):
        return value
    with suppress(ValueError):
        return float(value)
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        words = "a time is seconds since 1970 or ISO 8601, such as 2026-11-20T09:30:00Z"
        raise ValueError(words) from None


_Name = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Value = Annotated[_Name, Field(max_length=60), BeforeValidator(_word)]
_At = Annotated[float, Field(ge=0, lt=_LATEST_S, allow_inf_nan=False), BeforeValidator(_moment)]


class TrialPlace(NamedTuple):
    """A trial of the store; `repeat` counts from 0."""

    run: str
    case: str
    repeat: int


class LabelRow(BaseModel):
    """One label of a file."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    question: _Name
    annotator: Annotated[_Name, Field(max_length=120)]
    item: _Name | None = None
    run: _Name | None = None
    case: _Name | None = None
    repeat: Annotated[int, Field(ge=0)] | None = None
    value: _Value | None = None
    skipped: bool = False
    made_by: Labeller = Labeller.HUMAN
    rubric: Annotated[str, Field(max_length=64)] = ""
    domain: Annotated[str, Field(max_length=500)] = ""
    note: Annotated[str, Field(max_length=10_000)] = ""
    drawn: Drawn | None = None
    slices: dict[_Name, _Value] = Field(default_factory=dict)
    trace_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    at: _At | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = [part is not None for part in (self.run, self.case, self.repeat)]
        if not (all(given) if self.item is None else not any(given)):
            raise ValueError("give either `item`, or `run`, `case` and `repeat`")
        if (self.value is None) != self.skipped:
            raise ValueError("give either a `value`, or `skipped` as true")
        return self

    @property
    def trial(self) -> TrialPlace | None:
        """The trial that is labelled; `None`: the item is no trial of this store."""
        if self.run is None or self.case is None or self.repeat is None:
            return None
        return TrialPlace(self.run, self.case, self.repeat)

    @property
    def key(self) -> str:
        """The item, as labels have it."""
        return (self.item or "") if self.trial is None else trial_item(*self.trial)


class FileLabel(NamedTuple):
    """A label with its line; `trial` where the line names one."""

    line: int
    label: Label
    trial: TrialPlace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDefaults:
    """What counts where a line does not say."""

    question: str | None = None
    annotator: str | None = None
    domain: str | None = None
    made_by: Labeller | None = None

    def filled(self, line: Mapping[str, Json]) -> dict[str, Json]:
        """A line with what it leaves open."""
        own = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in own.items() if value is not None} | dict(line)


def read_labels(path: Path, defaults: FileDefaults) -> list[FileLabel]:
    """Every label, in the order of the file.

    Raises:
        BadFile: with everything that is wrong, up to `MOST_PROBLEMS`.
        BadRequest: the file cannot be read.
    """
    try:
        read = _Reading(path, defaults)
        for number, line in _lines(path):
            read.take(number, line)
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror}") from None
    if not read.problems and not read.labels:
        read.complain(1, "holds no label", hint="one JSON object a line, or CSV with a head")
    if read.problems:
        raise BadFile(read.problems)
    return read.labels


class _Reading:
    """One pass over a file."""

    def __init__(self, path: Path, defaults: FileDefaults) -> None:
        self.labels: list[FileLabel] = []
        self.problems: list[Problem] = []
        self._path = path
        self._defaults = defaults
        self._said: dict[tuple[str, str, str, float | None], tuple[int, str]] = {}

    def complain(
        self, line: int, message: str, *, place: str | None = None, hint: str | None = None
    ) -> None:
        """Add a problem; past `MOST_PROBLEMS` the file is given up."""
        self.problems.append(
            Problem(file=self._path, line=line, message=message, place=place, hint=hint)
        )
        if len(self.problems) >= MOST_PROBLEMS:
            raise BadFile(self.problems)

    def take(self, number: int, line: Json | SourceError) -> None:
        """Read one line."""
        if isinstance(line, SourceError):
            self.complain(number, str(line))
            return
        if not isinstance(line, dict):
            self.complain(number, "is no JSON object", hint='{"item": …, "value": "pass", …}')
            return
        try:
            row = LabelRow.model_validate(self._defaults.filled(line))
        except ValidationError as error:
            for item in error.errors(include_url=False):
                self._explain(number, dict(item))
            return
        self._keep(FileLabel(number, _label(row, self._path), row.trial))

    def _keep(self, entry: FileLabel) -> None:
        number, label = entry.line, entry.label
        key = (label.item, label.question, label.annotator, label.at)
        first, value = self._said.setdefault(key, (number, label.value))
        if value != label.value:
            message = f"says {printable(label.value, limit=60)!r} of what line {first} says"
            hint = "an annotator's second thought needs a later `at`"
            self.complain(number, f"{message} {printable(value, limit=60)!r}", hint=hint)
        elif first == number:
            self.labels.append(entry)

    def _explain(self, number: int, item: Mapping[str, object]) -> None:
        where = item["loc"]
        place = printable(".".join(map(str, where if isinstance(where, tuple) else ())), limit=80)
        message, hint = str(item["msg"]).removeprefix("Value error, "), None
        if item["type"] == "extra_forbidden":
            message, hint = "no such field", nearest(place, list(LabelRow.model_fields))
        elif item["type"] == "missing":
            message, hint = "is missing", _OPTIONS.get(place)
        elif isinstance(item["input"], str | int | float) and place:
            message = f"{message}, got {printable(repr(item['input']), limit=60)}"
        self.complain(number, message, place=place or None, hint=hint)


_OPTIONS: Final = {
    "question": "give --question for the whole file",
    "annotator": "give --as for the whole file",
}


def _label(row: LabelRow, path: Path) -> Label:
    value = row.value or ""
    value = value.lower() if value.lower() in ("pass", "fail") else value
    return Label(
        id=label_id(
            item=row.key,
            question=row.question,
            annotator=row.annotator,
            value=value,
            at=row.at,
            domain=row.domain,
        ),
        item=row.key,
        question=row.question,
        annotator=row.annotator,
        value=value,
        made_by=row.made_by,
        rubric=row.rubric,
        domain=row.domain,
        note=row.note,
        skipped=row.skipped,
        drawn="" if row.drawn is None else row.drawn.value,
        source=path.name,
        slices=row.slices,
        trace_id=row.trace_id,
        at=row.at,
    )


def _lines(path: Path) -> Iterable[tuple[int, Json | SourceError]]:
    return _csv_lines(path) if path.suffix.lower() == ".csv" else _json_lines(path)


def _json_lines(path: Path) -> Iterator[tuple[int, Json | SourceError]]:
    with path.open("rb") as stream:
        yield from json_lines(stream)


def _csv_lines(path: Path) -> Iterator[tuple[int, Json | SourceError]]:
    """Rows as objects: an empty cell says nothing, a column ``slice.NAME`` is one of `slices`."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, restkey="more cells than the head", strict=True)
        try:
            for row in reader:
                yield reader.line_num, _cells(row)
        except (csv.Error, UnicodeDecodeError) as error:
            yield reader.line_num + 1, SourceError(f"is no CSV: {error}")


def _cells(row: Mapping[str, Json]) -> dict[str, Json]:
    given = {name: cell for name, cell in row.items() if cell not in ("", None)}
    slices: dict[str, Json] = {
        name.removeprefix(SLICE): cell for name, cell in given.items() if name.startswith(SLICE)
    }
    rest = {name: cell for name, cell in given.items() if not name.startswith(SLICE)}
    return {**rest, **({"slices": slices} if slices else {})}
