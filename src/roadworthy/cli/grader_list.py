"""Printing the graders that suites can ask for."""

from collections.abc import Sequence

import msgspec

from roadworthy.app.grader_list import GraderRow, OptionRow, list_graders, show_grader
from roadworthy.cli.output import emit_json, tell


def print_graders(name: str | None, *, as_json: bool) -> None:
    """Print all graders, or one with its options. Raises `BadRequest` for an unknown name."""
    if as_json:
        emit_json(list_graders() if name is None else show_grader(name))
    elif name is None:
        _list(list_graders())
    else:
        _show(show_grader(name))


def _list(rows: Sequence[GraderRow]) -> None:
    from roadworthy.cli.render.table import print_table  # noqa: PLC0415 - not for --json

    print_table(
        ["grader", "options", "what it does"],
        [
            [row.name, ", ".join(one.name for one in row.options), row.problem or row.summary]
            for row in rows
        ],
    )


def _show(row: GraderRow) -> None:
    tell(f"{row.name}, version {row.version}, from {row.source}")
    for line in ["", *row.description.splitlines()]:
        tell(line)
    if not row.options:
        tell("")
        tell("It takes no options.")
        return
    from roadworthy.cli.render.table import print_table  # noqa: PLC0415 - not for --json

    tell("")
    print_table(
        ["option", "type", "default", ""],
        [[one.name, one.type, _default(one), _bare(one)] for one in row.options],
    )


def _default(option: OptionRow) -> str:
    if option.required:
        return "required"
    return msgspec.json.encode(option.default).decode()


def _bare(option: OptionRow) -> str:
    return "may be written alone" if option.bare else ""
