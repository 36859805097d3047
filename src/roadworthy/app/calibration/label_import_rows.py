"""Files of labels as rows: JSON, JSON lines or CSV, told apart by content. No row is trusted.

Not here: what the rows mean (`label_import`, `label_import_pandalm`).
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from roadworthy.base.codec import Json, decode
from roadworthy.base.errors import BadFile, BadRequest, InvalidRecord, Problem

MAX_BYTES: Final = 512 * 1024 * 1024
_BYTE_ORDER_MARK: Final = "\ufeff"
_MATERIAL: Final = frozenset({"input", "output", "expected", "policy", "other"})
_FORMS: Final = "JSON (a list of objects), JSON lines, or CSV with a line of column names"


class Row(NamedTuple):
    """One record with where it stands."""

    fields: dict[str, Json]
    line: int | None = None  # 1-based
    place: str | None = None  # where there are no lines: "record 17"


def read_rows(path: Path) -> list[Row]:
    """Every row of a file.

    Raises:
        BadRequest: the file cannot be read, or is too large.
        BadFile: it is neither JSON nor CSV, or some record is no object; all of them at once.
    """
    text = _text(path)
    start = text.lstrip()[:1]
    if not start:
        raise BadFile([Problem(file=path, message="is empty", hint=f"give {_FORMS}")])
    rows, problems = _json(path, text) if start in "[{" else _csv(path, text)
    if not rows and not problems:
        problems = [Problem(file=path, message="holds no record", hint=f"give {_FORMS}")]
    if problems:
        raise BadFile(problems)
    return rows


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            limit = MAX_BYTES // 1024**2
            raise BadRequest(f"{path} is larger than {limit} MB", hint="give it in parts")
        return path.read_text(encoding="utf-8").removeprefix(_BYTE_ORDER_MARK)
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadFile([Problem(file=path, message="is not UTF-8 text")]) from None


def _json(path: Path, text: str) -> tuple[list[Row], list[Problem]]:
    try:
        whole = decode(object, text.encode())
    except InvalidRecord as error:
        if text.lstrip().startswith("["):
            why = error.message.partition("cannot be read: ")[2]
            return [], [Problem(file=path, message=f"is not JSON: {why}")]
        return _lines(path, text)
    records = whole if isinstance(whole, list) else [whole]
    rows, problems = [], []
    for number, record in enumerate(records, 1):
        place = f"record {number}"
        if isinstance(record, dict):
            rows.append(Row(record, place=place))
        else:
            problems.append(Problem(file=path, place=place, message="is no JSON object"))
    return rows, problems


def _lines(path: Path, text: str) -> tuple[list[Row], list[Problem]]:
    rows, problems = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append(Row(decode(dict[str, object], line.encode()), line=number))  # type: ignore[arg-type]  # JSON holds nothing but `Json`
        except InvalidRecord:
            problems.append(Problem(file=path, line=number, message="is no JSON object"))
    return rows, problems


def _csv(path: Path, text: str) -> tuple[list[Row], list[Problem]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows, problems = [], []
    try:
        for record in reader:
            if None in record or None in record.values():
                message = f"has another number of columns than the first line ({_columns(reader)})"
                problems.append(Problem(file=path, line=reader.line_num, message=message))
                continue
            rows.append(Row(dict(_nested(record)), line=reader.line_num))
    except csv.Error as error:
        problems.append(Problem(file=path, line=reader.line_num, message=f"is not CSV: {error}"))
    return rows, problems


def _columns(reader: "csv.DictReader[str]") -> int:
    return len(reader.fieldnames or ())


def _nested(record: dict[str, str]) -> Iterator[tuple[str, Json]]:
    """``label.ann`` and ``slice.level`` by name, and what was judged; empty cells are left out."""
    groups: dict[str, dict[str, Json]] = {"labels": {}, "slices": {}, "material": {}}
    for column, value in record.items():
        name = (column or "").strip()
        if not value.strip():
            continue
        kind, _, key = name.partition(".")
        if key and kind in {"label", "slice"}:
            groups[f"{kind}s"][key] = value
        elif name in _MATERIAL:
            groups["material"][name] = value
        else:
            yield name, value
    yield from ((name, group) for name, group in groups.items() if group)
