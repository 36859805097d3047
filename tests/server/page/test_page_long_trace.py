"""A trace of thousands of spans opens at once, and all of it is a click away."""

from typing import Any

import pytest

from roadworthy.records.finding import Finding, Severity
from roadworthy.records.trace import Trace
from roadworthy.testing import MemoryStore, a_trace

SPANS = 2000
MOST_ELEMENTS = 6000  # a browser lays so many out in a few frames
MOST_BYTES = 400_000


@pytest.fixture
def long(store: MemoryStore) -> Trace:
    """A trace of 2,000 calls."""
    trace = a_trace([("look", {"id": n}, f"reply {n}") for n in range(SPANS)])
    store.traces.append([trace])
    return trace


def test_its_page_is_small(browser: Any, long: Trace) -> None:
    page = browser.get(f"/traces/{long.id}")

    assert len(page.elements) < MOST_ELEMENTS
    assert len(page.html) < MOST_BYTES


def test_a_row_of_the_waterfall_takes_few_elements(browser: Any, long: Trace) -> None:
    whole = browser.get(f"/traces/{long.id}?whole=true")
    rows = whole.html.split('<ol class="waterfall">')[1].split("</ol>")[0]

    assert rows.count("<li") == SPANS  # and one in the download
    assert rows.count("<") - rows.count("</") <= 7 * rows.count("<li")


def test_the_rest_is_a_click_away(browser: Any, long: Trace) -> None:
    page = browser.get(f"/traces/{long.id}")
    whole = browser.get(f"/traces/{long.id}?whole=true")

    assert "show 1,751 more" in page.text
    assert "?whole=true#spans-head" in page.links()
    assert whole.count("details") > page.count("details")
    assert "?whole=true" not in whole.links()


def test_a_finding_on_a_span_that_is_not_shown_leads_to_the_span_itself(
    browser: Any, store: MemoryStore, long: Trace
) -> None:
    on_page = set(browser.get(f"/traces/{long.id}").ids())
    shown = next(span.id for span in long.spans if f"span-{span.id}" in on_page)
    hidden = next(span.id for span in long.spans if f"span-{span.id}" not in on_page)
    store.findings.add(
        [
            Finding(
                id="f" * 16,
                trace_id=long.id,
                kind="loop",
                severity=Severity.HIGH,
                why="twice",
                spans=(shown, hidden),
            )
        ]
    )

    links = browser.get(f"/traces/{long.id}").links()

    assert f"#span-{shown}" in links
    assert f"#span-{hidden}" not in links
    assert f"/traces/{long.id}/spans/{hidden}" in links


def test_a_trace_that_is_a_little_longer_is_shown_whole(browser: Any, store: MemoryStore) -> None:
    trace = a_trace([("look", {"id": n}, "x") for n in range(170)])
    store.traces.append([trace])

    assert "show" not in browser.get(f"/traces/{trace.id}").text.split("Keyboard")[0].lower()


def test_the_first_digits_of_an_id_keep_what_was_asked(browser: Any, long: Trace) -> None:
    assert browser.get(f"/traces/{long.id[:8]}?whole=true").address.endswith("?whole=true")
