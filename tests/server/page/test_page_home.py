"""Home: the loop at a glance."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from roadworthy.diagnose.detect import detect
from roadworthy.records.run import RunState
from roadworthy.records.traffic import TrafficStep
from roadworthy.server.views.traffic import DAY, draw_traffic, window_named
from roadworthy.testing import MemoryStore, a_call, a_case, a_run, a_trace

NOW = 1_800_000_000.0


def test_an_empty_project_says_what_to_type(browser: Any) -> None:
    page = browser.get("/")
    assert "Nothing here yet" in page.text
    assert "roadworthy demo" in page.text


@pytest.mark.parametrize("path", ["/", "/traces"])
def test_an_empty_project_says_where_to_send_spans(browser: Any, path: str) -> None:
    text = browser.get(path).text

    assert "export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1 " in text
    assert "http://127.0.0.1/v1/traces" in text


def test_traffic_counts_by_outcome(browser: Any, store: MemoryStore) -> None:
    store.traces.append(
        [
            a_trace(success=True, seed="1"),
            a_trace(success=False, seed="2"),
            a_trace(success=False, seed="3"),
        ]
    )

    text = browser.get("/?window=all").text

    assert "2 failed" in text
    assert "1 succeeded" in text
    assert "0 without an outcome" in text


def test_the_newest_flagged_traces_lead_to_the_span_that_shows_it(
    browser: Any, store: MemoryStore
) -> None:
    trace = a_trace([a_call("look", {"id": 1}, "same", step=n) for n in range(1, 5)])
    store.traces.append([trace, a_trace(seed="clean")])
    store.findings.add(detect(trace))

    page = browser.get("/")

    assert f"/traces/{trace.id}#span-{trace.spans[1].id}" in page.links()


def test_an_interrupted_run_waits_for_a_person(browser: Any, store: MemoryStore) -> None:
    store.runs.create(a_run("run-7", cases=[a_case()], repeats=3))
    store.runs.set_state("run-7", RunState.INTERRUPTED, at=NOW)

    text = browser.get("/").text

    assert "3 of 3 trials are still to be made" in text
    assert "roadworthy eval resume run-7" in text


def test_a_candidate_waits_for_its_proof(browser: Any, store: MemoryStore, project: Path) -> None:
    trace = a_trace([("look", {"id": 7}, "x")])
    store.traces.append([trace])
    preview = browser.get(f"/traces/{trace.id}/mint?suite=shop&case=parcel")
    browser.post(f"/traces/{trace.id}/minted", preview.inputs())

    page = browser.get("/")

    assert "roadworthy case verify parcel --red TARGET --green TARGET" in page.text
    assert "/suites/shop/cases/parcel" in page.links()


def test_bars_leave_no_step_out() -> None:
    step = TrafficStep(begins_at=NOW - NOW % DAY - 3 * DAY, success=2, failure=1)

    drawn = draw_traffic([step], window_named("30d"), now=NOW)

    assert len(drawn.bars) == 30
    assert [bar.step.traces for bar in drawn.bars if bar.pieces] == [3]
    assert drawn.highest == 3


def test_all_time_fits_in_sixty_bars() -> None:
    steps = [TrafficStep(begins_at=n * DAY, unknown=1) for n in (16_000, 16_001, 20_000)]

    drawn = draw_traffic(steps, window_named("all"), now=NOW)

    assert len(drawn.bars) <= 60
    assert drawn.unknown == 3


def test_an_unknown_window_is_the_usual_one() -> None:
    assert window_named("century").name == "30d"
    assert replace(window_named(None), name="30d") == window_named("30d")
