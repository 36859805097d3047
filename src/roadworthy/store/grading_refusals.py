"""What a store says when a grading cannot be begun, added to or told; the same from every store."""

from collections.abc import Sequence

from roadworthy.base.errors import BadRequest, DuplicateName, UnknownName
from roadworthy.records.grading import Grading

AS_IT_RAN = 0
"""The number of the grading that was made while the run lasted."""


def check_beginning(grading: Grading) -> None:
    """See that `grading` can be one that is about to be made.

    Raises:
        BadRequest: it is numbered like the one made as the run went, or has ended already.
    """
    if grading.number <= AS_IT_RAN:
        raise BadRequest(
            f"gradings of run {grading.run!r} count from 1, got {grading.number}",
            hint="0 is the grading that was made while the run lasted",
        )
    if grading.finished_at is not None:
        raise BadRequest(
            f"{_name(grading.run, grading.number)} has ended before it began",
            hint="begin it without `finished_at`, and finish it when its readings are there",
        )


def taken_grading(run: str, number: int) -> DuplicateName:
    """The run has a grading of this number."""
    return DuplicateName(
        f"{_name(run, number)} is there already", hint="resume it, or take the next number"
    )


def finished_grading(run: str, number: int) -> BadRequest:
    """Nothing is added to a grading that has ended."""
    return BadRequest(
        f"{_name(run, number)} is finished, so nothing can be added to it",
        hint="begin another grading",
    )


def unknown_grading(run: str, number: int, known: Sequence[int]) -> UnknownName:
    """The run has no grading of this number; `known` are the later ones that it has."""
    there = ", ".join(str(one) for one in known)
    hint = f"it has {AS_IT_RAN} and {there}" if known else "it was graded only while it ran"
    return UnknownName(f"run {run!r} has no grading {number}", hint=hint)


def unknown_trial(run: str, case: str, repeat: int) -> UnknownName:
    """A reading is of no trial of the run."""
    return UnknownName(
        f"run {run!r} has no trial {repeat} of case {case!r}",
        hint="only trials that were made can be graded again",
    )


def _name(run: str, number: int) -> str:
    return f"grading {number} of run {run!r}"
