"""Is what a case asks today what a trial was asked then? Only then may it be read again.

A case's digest covers what the agent met and what was expected of it. A run keeps the
expectations that it was planned with, so today's input and recording under those must give the
digest of then, whatever is expected today. Where an end state was added since, that is tried
with the looks that were made.
"""

from collections.abc import Collection, Iterator
from enum import StrEnum

from roadworthy.base.codec import canonical
from roadworthy.base.ids import hex_digest
from roadworthy.records.case import Case, Divergent
from roadworthy.records.probe_spec import ProbeSpec
from roadworthy.records.run import PlannedCase
from roadworthy.suite.read_case import case_digest

_DIVERGENT: tuple[Divergent, ...] = ("unmeasured", "fail")


class Question(StrEnum):
    """What a case asks today, beside what it asked when a run was planned."""

    SAME = "same"
    SAME_UNSEEN = "same_unseen"  # what was looked at after the trial may be another thing
    CHANGED = "changed"
    UNPROVED = "unproved"  # it may have changed: the run does not keep enough to tell


def asked_digest(case: Case) -> str:
    """32 hex digits over what the agent met: the input and the replies of its recording."""
    replies = None
    if case.recording is not None:
        calls = case.recording.calls
        replies = [[c.boundary, c.tool, c.arguments, c.result, c.error] for c in calls]
    return hex_digest(canonical([case.input, replies]))


def question(then: PlannedCase, now: Case, *, looks: Collection[str] = ()) -> Question:
    """Compare; `looks` names what was looked at after trials of the case."""
    if then.digest == now.digest or then.digest in _digests(then, now, looks):
        return Question.SAME
    if not then.asked:
        return Question.UNPROVED
    return Question.SAME_UNSEEN if then.asked == asked_digest(now) else Question.CHANGED


def _digests(then: PlannedCase, now: Case, looks: Collection[str]) -> Iterator[str]:
    """Digests of today's input and recording under the expectations of then."""
    made = tuple(probe for probe in now.probes if probe.name in looks)
    none: tuple[ProbeSpec, ...] = ()
    for probes in (now.probes, made, none):
        for divergent in _DIVERGENT:
            yield case_digest(now.input, then.graders, now.recording, divergent, probes)
