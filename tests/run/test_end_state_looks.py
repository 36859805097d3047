"""When a trial is looked after, and what is kept of it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from roadworthy.agents.driver import Task
from roadworthy.base.errors import InfrastructureError
from roadworthy.records.case import Case
from roadworthy.records.probe_spec import FileLook, ProbeSpec
from roadworthy.records.trial import Attempt, Ending, Observation, Trial
from roadworthy.testing import a_case

if TYPE_CHECKING:
    from tests.run.conftest import Act, Bed

SEEN = (Observation(name="report", value={"exists": True}),)


def ending_as(ending: Ending, order: list[str]) -> "Act":
    async def act(task: Task) -> Attempt:
        order.append(f"drove {task.case} {task.repeat}")
        if ending is Ending.INFRASTRUCTURE:
            raise InfrastructureError("the machine is out of memory")
        return Attempt(ending=ending)

    return act


async def ridden(bed: "Bed", case: Case, ending: Ending, *, looks: bool = True) -> list[str]:
    """What happened, in order, in two trials of the case."""
    order: list[str] = []

    async def look_after(case: Case, trial: Trial) -> tuple[Observation, ...]:
        order.append(f"looked {case.id} {trial.repeat}")
        return SEEN

    ride = bed.ride(ending_as(ending, order), cases=[case], repeats=2, concurrency=1, max_tries=1)
    if looks:
        ride.runner._bench = replace(ride.runner._bench, look_after=look_after)
    await ride.go()
    return order


def probed() -> Case:
    probe = ProbeSpec(name="report", look=FileLook(path="report.txt"))
    return msgspec.structs.replace(a_case("c0"), probes=(probe,))


@pytest.mark.parametrize("ending", [Ending.COMPLETED, Ending.AGENT_ERROR, Ending.TIMEOUT])
async def test_a_trial_is_looked_after_before_the_next_one_starts(
    bed: "Bed", ending: Ending
) -> None:
    order = await ridden(bed, probed(), ending)

    assert order == ["drove c0 0", "looked c0 0", "drove c0 1", "looked c0 1"]
    assert [trial.end_state for trial in bed.trials()] == [SEEN, SEEN]


@pytest.mark.parametrize("ending", [Ending.INFRASTRUCTURE, Ending.DIVERGED])
async def test_a_trial_that_cannot_be_graded_is_not_looked_after(
    bed: "Bed", ending: Ending
) -> None:
    order = await ridden(bed, probed(), ending)

    assert order == ["drove c0 0", "drove c0 1"]
    assert [trial.end_state for trial in bed.trials()] == [(), ()]


async def test_a_case_without_probes_costs_no_look(bed: "Bed") -> None:
    order = await ridden(bed, a_case("c0"), Ending.COMPLETED)

    assert order == ["drove c0 0", "drove c0 1"]


async def test_where_nothing_can_be_looked_at_nothing_is_seen(bed: "Bed") -> None:
    await ridden(bed, probed(), Ending.COMPLETED, looks=False)

    assert [trial.end_state for trial in bed.trials()] == [(), ()]
