"""A view leaves nothing to the garbage collector, for which every request would have to wait."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient

from roadworthy.app.app import App
from roadworthy.records.trial import Trial
from roadworthy.records.trial_result import TrialResult
from roadworthy.server.asgi import create_server
from roadworthy.testing import a_case, a_run, a_trial

TRIALS = {run: a_trial([("look", {"run": run}, "seen")], run=run) for run in ("one", "two")}
VIEWS: dict[str, Callable[[Trial], str]] = {
    "home": lambda _: "/",
    "traces": lambda _: "/traces",
    "trace": lambda trial: f"/traces/{trial.trace_id}",
    "two traces": lambda trial: f"/traces/{trial.trace_id}?against={TRIALS['two'].trace_id}",
    "findings": lambda _: "/findings",
    "runs": lambda _: "/runs",
    "run": lambda trial: f"/runs/{trial.run}",
    "trial": lambda trial: f"/runs/{trial.run}/cases/{trial.case}/0",
    "comparison": lambda _: "/compare?base=one&candidate=two",
    "two paths": lambda trial: f"/compare/case?base=one&candidate=two&case={trial.case}",
    "suites": lambda _: "/suites",
    "suite": lambda _: f"/suites/{a_run().suite}",
}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:  # type: ignore[type-arg]  # of any app
    with App(tmp_path) as app:
        for name, trial in TRIALS.items():
            app.store.runs.create(a_run(name, cases=[a_case(trial.case)]))
            app.store.runs.append([TrialResult(trial=trial, readings=())])
        with TestClient(create_server(app), base_url="http://127.0.0.1") as made:
            yield made


@pytest.fixture
def garbage() -> Iterator[list[object]]:
    """What the collector finds is kept here instead of freed."""
    yield gc.garbage
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


@pytest.mark.parametrize("view", VIEWS)
def test_no_record_that_a_view_showed_waits_for_the_collector(
    client: TestClient,  # type: ignore[type-arg]
    garbage: list[object],
    view: str,
) -> None:
    address = VIEWS[view](TRIALS["one"])
    client.get(address)  # the first one compiles templates, which leaves plenty
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)

    status = client.get(address).status_code

    gc.collect()
    assert status == 200
    assert [one for one in garbage if type(one).__module__.startswith("roadworthy")] == []
