"""Which labels answer the question that a judge was asked: those of its version of the rubric.

A label carries the digest of the rubric that its annotator saw; without one (many a file says
none) nobody can tell, so it counts and is told.
"""

from collections.abc import Collection, Iterable, Iterator

from roadworthy.base.codec import Json
from roadworthy.records.label import Label
from roadworthy.records.run import PlannedCase


def versions_asked(planned: PlannedCase | None, used: str) -> frozenset[str]:
    """Digests of the rubric that a case was judged by: as it was `used`, and as its file has it.

    They differ where a grader puts a pass mark or a way to add up in place of the rubric's own.
    """
    specs = () if planned is None else planned.graders
    written = (one for spec in specs for one in _digests(dict(spec.options)))
    return frozenset({used, *written} - {""})


def of_version(labels: Iterable[Label], versions: Collection[str]) -> list[Label]:
    """The labels that answer one of `versions`, or do not say which they answer."""
    return [one for one in labels if not one.rubric or one.rubric in versions]


def _digests(value: Json) -> Iterator[str]:
    """Wherever in the options of a grader another stands."""
    if isinstance(value, list):
        for inner in value:
            yield from _digests(inner)
    elif isinstance(value, dict):
        if isinstance(value.get("rubric"), str) and isinstance(value.get("digest"), str):
            yield str(value["digest"])
        for inner in value.values():
            yield from _digests(inner)
