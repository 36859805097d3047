"""Looking at what the agent left after a trial: where it worked, and as whom."""

from roadworthy.app.app import App
from roadworthy.app.settings import TargetSettings, environment
from roadworthy.records.case import Case
from roadworthy.records.trial import Observation, Trial
from roadworthy.run.attempt import LookAfter, trace_id_of
from roadworthy.world.probes.observe import observe
from roadworthy.world.probes.subject import Subject, Surroundings


def looker(app: App, target: TargetSettings) -> LookAfter:
    """Probes look from the target's folder, with the target's environment."""
    around = Surroundings(
        folder=app.project / (target.cwd or "."),
        environment={**environment(), **target.env},
    )

    async def look_after(case: Case, trial: Trial) -> tuple[Observation, ...]:
        return await observe(case.probes, _subject(case, trial), around)

    return look_after


def _subject(case: Case, trial: Trial) -> Subject:
    return Subject(
        run=trial.run,
        case=trial.case,
        repeat=trial.repeat,
        trace_id=trace_id_of(trial.run, trial.case, trial.repeat),
        ending=trial.ending,
        input=case.input,
        output=trial.output,
        stop=trial.stop,
        error=trial.error,
    )
