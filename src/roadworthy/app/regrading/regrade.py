"""Grading stored trials again: today's graders, the trials of then, no agent.

The plan is written first, then readings batch by batch; a grading that was killed goes on where
it was, provided that the plan and the graders are still the same. When all trials are read, the
grading is finished and with that in force. No reading is overwritten.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from itertools import islice
from time import perf_counter
from typing import Final, NamedTuple, TypeAlias

from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.judging.binding import OnNote
from roadworthy.app.judging.judges import ProjectJudges
from roadworthy.app.regrading.changes import Changes, joined
from roadworthy.app.regrading.plan import RegradePlan, RegradeRequest, plan_regrade
from roadworthy.app.regrading.readings import TrialReader
from roadworthy.app.regrading.report import RegradeReport, regrade_report
from roadworthy.app.run_lock import run_lock
from roadworthy.app.verdicts import named_run
from roadworthy.base.errors import BadRequest
from roadworthy.grade.judge.spent import NOTHING, spent_on
from roadworthy.records.grading import Grading
from roadworthy.records.reading import TrialReading
from roadworthy.records.trial_result import TrialResult
from roadworthy.records.usage import Usage
from roadworthy.run.tally import Tally
from roadworthy.store.grading_refusals import AS_IT_RAN

BATCH: Final = 50
"""Trials that are read side by side, and written in one transaction."""

OnTick: TypeAlias = Callable[[Tally], None]
Key: TypeAlias = tuple[str, int]


class _Begun(NamedTuple):
    """A grading that is under way, and the trials that it has read already."""

    grading: Grading
    done: frozenset[Key]


async def regrade(
    app: App,
    run: str,
    request: RegradeRequest,
    *,
    on_tick: OnTick | None = None,
    on_note: OnNote | None = None,
) -> RegradeReport:
    """Grade the trials of `run`, a run or a baseline, by a suite as its files are now.

    Raises:
        BadFile: with everything that is wrong in the suite.
        BadRequest: the run has no trials, is driven by another process, was imported and no
            suite is named, or a judge cannot be asked.
        UnknownName: no such run, suite or case.
    """
    name = named_run(app, run)
    with run_lock(app.lock_folder, name):
        row = app.store.runs.load(name)
        if not row.passed + row.failed + row.unmeasured:
            raise BadRequest(f"run {name} has no trials yet, so there is nothing to grade")
        plan = plan_regrade(app, row, request)
        unfinished = None if request.dry_run else _unfinished(app, plan)
        spent = _spent(app, unfinished)
        judges = ProjectJudges(app, plan.folder, spent=spent, limit=request.budget)
        try:
            work = _Regrade(app, plan, TrialReader(app, plan, judges), on_tick)
            report = await (work.rehearsed() if request.dry_run else work.done(request, unfinished))
        finally:
            await judges.close()
    if on_note is not None:
        for note in judges.notes:
            on_note(note)
    return report


class _Regrade:
    """One grading on its way."""

    def __init__(
        self, app: App, plan: RegradePlan, reader: TrialReader, on_tick: OnTick | None
    ) -> None:
        self._app = app
        self._plan = plan
        self._run = plan.row.run.id
        self._reader = reader
        self._on_tick = on_tick

    async def done(self, request: RegradeRequest, unfinished: _Begun | None) -> RegradeReport:
        """Begin or go on, read what is left, and put the grading in force."""
        runs = self._app.store.runs
        begun = self._continued(unfinished) or self._begun(request)
        number = begun.grading.number
        async for batch in self._batches(begun.done):
            found = {(one.trial.case, one.trial.repeat): one.readings for one in batch}
            runs.append_readings(self._run, number, found)
        runs.finish_grading(self._run, number, at=self._app.clock().timestamp())
        changes = Changes()
        before = runs.results(self._run, grading=self._plan.row.grading)
        for was, now in joined(before, runs.results(self._run, grading=number)):
            changes.add(was, now)
        return regrade_report(
            self._app, self._plan, changes, number=number, resumed=len(begun.done)
        )

    async def rehearsed(self) -> RegradeReport:
        """Read every trial and store nothing."""
        after = [one async for batch in self._batches(frozenset()) for one in batch]
        after.sort(key=lambda one: (one.trial.case, one.trial.repeat))
        changes = Changes()
        before = self._app.store.runs.results(self._run, grading=self._plan.row.grading)
        for was, now in joined(before, after):
            changes.add(was, now)
        return regrade_report(self._app, self._plan, changes, rehearsed=after)

    def _begun(self, request: RegradeRequest) -> _Begun:
        numbers = [one.number for one in self._app.store.runs.gradings(self._run)]
        grading = Grading(
            run=self._run,
            number=max(numbers, default=AS_IT_RAN) + 1,
            started_at=self._app.clock().timestamp(),
            cases=self._plan.cases,
            note=request.note,
            source=str(self._plan.folder),
        )
        self._app.store.runs.begin_grading(grading)
        return _Begun(grading, frozenset())

    def _continued(self, begun: _Begun | None) -> _Begun | None:
        """The unfinished grading, unless a grader has another version or judge since."""
        if begun is None:
            return None
        results = self._app.store.runs.results(self._run, grading=begun.grading.number)
        for result in results:
            case = result.trial.case
            if case in self._plan.kept or (case, result.trial.repeat) not in begun.done:
                continue
            if not self._reader.would_read(case, result.readings):
                return None
        return begun

    async def _batches(self, done: frozenset[Key]) -> AsyncIterator[list[TrialResult]]:
        """Trials that are left, with what they read now; each batch is told when it was taken."""
        tally = self._tally(done)
        began_s = perf_counter()
        for kept in _in_batches(self._kept(done)):
            yield kept
            self._tick(tally, kept, began_s)
        for batch in _in_batches(self._left(done)):
            read = await self._read(batch)
            yield read
            self._tick(tally, read, began_s)

    async def _read(self, batch: Sequence[TrialResult]) -> list[TrialResult]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._reader.read(one)) for one in batch]
        return [_lean(one, task.result()) for one, task in zip(batch, tasks, strict=True)]

    def _left(self, done: frozenset[Key]) -> Iterator[TrialResult]:
        for result in self._app.store.runs.results(self._run, grading=AS_IT_RAN):
            case = result.trial.case
            if case not in self._plan.kept and (case, result.trial.repeat) not in done:
                yield result

    def _kept(self, done: frozenset[Key]) -> Iterator[TrialResult]:
        """Trials whose readings stay; one that the grading in force has not read stays so."""
        in_force = self._plan.row.grading
        for case in sorted(self._plan.kept):
            for result in self._app.store.runs.results(self._run, case=case, grading=in_force):
                if (case, result.trial.repeat) not in done and (result.readings or not in_force):
                    yield _lean(result, result.readings)

    def _tally(self, done: frozenset[Key]) -> Tally:
        row = self._plan.row
        return Tally(planned=row.passed + row.failed + row.unmeasured, before=len(done))

    def _tick(self, tally: Tally, batch: Sequence[TrialResult], began_s: float) -> None:
        for result in batch:  # what its agent cost then is no cost of the grading
            tally.add(replace(result, trial=replace(result.trial, usage=Usage())))
        tally.seconds = perf_counter() - began_s
        if self._on_tick is not None:
            self._on_tick(tally)


def _unfinished(app: App, plan: RegradePlan) -> _Begun | None:
    """The newest grading of the same plan that was left unfinished and would come in force."""
    for one in reversed(app.store.runs.gradings(plan.row.run.id)):
        if one.finished_at is not None:
            return None
        if one.cases == plan.cases and one.source == str(plan.folder):
            return _Begun(one, frozenset(app.store.runs.graded(one.run, one.number)))
    return None


def _spent(app: App, begun: _Begun | None) -> Usage:
    """What judges cost before the grading was killed."""
    if begun is None:
        return NOTHING
    results = app.store.runs.results(begun.grading.run, grading=begun.grading.number)
    return spent_on(reading for result in results for reading in result.readings)


def _in_batches(results: Iterable[TrialResult]) -> Iterator[list[TrialResult]]:
    left = iter(results)
    while batch := list(islice(left, BATCH)):
        yield batch


def _lean(result: TrialResult, readings: tuple[TrialReading, ...]) -> TrialResult:
    """With these readings, and without what the agent said: counting needs none of it."""
    trial = replace(result.trial, output=None, log=None, error=None, trace=None, end_state=())
    return TrialResult(trial=trial, readings=readings)
