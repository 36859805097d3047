"""A run as one of its gradings sees it."""

import msgspec
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.records.evidence import RunEvidence
from roadworthy.records.grading import Grading
from roadworthy.records.run import PlannedCase, Run, RunOrigin
from roadworthy.store.grading_refusals import AS_IT_RAN, unknown_grading
from roadworthy.store.ports import RunRow


class GradingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One grading of a run in a list; 0 was made as the run went."""

    number: int
    started_at: float
    finished_at: float | None
    in_force: bool
    note: str


class GradedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run with the cases as a grading judged them; `grading` is `None` for number 0."""

    run: Run
    number: int
    grading: Grading | None

    def told(self, measured: RunEvidence) -> RunEvidence:
        """Evidence that says by which grading it was counted."""
        made = self.grading
        return replace(
            measured,
            grading=self.number,
            graded_at=self.run.started_at if made is None else made.started_at,
            graded_from=_own_suite(self.run) if made is None else made.source,
        )


def graded_run(app: App, row: RunRow, number: int | None = None) -> GradedRun:
    """The run of `row` under grading `number`, or the one in force.

    A case that came after the grading stands as the run planned it.

    Raises:
        UnknownName: the run has no such grading.
    """
    number = row.grading if number is None else number
    if number == AS_IT_RAN:
        return GradedRun(run=row.run, number=number, grading=None)
    made = {one.number: one for one in app.store.runs.gradings(row.run.id)}
    if number not in made:
        raise unknown_grading(row.run.id, number, list(made))
    cases = {case.id: case for case in made[number].cases}
    planned = tuple(_as_graded(case, cases.get(case.id)) for case in row.run.cases)
    run = replace(row.run, cases=planned)
    return GradedRun(run=run, number=number, grading=made[number])


def grading_lines(app: App, row: RunRow) -> tuple[GradingLine, ...]:
    """Every grading of a run, by number."""
    first = GradingLine(
        number=AS_IT_RAN,
        started_at=row.run.started_at,
        finished_at=row.ended_at,
        in_force=row.grading == AS_IT_RAN,
        note="",
    )
    later = (
        GradingLine(
            number=one.number,
            started_at=one.started_at,
            finished_at=one.finished_at,
            in_force=row.grading == one.number,
            note=one.note,
        )
        for one in app.store.runs.gradings(row.run.id)
    )
    return (first, *later)


def finished_gradings(app: App, row: RunRow) -> tuple[int, ...]:
    """Numbers of the gradings that can be asked for, the first included."""
    later = app.store.runs.gradings(row.run.id)
    return (AS_IT_RAN, *(one.number for one in later if one.finished_at is not None))


def unread_trials(app: App, row: RunRow) -> int:
    """Trials that came after the grading in force, or that it left alone; 0 for grading 0."""
    if row.grading == AS_IT_RAN:
        return 0
    made = row.passed + row.failed + row.unmeasured
    return made - len(app.store.runs.graded(row.run.id, row.grading))


def _as_graded(planned: PlannedCase, graded: PlannedCase | None) -> PlannedCase:
    if graded is None:
        return planned
    return replace(planned, digest=graded.digest, asked=graded.asked, graders=graded.graders)


def _own_suite(run: Run) -> str:
    """Folder of the suite that the run was planned with; an imported one has a file instead."""
    return (run.source or "") if run.origin is RunOrigin.EXECUTED else ""
