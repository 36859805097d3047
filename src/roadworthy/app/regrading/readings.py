"""Reading one stored trial with the graders of today."""

from collections.abc import Sequence

from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.imported_run import GRADER
from roadworthy.app.judging.binding import bound_graders
from roadworthy.app.regrading.plan import RegradePlan
from roadworthy.base.errors import UnknownName
from roadworthy.grade.grade_trial import grade_trial, options_digest
from roadworthy.grade.judge.judge import Judges
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.reading import (
    Cause,
    TrialReading,
    Unmeasured,
    grader_identity,
)
from roadworthy.records.trial import Observation, Trial
from roadworthy.records.trial_result import TrialResult
from roadworthy.run.attempt import Graders, read_trial

_BLIND = "what is looked at may have changed since the trial"


class TrialReader:
    """Holds the built graders of every case, those that need judges with theirs.

    Raises:
        BadRequest: a judge cannot be asked.
    """

    def __init__(self, app: App, plan: RegradePlan, judges: Judges) -> None:
        self._app = app
        self._plan = plan
        self._alike: dict[tuple[str, ...], Graders] = {}
        read = [case for case in plan.cases if case.id not in plan.kept]
        self._graders = {case.id: self._built(case.id, case.graders, judges) for case in read}

    def _built(self, case: str, specs: Sequence[GraderSpec], judges: Judges) -> Graders:
        """Cases of an imported run have one set of graders: it is built once."""
        if not self._plan.imported:
            today = self._plan.asked.get(case)
            return bound_graders(specs, judges, asked=None if today is None else today.input)
        key = tuple(f"{spec.grader}/{spec.digest}/{spec.required}" for spec in specs)
        if key not in self._alike:
            self._alike[key] = bound_graders(_ours(specs), judges)
        return self._alike[key]

    async def read(self, result: TrialResult) -> tuple[TrialReading, ...]:
        """What the trial's case is held to now; `result` is of grading 0, without its trace."""
        trial, graders = result.trial, self._graders[result.trial.case]
        if trial.case in self._plan.refused:
            return refusals(graders, self._plan.refused[trial.case])
        if trial.case in self._plan.blind:
            trial = _blinded(trial)
        trial = with_trace(self._app, trial)
        if self._plan.imported:
            recorded = [one for one in result.readings if one.grader == GRADER]
            return (*recorded, *await grade_trial(graders, trial))
        return await read_trial(self._plan.asked[trial.case], graders, trial)

    def would_read(self, case: str, readings: Sequence[TrialReading]) -> bool:
        """Whether `readings`, made by an earlier process, are of the very graders held here."""
        if any(_is_refusal(one) for one in readings) != (case in self._plan.refused):
            return False
        mine = {grader_identity(one) for one in refusals(self._graders[case], "")}
        return mine <= {grader_identity(one) for one in readings}


def refusals(graders: Graders, why: str) -> tuple[TrialReading, ...]:
    """What graders say that may not read a trial."""
    return tuple(
        TrialReading(
            grader=spec.grader,
            version=grader.version,
            reading=Unmeasured(cause=Cause.CASE_CHANGED, why=why),
            required=spec.required,
            options=options_digest(spec, grader),
            instrument=getattr(grader, "instrument", ""),
        )
        for spec, grader in graders
    )


def with_trace(app: App, trial: Trial) -> Trial:
    """The trial with its trace, where it has one that is still stored."""
    if trial.trace is not None or trial.trace_id is None:
        return trial
    try:
        return replace(trial, trace=app.store.traces.load(trial.trace_id))
    except UnknownName:
        return trial


def _is_refusal(entry: TrialReading) -> bool:
    match entry.reading:
        case Unmeasured(cause=Cause.CASE_CHANGED):
            return True
        case _:
            return False


def _ours(specs: Sequence[GraderSpec]) -> list[GraderSpec]:
    """All but what the source recorded: that was read when it was imported."""
    return [spec for spec in specs if spec != GraderSpec(grader=GRADER)]


def _blinded(trial: Trial) -> Trial:
    seen = (Observation(name=one.name, error=_BLIND) for one in trial.end_state)
    return replace(trial, end_state=tuple(seen))
