"""What a judge gets to see of one item: a trial, or a labelled item that is none.

Not here: reading it out of a trial (`trial_material`), the words around it (`prompt`).
"""

from typing import Final

from roadworthy.base.codec import Json, encode
from roadworthy.records.record import Record
from roadworthy.records.rubric import Reference, Rubric
from roadworthy.records.span import SpanId

MAX_CHARACTERS: Final = 400_000
"""More than this, as JSON, is put to no judge: it would be cut, and a cut hides evidence."""


class Document(Record, frozen=True, kw_only=True):
    """Something that the agent read: a retrieved document, or what a tool returned."""

    content: Json
    source: str = ""  # the tool, or where it was found
    span: SpanId | None = None


class Material(Record, frozen=True, kw_only=True):
    """One item. `None` is not known, which an empty tuple is not."""

    output: Json
    input: Json = None
    expected: Json = None
    documents: tuple[Document, ...] | None = None
    transcript: tuple[Json, ...] | None = None
    policy: str | None = None
    other: Json = None  # the answer to compare with, where two are compared


def lacking(rubric: Rubric, material: Material) -> tuple[Reference, ...]:
    """What the rubric asks to be shown and the material does not hold."""
    return tuple(one for one in rubric.references if _of(material, one) is None)


def shown(rubric: Rubric, material: Material) -> dict[str, Json]:
    """What the judge sees, by name, in the order of `Reference`; `output` is always there."""
    wanted = {*rubric.references, *rubric.optional, Reference.OUTPUT}
    values = {one.value: _of(material, one) for one in Reference if one in wanted}
    return {name: value for name, value in values.items() if value is not None}


def is_too_long(view: dict[str, Json]) -> bool:
    """Whether it is more than a judge is shown."""
    return len(encode(view)) > MAX_CHARACTERS


def _of(material: Material, reference: Reference) -> Json:
    values: dict[Reference, Json] = {
        Reference.INPUT: material.input,
        Reference.OUTPUT: material.output,
        Reference.EXPECTED: material.expected,
        Reference.POLICY: material.policy,
        Reference.DOCUMENTS: _documents(material.documents),
        Reference.TRANSCRIPT: None if material.transcript is None else list(material.transcript),
    }
    return values[reference]


def _documents(documents: tuple[Document, ...] | None) -> Json:
    if documents is None:
        return None
    return [{"source": one.source, "content": one.content} for one in documents]
