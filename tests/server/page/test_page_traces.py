"""The list of traces and its search."""

from collections.abc import Collection, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from roadworthy.diagnose.detect import detect
from roadworthy.store.ports import TraceFindings
from roadworthy.testing import MemoryStore, a_call, a_trace


def test_an_empty_store_says_what_to_type(browser: Any) -> None:
    page = browser.get("/traces")
    assert page.status == 200
    assert "No traces yet" in page.text
    assert "roadworthy trace import FILE" in page.text


def test_a_row_tells_what_was_asked_and_how_it_went(browser: Any, store: MemoryStore) -> None:
    trace = a_trace(
        [a_call("refund", error="no such order")], question="Where is my parcel?", success=False
    )
    store.traces.append([replace(trace, version="v7", stop="max_steps")])

    page = browser.get("/traces")

    for told in ("Where is my parcel?", "v7", "refund", "1 failed", "failure", "max_steps"):
        assert told in page.text
    assert f"/traces/{trace.id}" in page.links()


def test_findings_are_counted_beside_their_trace(browser: Any, store: MemoryStore) -> None:
    trace = a_trace([("look", {"id": 1}, "same")] * 4)
    store.traces.append([trace])
    store.findings.add(detect(trace))

    assert "1 finding" in browser.get("/traces").text


def test_a_search_finds_by_words_and_its_address_can_be_shared(
    browser: Any, store: MemoryStore
) -> None:
    store.traces.append(
        [a_trace(question="red shoes", seed="1"), a_trace(question="blue hat", seed="2")]
    )

    page = browser.get("/traces?text=shoes")

    assert "red shoes" in page.text
    assert "blue hat" not in page.text
    assert 'value="shoes"' in page.html


def test_every_condition_is_shown_and_can_be_taken_away(browser: Any) -> None:
    page = browser.get("/traces?text=a&tool=refund&min_duration=2")

    assert "/traces?text=a&min_duration=2" in page.links()
    assert "/traces?text=a&tool=refund" in page.links()


def test_a_search_that_finds_nothing_says_so(browser: Any, store: MemoryStore) -> None:
    store.traces.append([a_trace()])
    assert "No trace matches" in browser.get("/traces?tool=nonsense").text


def test_what_cannot_be_read_is_told_and_asks_nothing(browser: Any, store: MemoryStore) -> None:
    store.traces.append([a_trace(question="still here")])

    page = browser.get("/traces?min_cost=cheap&since=yesterday&outcome=maybe&cursor=&page=9")

    assert "still here" in page.text
    for told in ("not “cheap”", "not “yesterday”", "not “maybe”"):
        assert told in page.text


def test_a_filter_that_cannot_be_read_is_not_shown_as_if_it_held(browser: Any) -> None:
    page = browser.get("/traces?min_duration=abc&tool=refund")

    assert "“lasted at least” takes a number from 0 up, not “abc”; it was left out." in page.text
    assert "/traces?min_duration=abc" not in page.links()


def test_a_name_that_is_no_filter_is_told_with_the_one_that_was_meant(browser: Any) -> None:
    text = browser.get("/traces?has_error=true&zzzz=1").text

    assert "There is no filter “has_error” here; it was left out. Did you mean “errors”?" in text
    assert "There is no filter “zzzz” here; it was left out." in text


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/traces?text=shoes&outcome=&tool=&min_cost=", "/traces?text=shoes"),
        ("/findings?severity=&run=", "/findings"),
        ("/runs?suite=&status=running", "/runs?status=running"),
    ],
)
def test_fields_that_were_left_empty_leave_the_address(browser: Any, asked: str, kept: str) -> None:
    answer = browser.redirected(asked)

    assert (answer.status, answer.headers["location"]) == (303, kept)


def test_tools_and_models_of_the_newest_traces_are_offered_whatever_was_searched(
    browser: Any, store: MemoryStore
) -> None:
    store.traces.append([a_trace([a_call("refund_order", {"id": 1}, "x")])])

    page = browser.get("/traces?text=nothing+like+it")

    assert '<datalist id="list-tool"><option value="refund_order">' in page.html


def test_the_next_page_goes_on_with_the_same_search(browser: Any, store: MemoryStore) -> None:
    store.traces.append([a_trace(question=f"shoes {n}", seed=str(n)) for n in range(60)])

    first = browser.get("/traces?text=shoes")
    (onward,) = [link for link in first.links() if "cursor=" in link]
    second = browser.get(onward)

    assert onward.startswith("/traces?text=shoes&cursor=")
    assert [sum(link.count("/traces/") for link in page.links()) for page in (first, second)] == [
        50,
        10,
    ]
    assert "/traces?text=shoes" in second.links()


def test_a_cursor_that_is_none_is_a_bad_request(browser: Any) -> None:
    assert browser.get("/traces?cursor=%00nonsense").status == 400


def test_columns_that_nothing_is_known_of_are_left_out(browser: Any, store: MemoryStore) -> None:
    store.traces.append([a_trace()])
    head = browser.get("/traces").html.split("<thead>")[1].split("</thead>")[0]
    assert "Outcome" in head
    assert "Cost" not in head
    assert "Tokens" not in head


def test_findings_are_asked_for_once_and_not_for_every_row(
    browser: Any, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.traces.append([a_trace(seed=str(number)) for number in range(3)])
    asked: list[int] = []

    def of_traces(ids: Collection[str]) -> Mapping[str, TraceFindings]:
        asked.append(len(ids))
        return {}

    monkeypatch.setattr(store.findings, "list", None)
    monkeypatch.setattr(store.findings, "of_traces", of_traces)

    assert browser.get("/traces").status == 200
    assert asked == [3]
