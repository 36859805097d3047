"""One trial from slot to result.

The agent is given its world and driven, what is not its fault is tried again, and what it did
is graded. Only infrastructure failures are tried again, and only here; the agent's own
failures are results. Past the last try the trial is kept as `INFRASTRUCTURE`, which no grader
may read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from time import perf_counter
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from roadworthy.agents.driver import Driver, Task, Witnessed
from roadworthy.base.clock import Clock
from roadworthy.base.errors import InfrastructureError
from roadworthy.base.ids import hex_digest
from roadworthy.grade.grade_trial import grade_trial
from roadworthy.grade.grader import Grader
from roadworthy.records.case import Case
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.reading import Cause, Grade, Reading, TrialReading, Unmeasured
from roadworthy.records.run import Run
from roadworthy.records.span import TraceId
from roadworthy.records.trial import Attempt, Ending, Observation, Trial
from roadworthy.records.trial_result import TrialResult
from roadworthy.records.usage import Usage
from roadworthy.run.pricing import Price, over_tries, priced
from roadworthy.world.call_log import CallLog
from roadworthy.world.mounting import mount
from roadworthy.world.world import World

FIRST_PAUSE_S = 0.2
NEVER_ASKED = (
    "the recording was never asked, and the target does not say that its tools ask it: "
    "what it called instead is not known"
)

Graders = Sequence[tuple[GraderSpec, Grader]]
Again: TypeAlias = Callable[[Usage], Awaitable[bool]]
"""Hears what a lost try used; says whether there may be another."""
LookAfter: TypeAlias = Callable[[Case, Trial], Awaitable[tuple[Observation, ...]]]
"""Looks at what the agent left, by the case's probes. Never raises for what it sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every trial of a run is made with."""

    run: Run
    driver: Driver
    graders: Mapping[str, Graders]  # case id → its graders
    prices: Mapping[str, Price]
    clock: Clock
    rng: Random
    look_after: LookAfter | None = None  # None: nothing can be looked at


class Ran(NamedTuple):
    """A trial that ended. `due` is what its last try used, unless `Again` has heard of it."""

    result: TrialResult
    due: Usage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Driven:
    attempt: Attempt
    tries: int
    duration_s: float  # of the last try
    usage: Usage  # of all tries
    due: Usage | None


async def run_trial(bench: Bench, case: Case, repeat: int, *, again: Again) -> Ran:
    """Run and grade one trial; `again` is asked before what was lost is tried again."""
    started_at = bench.clock().timestamp()
    world = None if case.recording is None else World(case.recording)
    driven = await _drive(bench, case, repeat, world, again)
    trial = _as_trial(bench, case, repeat, driven, started_at=started_at, world=world)
    trial = await _looked_after(bench, case, trial)
    readings = await read_trial(case, bench.graders[case.id], trial)
    return Ran(TrialResult(trial=trial, readings=readings), driven.due)


async def read_trial(case: Case, graders: Graders, trial: Trial) -> tuple[TrialReading, ...]:
    """All that a trial of `case` is held to: its graders, and keeping to its recording."""
    readings = await grade_trial(graders, trial)
    if case.recording is not None and case.on_divergence == "fail":
        return (_replay_reading(trial), *readings)
    return readings


async def _looked_after(bench: Bench, case: Case, trial: Trial) -> Trial:
    """The trial with what its probes saw; one that cannot be graded is not looked at."""
    spoiled = trial.ending in (Ending.INFRASTRUCTURE, Ending.DIVERGED)
    if spoiled or not case.probes or bench.look_after is None:
        return trial
    return replace(trial, end_state=await bench.look_after(case, trial))


async def _drive(
    bench: Bench, case: Case, repeat: int, world: World | None, again: Again
) -> _Driven:
    """Drive the agent; try again while the fault is not the agent's."""
    lost: list[Usage] = []
    for tries in range(1, bench.run.max_tries + 1):
        if world is not None:
            world.rewind()
        attempt, used, took = await _try(bench, case, repeat, world)
        is_lost = attempt.ending is Ending.INFRASTRUCTURE
        may_go_on = is_lost and tries < bench.run.max_tries
        due = None if may_go_on else used
        if not may_go_on or not await again(used):
            break
        lost.append(used)
        await asyncio.sleep(FIRST_PAUSE_S * 2 ** (tries - 1) * (0.5 + bench.rng.random()))
    usage = over_tries(lost, used, last_lost=is_lost)
    return _Driven(attempt=attempt, tries=tries, duration_s=took, usage=usage, due=due)


async def _try(
    bench: Bench, case: Case, repeat: int, world: World | None
) -> tuple[Attempt, Usage, float]:
    """One try: what came back, what it used, and the seconds it took.

    The path of a try that was lost is not kept: it is no evidence of what the agent does.
    """
    begun = perf_counter()
    calls = CallLog(now_ns=int(bench.clock().timestamp() * 1e9))
    try:
        with mount(world, calls):
            attempt = await bench.driver.drive(_task(bench, case, repeat, world, calls))
            attempt = _known_to_replay(attempt, case, world)
    except InfrastructureError as error:
        attempt = Attempt(ending=Ending.INFRASTRUCTURE, error=error.message)
    took = perf_counter() - begun
    used = priced(attempt, bench.prices)
    if attempt.ending is Ending.INFRASTRUCTURE:
        attempt = replace(attempt, trace=None, output=None, stop=None)
    return attempt, used, took


def _known_to_replay(attempt: Attempt, case: Case, world: World | None) -> Attempt:
    """A trial in a recorded world that asked nothing of it, though it might have had to.

    If its tools report themselves, it called none. If not, it may have called the real ones
    beside the recording: nobody knows what it did, so nothing of it can be graded.
    """
    if case.recording is None or world is None or not case.recording.calls or world.was_asked:
        return attempt
    if attempt.ending is not Ending.COMPLETED or attempt.tools_known:
        return attempt
    return replace(attempt, ending=Ending.DIVERGED, error=NEVER_ASKED)


def trace_id_of(run: str, case: str, repeat: int) -> TraceId:
    """The trace that every span of a trial belongs to, known before there is any."""
    return hex_digest(f"{run}\0{case}\0{repeat}".encode())


def _task(bench: Bench, case: Case, repeat: int, world: World | None, calls: CallLog) -> Task:
    trace_id = trace_id_of(bench.run.id, case.id, repeat)
    return Task(
        run=bench.run.id,
        case=case.id,
        repeat=repeat,
        input=case.input,
        trace_id=trace_id,
        deadline_s=case.timeout_s or bench.run.timeout_s,
        answer_tool=None if world is None else world.answer,
        witnessed=lambda: Witnessed(calls=calls.spans(trace_id), losses=calls.losses),
    )


def _as_trial(
    bench: Bench,
    case: Case,
    repeat: int,
    driven: _Driven,
    *,
    started_at: float,
    world: World | None,
) -> Trial:
    attempt = driven.attempt
    calls = None if attempt.trace is None else attempt.trace.trajectory.agent_calls
    divergences = () if world is None else world.divergences
    diverged = divergences and attempt.ending is not Ending.INFRASTRUCTURE
    return Trial(
        run=bench.run.id,
        case=case.id,
        case_digest=case.digest,
        repeat=repeat,
        ending=Ending.DIVERGED if diverged else attempt.ending,
        started_at=started_at,
        duration_s=driven.duration_s,
        output=attempt.output,
        stop=attempt.stop,
        error=attempt.error,
        log=attempt.log,
        usage=driven.usage,
        tool_calls=None if calls is None else len(calls),
        tool_errors=None if calls is None else sum(call.error is not None for call in calls),
        divergences=tuple(divergences),
        tries=driven.tries,
        trace_id=None if attempt.trace is None else attempt.trace.id,
        trace=attempt.trace,
    )


def _replay_reading(trial: Trial) -> TrialReading:
    """The suite says that leaving the recording is a failure of the agent.

    Every trial of such a case gets the reading: runs that kept to the recording and runs that
    left it are then graded alike, and can be compared.
    """
    reading: Reading
    if trial.ending is Ending.INFRASTRUCTURE:
        reading = Unmeasured(cause=Cause.INFRASTRUCTURE, why="infrastructure failed")
    elif trial.divergences:
        first = trial.divergences[0]
        why = f"step {first.step}: {first.tool} is not in the recording: {first.why}"
        reading = Grade(passed=False, score=0.0, why=why)
    elif trial.ending is Ending.DIVERGED:
        reading = Unmeasured(cause=Cause.DIVERGED, why=trial.error or "it left its recording")
    else:
        reading = Grade(passed=True, score=1.0, why="every call was in the recording")
    return TrialReading(grader="replay", version=1, reading=reading)
