"""Policy checks over one trial: what the app asks for, run by run."""

from collections.abc import Iterable

from roadworthy.grade.grade_trial import grade_trial
from roadworthy.grade.registry import build
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.reading import TrialReading
from roadworthy.records.trial import Trial


async def apply(specs: Iterable[GraderSpec], trial: Trial) -> tuple[TrialReading, ...]:
    """One reading for each of `specs`, in order; `trial` carries its trace.

    To go over many trials, build the graders once and ask `grade_trial`: it is the same.

    Raises:
        BadOptions: a spec that no check answers to, or with options that it does not take.
    """
    return await grade_trial([(spec, build(spec)) for spec in specs], trial)
