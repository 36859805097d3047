"""The files of PandaLM's test set: pairs of responses, three annotators, and judges' verdicts.

Answers are ``1`` and ``2`` for the better response, and ``tie``.
"""

from collections.abc import Mapping
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.grade.judge.material import Material

QUESTION: Final = "better_response"
_RESULT: Final = "_result"
_ANNOTATOR: Final = "annotator"
_TIE: Final = "tie"


def holds_labels(row: Mapping[str, Json]) -> bool:
    """Whether a row is one of the test set."""
    return "idx" in row and "response1" in row and bool(_annotators(row))


def holds_verdicts(row: Mapping[str, Json]) -> bool:
    """Whether a row is what a judge said of a pair."""
    return "idx" in row and len([name for name in row if name.endswith(_RESULT)]) == 1


def label_fields(row: Mapping[str, Json]) -> dict[str, Json]:
    """The row in the documented form, without what was judged."""
    labels: dict[str, Json] = {name: answer(row[name]) for name in _annotators(row)}
    slices: dict[str, Json] = {"pair": row["cmp_key"]} if row.get("cmp_key") else {}
    return {"item": row["idx"], "labels": labels, "slices": slices}


def material_of(row: Mapping[str, Json]) -> Material:
    """What was compared."""
    asked = [str(row[name]) for name in ("instruction", "input") if row.get(name)]
    return Material(
        input="\n\n".join(asked), output=row.get("response1"), other=row.get("response2")
    )


def verdict_fields(row: Mapping[str, Json]) -> dict[str, Json]:
    """The row in the documented form."""
    name = next(name for name in row if name.endswith(_RESULT))
    return {"item": row["idx"], "verdict": answer(row[name])}


def answer(value: Json) -> Json:
    """0 stands for a tie, in numbers and in words."""
    return _TIE if value in (0, "0") and value is not False else value


def _annotators(row: Mapping[str, Json]) -> list[str]:
    return [name for name in row if name.startswith(_ANNOTATOR) and name != _ANNOTATOR]
