"""Retention: which traces may go. What a trial, a finding or a case refers to is kept.

The store knows of trials and findings; case files lie in the project, so the ids that they
name are read here. A case file that cannot be read might name any trace, so nothing is deleted
before it is mended.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from roadworthy.app.app import App
from roadworthy.base.errors import BadFile, BadRequest
from roadworthy.grade.registry import check_grader
from roadworthy.store.ports import PruneRule
from roadworthy.suite.load import find_suites
from roadworthy.suite.suite_folder import read_suite_folder

DAY_S: Final = 86_400.0


class PruneReport(msgspec.Struct, frozen=True, kw_only=True):
    """What went, or would go; the documented shape of `db prune --json`."""

    traces: int
    dry_run: bool
    bytes_before: int
    bytes_after: int
    kept: int  # traces that stay
    kept_for_cases: int  # ids that case files name


def prune(
    app: App,
    *,
    older_than_days: float | None,
    keep_bytes: int | None,
    keep_share: float = 0.0,
    dry_run: bool = False,
) -> PruneReport:
    """Delete traces by age, by size, or both.

    Args:
        app: the project.
        older_than_days: traces that started longer ago may go.
        keep_bytes: the oldest go until the store is about this small.
        keep_share: of those that may go, this share (0 to 1) stays, chosen by trace id.
        dry_run: count, and delete nothing.

    Raises:
        BadRequest: neither age nor size was given.
        BadFile: a case file cannot be read.
    """
    if older_than_days is None and keep_bytes is None:
        raise BadRequest(
            "nothing says which traces may go",
            hint="give an age (--older-than 30) or a size (--keep-mb 500)",
        )
    keep = tuple(sorted(set(_named_by_cases(app))))
    before = None
    if older_than_days is not None:
        before = app.clock().timestamp() - older_than_days * DAY_S
    rule = PruneRule(before=before, keep_bytes=keep_bytes, keep_share=keep_share, keep_ids=keep)
    size, before_count = app.store.stats().bytes, app.store.traces.count()
    traces = app.store.prune(rule, dry_run=dry_run)
    return PruneReport(
        traces=traces,
        dry_run=dry_run,
        bytes_before=size,
        bytes_after=size if dry_run else app.store.stats().bytes,
        kept=max(0, before_count - traces),
        kept_for_cases=len(keep),
    )


def _named_by_cases(app: App) -> Iterator[str]:
    for folder in find_suites(app.project):
        read = read_suite_folder(folder, check_grader)
        if read.problems:
            raise BadFile(read.problems)
        for case in read.cases:
            if case.file.origin is not None:
                yield case.file.origin.trace
