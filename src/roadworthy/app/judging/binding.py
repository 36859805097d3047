"""Giving the graders of a run their judges."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from roadworthy.app.app import App
from roadworthy.app.judging.judges import ProjectJudges
from roadworthy.base.codec import Json
from roadworthy.grade.judge.judge import Judges
from roadworthy.grade.judge.rubric_grader import bind
from roadworthy.grade.judge.spent import NOTHING, spent_on
from roadworthy.grade.registry import build
from roadworthy.records.case import Case
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.usage import Usage
from roadworthy.run.attempt import Graders
from roadworthy.run.plan import Plan

OnNote = Callable[[str], None]


def bound_graders(specs: Iterable[GraderSpec], judges: Judges, *, asked: Json = None) -> Graders:
    """The graders of one case, those that need judges with theirs; `asked` is its input.

    Raises:
        BadRequest: a judge cannot be asked, or a rubric is not the one that was planned.
    """
    return [(spec, bind(build(spec), judges, asked=asked)) for spec in specs]


def require_judges(app: App, folder: Path, cases: Sequence[Case]) -> None:
    """Raise `BadRequest` where a grader of these cases could not ask its judges, e.g. for a key."""
    judges = ProjectJudges(app, folder)
    for case in cases:
        bound_graders(case.graders, judges)


def run_judges(app: App, plan: Plan) -> ProjectJudges:
    """The judges of a run; what its earlier tries spent on judges counts against their limit."""
    folder = None if plan.run.source is None else Path(plan.run.source)
    return ProjectJudges(app, folder, spent=_spent(app, plan))


def tell_notes(judges: ProjectJudges, plan: Plan, on_note: OnNote | None) -> None:
    """Pass on what judges have to remark on the run."""
    model = plan.run.fingerprint.parts.get("model")
    judges.compare_with([] if model is None else [model])
    if on_note is not None:
        for note in judges.notes:
            on_note(note)


def _spent(app: App, plan: Plan) -> Usage:
    limits = app.settings.judging
    if not plan.done or (limits.max_cost_usd is None and limits.max_tokens is None):
        return NOTHING
    results = app.store.runs.results(plan.run.id)
    return spent_on(reading for result in results for reading in result.readings)
