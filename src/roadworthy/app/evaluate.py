"""Running a suite: plan written first, trials next, findings beside them; and resuming."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.end_state import looker
from roadworthy.app.judging.binding import (
    OnNote,
    bound_graders,
    require_judges,
    run_judges,
    tell_notes,
)
from roadworthy.app.lifecycle.missing import missing_cases
from roadworthy.app.regrading.question import asked_digest
from roadworthy.app.run_lock import run_lock
from roadworthy.app.suites import load, suite_folder
from roadworthy.app.targets import build_driver, fingerprint, resolve_target
from roadworthy.app.verdicts import refuse_run_name
from roadworthy.base.errors import BadRequest
from roadworthy.base.ids import run_id
from roadworthy.diagnose.detect import detect
from roadworthy.grade.judge.judge import Judges
from roadworthy.records.case import Case, Kind, Suite
from roadworthy.records.run import Budget, PlannedCase, Run, RunOrigin, RunPurpose, RunState
from roadworthy.records.trial import Trial
from roadworthy.records.trial_result import TrialResult
from roadworthy.run.attempt import Bench, Graders
from roadworthy.run.plan import Plan
from roadworthy.run.pricing import Price
from roadworthy.run.runner import Control, Runner
from roadworthy.run.tally import Tally

NO_BUDGET = Budget()
OnTick = Callable[[Tally], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What `eval run` was asked; `None` takes the suite's, the target's or the project's."""

    suite: str | None = None
    target: str | None = None
    name: str | None = None
    cases: Sequence[str] = ()  # only these; none means all
    tags: Sequence[str] = ()  # only cases with one of these
    repeats: int | None = None
    concurrency: int | None = None
    timeout_s: float | None = None
    budget: Budget = NO_BUDGET
    seed: int | None = None
    purpose: RunPurpose = RunPurpose.EVALUATE


def plan_run(app: App, request: RunRequest) -> Run:
    """Write the plan of a new run; nothing has run yet, and `resume` can take it from here.

    Raises:
        BadRequest: suite, target or options are wrong.
    """
    if request.name is not None:
        refuse_run_name(app, request.name)
    suite = load(app, request.suite)
    chosen = _chosen(suite, request)
    require_judges(app, suite_folder(app, request.suite), chosen)
    name, target = resolve_target(app, request.target or suite.target)
    now = app.clock()
    run = Run(
        id=request.name or run_id(now, app.rng),
        suite=suite.id,
        target=name,
        fingerprint=fingerprint(app, target),
        started_at=now.timestamp(),
        seed=request.seed if request.seed is not None else app.rng.getrandbits(32),
        cases=tuple(_planned(case, suite, request) for case in chosen),
        tiers=suite.tiers,
        min_measured=suite.min_measured,
        concurrency=request.concurrency or app.settings.run.concurrency,
        timeout_s=request.timeout_s or target.timeout_s or suite.timeout_s,
        max_tries=app.settings.run.max_tries,
        budget=request.budget,
        purpose=request.purpose,
        source=str(suite_folder(app, request.suite)),
        retired=tuple(case.id for case in suite.cases if case.kind is Kind.RETIRED),
        missing=missing_cases(app, suite) if request.purpose is RunPurpose.EVALUATE else (),
        uncalibrated=suite.uncalibrated,
    )
    app.store.runs.create(run)
    return run


async def execute(
    app: App,
    run: str,
    *,
    control: Control,
    on_tick: OnTick | None = None,
    on_note: OnNote | None = None,
    budget: Budget = NO_BUDGET,
) -> RunState:
    """Do what is left of a run, new or interrupted; returns the state it ended in.

    Limits that `budget` sets take the place of the run's own, this time; what earlier tries
    spent counts against limits on money and tokens.

    Raises:
        BadRequest: the run was imported, is finished, is being driven by another process, or
            its suite or target changed since it was planned.
    """
    with run_lock(app.lock_folder, run):  # what is left is known only to who holds the run
        row = app.store.runs.load(run)
        plan = _plan(app, _with_budget(row.run, budget), row.state)
        judges = run_judges(app, plan)
        bench = _bench(app, plan, judges)
        runner = Runner(
            plan,
            bench,
            append=lambda results: _append(app, results),
            control=control,
            spent=_made(app, plan),
            on_tick=on_tick,
        )
        if row.state is not RunState.RUNNING:
            app.store.runs.set_state(run, RunState.RUNNING, at=app.clock().timestamp())
        await _open(app, plan, bench)
        state = RunState.INTERRUPTED
        try:
            state = await runner.run()
        finally:
            await bench.driver.close()
            await judges.close()
            app.store.runs.set_state(run, state, at=app.clock().timestamp())
            tell_notes(judges, plan, on_note)
        return state


async def _open(app: App, plan: Plan, bench: Bench) -> None:
    """Load the target. A run whose target cannot be loaded never began: it is taken back."""
    try:
        await bench.driver.open()
    except BaseException:
        await bench.driver.close()
        at = app.clock().timestamp()
        app.store.runs.set_state(plan.run.id, RunState.INTERRUPTED, at=at)
        app.store.runs.discard(plan.run.id)
        raise


def _chosen(suite: Suite, request: RunRequest) -> list[Case]:
    known = {case.id for case in suite.cases}
    missing = [name for name in request.cases if name not in known]
    if missing:
        raise BadRequest(
            f"suite {suite.id} has no case {', '.join(repr(name) for name in missing)}",
            hint=f"`roadworthy case list --suite {suite.id}` shows its cases",
        )
    chosen = [
        case
        for case in suite.runnable
        if (not request.cases or case.id in request.cases)
        and (not request.tags or set(request.tags) & set(case.tags))
    ]
    if not chosen:
        raise BadRequest(
            f"no case of suite {suite.id} is left to run with these filters",
            hint=f"`roadworthy case list --suite {suite.id}` shows them; retired ones never run",
        )
    return chosen


def _planned(case: Case, suite: Suite, request: RunRequest) -> PlannedCase:
    return PlannedCase(
        id=case.id,
        digest=case.digest,
        asked=asked_digest(case),
        repeats=request.repeats or case.repeats or suite.repeats,
        kind=case.kind,
        tier=case.tier,
        graders=case.graders,
        tags=case.tags,
        parent=case.parent,
        timeout_s=request.timeout_s or case.timeout_s,
        quarantine=case.quarantine,
    )


def _plan(app: App, run: Run, state: RunState) -> Plan:
    if run.origin is RunOrigin.IMPORTED:
        raise BadRequest(f"run {run.id} was imported; there is no agent to run")
    if state is RunState.FINISHED:
        raise BadRequest(
            f"run {run.id} is finished, nothing is left to do",
            hint=f"`roadworthy eval show {run.id}` shows it",
        )
    cases = {case.id: case for case in load(app, run.source or run.suite).cases}
    changed = [
        planned.id
        for planned in run.cases
        if planned.id not in cases or cases[planned.id].digest != planned.digest
    ]
    if changed:
        raise BadRequest(
            f"cases changed since run {run.id} was planned: {', '.join(changed)}",
            hint="start a new run; one run never mixes two versions of a case",
        )
    timed = {planned.id: planned.timeout_s for planned in run.cases}
    chosen = {name: replace(cases[name], timeout_s=limit) for name, limit in timed.items()}
    return Plan(run=run, cases=chosen, done=app.store.runs.done(run.id))


def _with_budget(run: Run, budget: Budget) -> Run:
    limits = {name: getattr(budget, name) for name in budget.__struct_fields__}
    given = {name: limit for name, limit in limits.items() if limit is not None}
    return replace(run, budget=replace(run.budget, **given))


def _bench(app: App, plan: Plan, judges: Judges) -> Bench:
    _, target = resolve_target(app, plan.run.target)
    now = fingerprint(app, target)
    if now.digest != plan.run.fingerprint.digest:
        raise BadRequest(
            f"target {plan.run.target} changed since run {plan.run.id} was planned "
            f"({plan.run.fingerprint.version} then, {now.version} now)",
            hint="start a new run; one run never mixes two versions of an agent",
        )
    prices = app.settings.prices
    return Bench(
        run=plan.run,
        driver=build_driver(app, target),
        graders={one.id: _graders(one, plan, judges) for one in plan.run.cases},
        prices={model: Price(input=p.input, output=p.output) for model, p in prices.items()},
        clock=app.clock,
        look_after=looker(app, target),
        rng=Random(plan.run.seed),  # noqa: S311 - pauses between tries, no secrets
    )


def _graders(planned: PlannedCase, plan: Plan, judges: Judges) -> Graders:
    return bound_graders(planned.graders, judges, asked=plan.cases[planned.id].input)


def _append(app: App, results: Sequence[TrialResult]) -> int:
    """Store results with what their traces show."""
    findings = [
        finding
        for result in results
        if (trace := result.trial.trace) is not None
        for finding in detect(
            trace, case=result.trial.case, run=result.trial.run, repeat=result.trial.repeat
        )
    ]
    return app.store.runs.append(results, findings)


def _made(app: App, plan: Plan) -> Iterator[Trial]:
    """Trials of earlier tries of this run, so that its budget covers the whole run."""
    if plan.done and plan.run.budget != NO_BUDGET:
        for result in app.store.runs.results(plan.run.id):
            yield result.trial
