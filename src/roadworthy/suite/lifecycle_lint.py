"""What is odd about where a case stands in its life."""

from collections.abc import Iterator
from datetime import datetime

from roadworthy.base.errors import Problem
from roadworthy.records.case import Kind
from roadworthy.suite.read_case import ReadCase


def lifecycle_warnings(case: ReadCase, now: datetime | None) -> Iterator[Problem]:
    """Warnings on quarantine, proof and history; `now` tells whether a review is overdue."""
    file, document = case.file, case.document
    if file.kind is Kind.QUARANTINED:
        yield from _on_quarantine(case, now)
    elif file.quarantine is not None:
        message = f"names who looks after its quarantine, and is of kind {file.kind}"
        yield document.problem(("quarantine",), message, hint="take it out, or quarantine the case")
    if file.kind is Kind.RETIRED and not file.history:
        hint = "retire it with `roadworthy case retire`, or say why under `history`"
        yield document.problem(("kind",), "retired without a reason", hint=hint)
    if file.proof is not None and not case.case.proved and file.kind is not Kind.RETIRED:
        message = "what it asks or expects has changed since it was proved"
        yield document.problem(("proof",), message, hint="prove it with `roadworthy case verify`")


def _on_quarantine(case: ReadCase, now: datetime | None) -> Iterator[Problem]:
    aside = case.case.quarantine
    if case.file.quarantine is None or aside is None:
        message = "quarantined without an owner and a day of review"
        hint = "write `quarantine: {owner: …, until: 2026-12-24, why: …}`"
        yield case.document.problem(("kind",), message, hint=hint)
    elif now is not None and aside.is_overdue(now):
        message = f"quarantined, and overdue for review ({aside.told})"
        hint = "`roadworthy case release`, `retire`, or `quarantine` with a later day"
        yield case.document.problem(("quarantine", "until"), message, hint=hint)
