"""Which cases of two runs measure the same thing in the same way?"""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from roadworthy.base.ids import natural_key
from roadworthy.base.printable import printable
from roadworthy.gate.wording import names
from roadworthy.records.case import Kind
from roadworthy.records.evidence import CaseEvidence, RunEvidence

THE_AGENT_DID_NOT: Final = "the grading changed, the agent did not"
_GRADED_DIFFERENTLY: Final = "graded differently"
_MOST_GRADERS: Final = 5
_MAX_COMMAND: Final = 1000


class CasePair(NamedTuple):
    """One case as both runs measured it."""

    base: CaseEvidence
    candidate: CaseEvidence

    @property
    def measured(self) -> bool:
        """Whether both sides have a verdict on at least one trial."""
        return bool(self.base.measured and self.candidate.measured)


class Pairing(NamedTuple):
    """Comparable pairs in natural order of their ids, and why the other cases are none."""

    pairs: tuple[CasePair, ...]
    left_out: tuple[str, ...]


def pair_cases(base: RunEvidence, candidate: RunEvidence) -> Pairing:
    """Pair the cases that both runs hold with one digest and one set of required graders.

    Graders are compared only where both sides measured something: a trial that was lost before
    grading says nothing about how it would have been graded. Retired cases are ignored.
    """
    if base.run == candidate.run and base.grading != candidate.grading:
        return Pairing((), (_same_trials(base, candidate),))
    before, after = _by_id(base), _by_id(candidate)
    left_out: dict[str, list[str]] = {}
    pairs: list[CasePair] = []
    for case in sorted({**before, **after}, key=natural_key):
        why = _difference(case, base.run, before, candidate.run, after)
        if why is None:
            pairs.append(CasePair(before[case], after[case]))
        else:
            left_out.setdefault(why, []).append(case)
    told = [f"{why}: {names(ids)}" for why, ids in left_out.items()]
    if any(why.startswith(_GRADED_DIFFERENTLY) for why in left_out):
        told += grade_alike(base, candidate)
    return Pairing(tuple(pairs), tuple(told))


def _by_id(run: RunEvidence) -> dict[str, CaseEvidence]:
    return {case.case: case for case in run.cases if case.kind is not Kind.RETIRED}


def _difference(
    case: str,
    base: str,
    before: Mapping[str, CaseEvidence],
    candidate: str,
    after: Mapping[str, CaseEvidence],
) -> str | None:
    if case not in after:
        return f"only in {base}"
    if case not in before:
        return f"only in {candidate}"
    pair = CasePair(before[case], after[case])
    if pair.base.digest != pair.candidate.digest:
        return _changed(pair)
    if pair.measured and pair.base.graders != pair.candidate.graders:
        return f"{_GRADED_DIFFERENTLY} ({_graders(pair)})"
    return None


def _changed(pair: CasePair) -> str:
    """Where both sides are known to have asked the same, only what was expected differs."""
    then, now = pair.base.asked, pair.candidate.asked
    if not then or then != now:
        return "what the case asks or expects has changed"
    if pair.measured and pair.base.graders != pair.candidate.graders:
        return f"{_GRADED_DIFFERENTLY} ({_graders(pair)})"
    return f"{_GRADED_DIFFERENTLY} (what the case expects has changed)"


def _same_trials(base: RunEvidence, candidate: RunEvidence) -> str:
    return (
        f"these are the same trials under gradings {base.grading} and {candidate.grading}: "
        f"{THE_AGENT_DID_NOT}"
    )


def grade_alike(base: RunEvidence, candidate: RunEvidence) -> Iterator[str]:
    """The command that gives the older grading what the newer one has; nothing if none would."""
    older, newer = sorted((base, candidate), key=lambda run: run.graded_at)
    if older.graded_at == newer.graded_at or not newer.graded_from:
        return
    words = ["roadworthy", "eval", "regrade", older.run]
    if newer.graded_from != older.graded_from:
        words += ["--suite", newer.graded_from]
    command = printable(shlex.join(words), limit=_MAX_COMMAND)
    yield f"the grading changed, which says nothing of the agent; to grade both alike: {command}"


def _graders(pair: CasePair) -> str:
    then, now = set(pair.base.graders), set(pair.candidate.graders)
    return f"{_listed(then - now)} → {_listed(now - then)}"


def _listed(graders: Iterable[str]) -> str:
    listed = [grader.removesuffix("/") for grader in sorted(graders)]
    more = f" and {len(listed) - _MOST_GRADERS} more" if len(listed) > _MOST_GRADERS else ""
    return (", ".join(listed[:_MOST_GRADERS]) or "no such grader") + more
