"""The list of findings."""

from typing import Any

from msgspec.structs import replace

from roadworthy.diagnose.detect import detect
from roadworthy.records.finding import Severity
from roadworthy.records.trace import Trace
from roadworthy.testing import MemoryStore, a_call, a_trace


def flagged(store: MemoryStore) -> Trace:
    """A stored trace with a loop and failed calls."""
    calls = [a_call("look", {"id": 1}, error="down", step=n) for n in range(1, 5)]
    trace = a_trace(calls, stop="max_steps")
    store.traces.append([trace])
    store.findings.add(detect(trace))
    return trace


def test_an_empty_store_says_what_is_looked_for(browser: Any) -> None:
    text = browser.get("/findings").text
    assert "No findings" in text
    assert "roadworthy trace import FILE" in text


def test_findings_stand_by_kind_and_lead_to_their_span(browser: Any, store: MemoryStore) -> None:
    trace = flagged(store)

    page = browser.get("/findings")

    for kind in ("loop", "tool_error", "abnormal_stop"):
        assert kind in page.text
    assert f"/traces/{trace.id}#span-{trace.spans[1].id}" in page.links()


def test_a_kind_or_severity_narrows_and_keeps_the_other(browser: Any, store: MemoryStore) -> None:
    flagged(store)

    (loop,) = store.findings.list(kind="loop")
    page = browser.get(f"/findings?kind=loop&severity={loop.severity}")

    assert loop.why in page.text
    assert "max_steps" not in page.text
    assert f"/findings?kind=tool_error&severity={loop.severity}" in page.links()


def test_an_unknown_run_is_not_read_as_no_findings(browser: Any, store: MemoryStore) -> None:
    flagged(store)
    assert browser.get("/findings?run=nosuch").status == 404


def test_a_filter_that_matches_nothing_can_be_cleared(browser: Any, store: MemoryStore) -> None:
    flagged(store)
    page = browser.get("/findings?kind=repeated_write")
    assert "No finding matches" in page.text
    assert "/findings" in page.links()


def test_many_findings_of_a_kind_are_counted_and_the_first_of_them_shown(
    browser: Any, store: MemoryStore
) -> None:
    trace = flagged(store)
    (loop,) = store.findings.list(kind="loop")
    store.findings.add(
        [
            replace(loop, id=f"low {number}", severity=Severity.LOW, why=f"loop no. {number}.")
            for number in range(60)
        ]
    )

    page, one_kind = browser.get("/findings"), browser.get("/findings?kind=loop")
    low = browser.get("/findings?severity=low")

    assert loop.why in page.text  # the worst is among those shown
    assert "All 61" in page.text
    assert "loop no. 59." in page.text
    assert "loop no. 0." not in page.text
    assert "loop no. 0." in one_kind.text
    assert "All 60" in low.text
    assert f"/traces/{trace.id}#span-{trace.spans[1].id}" in page.links()


def test_a_severity_that_is_none_is_told_and_asks_nothing(browser: Any, store: MemoryStore) -> None:
    flagged(store)

    text = browser.get("/findings?severity=odd").text

    assert "“odd” is no severity; it was left out. Known: high, medium, low." in text
    assert "No finding matches" not in text
