"""Changing a case file on someone's behalf: everything else in it stays, byte for byte.

Only the lines of the changed key are written anew, comments on them included. The result must
load, and must say what it said before plus the change, before it takes the file's place; the
file is replaced whole or not at all.

Not here: what a change of kind writes (`lifecycle`).
"""

import io
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from roadworthy.base.codec import Json, to_builtins
from roadworthy.base.errors import BadFile, BadRequest
from roadworthy.records.proof import Proof
from roadworthy.suite.atomic_file import replace
from roadworthy.suite.case_file import CaseFile
from roadworthy.suite.check_file import check_file
from roadworthy.suite.limits import MAX_YAML_BYTES
from roadworthy.suite.yaml_block import find_block
from roadworthy.suite.yaml_file import YamlFile, parse_yaml, read_bytes
from roadworthy.suite.yaml_text import round_trip, yaml_text

_BOM = "\ufeff"


def add_proof(path: Path, proof: Proof) -> None:
    """Store `proof` in the case file, in place of an earlier one.

    Raises:
        BadFile: the file is not a good case file as it stands.
        BadRequest: it cannot be written.
    """
    _edit(path, {"proof": to_builtins(proof)})


def read_case_value(path: Path) -> dict[str, Json]:
    """What a case file says, sure to be a good case. Raises `BadFile`."""
    value = _checked(read_bytes(path, limit=MAX_YAML_BYTES), path).value
    assert isinstance(value, dict)
    return value


def edited_text(path: Path, changes: dict[str, Json], *, without: Collection[str] = ()) -> str:
    """The text of the case file with `changes` made and the keys of `without` taken out.

    Raises:
        BadFile: the file is not a good case file as it stands.
        BadRequest: it cannot be changed without changing more.
    """
    data = read_bytes(path, limit=MAX_YAML_BYTES)
    value = _checked(data, path).value
    kept = value if isinstance(value, dict) else {}
    wanted = {key: kept[key] for key in kept if key not in without} | changes
    for candidate in _candidates(data.decode("utf-8"), changes, without):
        if _says(candidate, wanted, path):
            return candidate
    raise BadRequest(
        f"{path} cannot be changed without changing more than was asked",
        hint="write this into the file by hand:\n" + yaml_text(changes),
    )


def _checked(data: bytes, path: Path) -> YamlFile:
    document = parse_yaml(data, path)
    _, problems = check_file(CaseFile, document)
    if problems:
        raise BadFile(problems)
    return document


def _edit(path: Path, changes: dict[str, Json]) -> None:
    replace(path, edited_text(path, changes).encode())


def _says(text: str, wanted: Json, path: Path) -> bool:
    try:
        return _checked(text.encode(), path).value == wanted
    except (BadFile, UnicodeError):
        return False


def _candidates(text: str, changes: dict[str, Json], without: Collection[str]) -> Iterator[str]:
    """The file with the changes made, most careful way first."""
    for way in (_spliced, _rewritten, _whole):
        try:
            yield way(text, changes, without)
        except (YAMLError, ValueError, TypeError, AttributeError, BadRequest):
            continue  # ruamel's round trip does not take every form; the next way may


def _cut(text: str, keys: Collection[str]) -> str:
    """Without the lines of `keys`, the comments on them included."""
    bom, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    for key in keys:
        found = find_block(text, key)
        if found is not None:
            text = text[: found.start] + text[found.stop :]
    return bom + text


def _spliced(text: str, changes: dict[str, Json], without: Collection[str]) -> str:
    """Only the changed keys' own lines pass through the round trip, so comments there stay."""

    def rewrite(block: str, key: str, value: Json) -> str:
        loaded = round_trip().load(block)
        _assign(loaded, key, value)
        return _dumped(loaded)

    return _each(_cut(text, without), changes, rewrite)


def _rewritten(text: str, changes: dict[str, Json], without: Collection[str]) -> str:
    """The changed keys' own lines are written from scratch."""
    return _each(_cut(text, without), changes, lambda _, key, value: yaml_text({key: value}))


def _whole(text: str, changes: dict[str, Json], without: Collection[str]) -> str:
    """The whole file passes through the round trip: for files in one pair of braces."""
    loaded = round_trip().load(text)
    for key in without:
        del loaded[key]
    for key, value in changes.items():
        _assign(loaded, key, value)
    return _dumped(loaded)


def _each(text: str, changes: dict[str, Json], rewrite: Callable[[str, str, Json], str]) -> str:
    bom, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    newline = "\r\n" if "\r\n" in text else "\n"
    for key, value in changes.items():
        found = find_block(text, key)
        if found is None:
            joint = "" if text.endswith("\n") else newline
            text += joint + yaml_text({key: value}).replace("\n", newline)
        else:
            block = rewrite(text[found].replace("\r\n", "\n"), key, value)
            text = text[: found.start] + block.replace("\n", newline) + text[found.stop :]
    return bom + text


def _assign(loaded: Any, key: str, value: Json) -> None:
    """Set a key; of a list that only grew, the old items are left as they are."""
    old = loaded.get(key)
    if isinstance(old, list) and isinstance(value, list) and len(value) > len(old):
        old.extend(value[len(old) :])
    else:
        loaded[key] = value


def _dumped(loaded: Any) -> str:
    stream = io.StringIO()
    round_trip().dump(loaded, stream)
    return stream.getvalue()
