"""Grading one trial: every grader gives a reading, whatever happens to the trial or to it.

The one place that knows the two rules above all graders: a trial that our machinery spoiled,
or that left its recording, measures nothing; and a grader that raises has measured nothing.
"""

from collections.abc import Sequence
from typing import TypeAlias

from roadworthy.base.codec import canonical
from roadworthy.base.ids import hex_digest
from roadworthy.base.printable import printable
from roadworthy.grade.grader import Grader
from roadworthy.grade.part import versions_within
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.reading import Cause, Grade, Reading, TrialReading, Unmeasured
from roadworthy.records.trial import Ending, Trial

BuiltGrader: TypeAlias = tuple[GraderSpec, Grader]
"""A grader with what asked for it."""

_WHY_LIMIT = 200


async def grade_trial(graders: Sequence[BuiltGrader], trial: Trial) -> tuple[TrialReading, ...]:
    """One reading for each grader, in order. Raises nothing but cancellation."""
    spoiled = _spoiled(trial)
    return tuple(
        [
            TrialReading(
                grader=spec.grader,
                version=grader.version,
                reading=spoiled or await reading_of(grader, trial),
                required=spec.required,
                options=options_digest(spec, grader),
                instrument=getattr(grader, "instrument", ""),
            )
            for spec, grader in graders
        ]
    )


def options_digest(spec: GraderSpec, grader: Grader) -> str:
    """What a reading is told apart by, beside its grader: the options, graders inside included.

    Without graders inside it is `GraderSpec.digest`; else it also changes when one of them
    comes in another version.
    """
    within = versions_within(grader)
    return hex_digest(canonical([spec.options, within]))[:16] if within else spec.digest


async def reading_of(grader: Grader, trial: Trial) -> Reading:
    """What `grader` finds; one that raises, or returns anything else, has measured nothing."""
    try:
        reading = await grader.grade(trial)
    except Exception as error:  # noqa: BLE001 - whatever a grader raises, the run goes on
        said = " ".join(str(error).split())
        return _broken(f"{grader.name} raised {type(error).__name__}: {said}".removesuffix(": "))
    if not isinstance(reading, Grade | Unmeasured):
        return _broken(f"{grader.name} returned {type(reading).__name__}, not a reading")
    return reading


def _broken(why: str) -> Unmeasured:
    return Unmeasured(cause=Cause.GRADER_ERROR, why=printable(why, limit=_WHY_LIMIT))


def _spoiled(trial: Trial) -> Unmeasured | None:
    """Why no grader can say anything about this trial; `None` when they can."""
    if trial.ending is Ending.INFRASTRUCTURE:
        said = printable(trial.error, limit=_WHY_LIMIT) if trial.error else "no message"
        return Unmeasured(cause=Cause.INFRASTRUCTURE, why=f"infrastructure failed: {said}")
    if trial.ending is Ending.DIVERGED:
        return Unmeasured(cause=Cause.DIVERGED, why=_left_recording(trial))
    return None


def _left_recording(trial: Trial) -> str:
    if not trial.divergences:
        said = f": {printable(trial.error, limit=_WHY_LIMIT)}" if trial.error else ""
        return f"the trial left its recording{said}"
    first = trial.divergences[0]
    tool, why = printable(first.tool, limit=60), printable(first.why, limit=_WHY_LIMIT)
    return f"the trial left its recording at call {first.step}, {tool}: {why}"
