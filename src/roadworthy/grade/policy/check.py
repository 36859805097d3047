"""What every policy check shares: how bad a breach is, and how looking becomes a reading.

A check only looks (`look`): it reports breaches, each with the spans that show it, and what it
could not tell. From that follows one reading: a breach fails, whatever else is unknown; without
one, something unknown is unmeasured; only a whole and clean path passes.
"""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, Final, Literal, TypeAlias

from roadworthy.base.codec import Json
from roadworthy.base.printable import printable
from roadworthy.grade.agent_path import NO_TRACE, gap_in
from roadworthy.grade.plain_grade import plain_grade
from roadworthy.grade.policy.reference import Moment
from roadworthy.grade.policy.scene import Scene
from roadworthy.records.grader_spec import BadOptions, OptionProblem
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.span import SpanId
from roadworthy.records.trace import Trace
from roadworthy.records.trial import Trial

Severity: TypeAlias = Literal["high", "medium", "low"]

_MOST_LISTED: Final = 50
_WHY_LIMIT: Final = 300


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that the policy does not allow, and where it was done. The last span did it."""

    why: str
    spans: tuple[SpanId, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be told."""

    why: str
    spans: tuple[SpanId, ...] = ()
    cause: Cause = Cause.INCOMPLETE_TRACE


Sight: TypeAlias = Breach | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCheck:
    """Base of all checks. `facts` are what a case says of its session, such as a role."""

    severity: Severity = "high"
    facts: dict[str, Json] = field(default_factory=dict)
    name: ClassVar[str]
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if problems := list(self.problems()):
            raise BadOptions(problems)

    def problems(self) -> Iterable[OptionProblem]:
        """Everything that is wrong with the options, beyond their types."""
        return ()

    @abstractmethod
    def look(self, scene: Scene) -> Iterable[Sight]:
        """Every breach and gap, in the order of the path."""

    async def grade(self, trial: Trial) -> Reading:
        """Look at the trial's path."""
        return judged(self, trial)

    def at(self, scene: Scene, place: int) -> Moment:
        """A place of a scene, with what the case says."""
        return Moment(scene, max(place, 0), self.facts)


def judged(check: PolicyCheck, trial: Trial) -> Reading:
    """The reading that follows from what `check` sees."""
    if trial.trace is None or not trial.trace.spans:
        return NO_TRACE
    scene = _scene(_Same(trial, trial.trace))
    seen = list(check.look(scene))
    breaches = [one for one in seen if isinstance(one, Breach)]
    gaps = [one for one in seen if isinstance(one, Gap)]
    if breaches:
        return _failed(breaches, gaps, check.severity)
    if gaps:
        details: dict[str, Json] = {"unknown": _listed(gaps)}
        why = _first(gaps)
        return Unmeasured(cause=gaps[0].cause, why=why, details=details)
    return gap_in(trial) or plain_grade(True, "the policy was kept")


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """A trial that equals only itself: records hold mappings and have no hash."""

    trial: Trial
    trace: Trace

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.trial is other.trial and self.trace is other.trace

    def __hash__(self) -> int:
        return hash((id(self.trial), id(self.trace)))


@lru_cache(maxsize=4)
def _scene(same: _Same) -> Scene:
    """The scene of a trial, put together once for all the checks that look at it in turn."""
    return Scene(same.trial, same.trace)


def _failed(breaches: Sequence[Breach], gaps: Sequence[Gap], severity: Severity) -> Grade:
    spans = [breach.spans[-1] for breach in breaches if breach.spans]
    spans += [span for breach in breaches for span in breach.spans]
    details: dict[str, Json] = {
        "severity": severity,
        "count": len(breaches),
        "breaches": _listed(breaches),
    }
    if gaps:
        details["unknown"] = _listed(gaps)
    return Grade(
        passed=False,
        score=0.0,
        why=_first(breaches),
        evidence=tuple(dict.fromkeys(spans)),
        details=details,
    )


def _first(sights: Sequence[Sight]) -> str:
    more = f" (and {len(sights) - 1} more)" if len(sights) > 1 else ""
    return printable(sights[0].why, limit=_WHY_LIMIT) + more


def _listed(sights: Sequence[Sight]) -> Json:
    """The first fifty, as JSON."""
    return [
        {"why": printable(one.why, limit=_WHY_LIMIT), "spans": list(one.spans)}
        for one in sights[:_MOST_LISTED]
    ]
