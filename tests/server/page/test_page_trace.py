"""One trace: conversation, waterfall, findings, its spans, its download, beside another."""

from time import perf_counter
from typing import Any

import pytest
from msgspec.structs import replace

from roadworthy.base.codec import decode
from roadworthy.diagnose.detect import detect
from roadworthy.records.span import Span
from roadworthy.records.trace import Trace
from roadworthy.testing import MemoryStore, a_call, a_trace
from roadworthy.testing.builders import Call


def many_spans(count: int) -> Trace:
    """A trace of so many tool calls, each with arguments and a reply."""
    calls: list[Call] = [
        ("look", {"id": n, "why": "because " * 20}, {"state": "ok", "n": n}) for n in range(count)
    ]
    return a_trace(calls, answer="done")


def test_the_conversation_shows_calls_with_arguments_and_replies(
    browser: Any, store: MemoryStore
) -> None:
    trace = a_trace([("refund", {"order": 7}, {"paid": True})], answer="It is on its way.")
    store.traces.append([trace])

    text = browser.get(f"/traces/{trace.id}").text

    for told in ("What is the state of my order?", "refund", '{"order":7}', '{"paid":true}'):
        assert told in text
    assert "It is on its way." in text


def test_a_failed_call_is_marked_in_words(browser: Any, store: MemoryStore) -> None:
    trace = a_trace([a_call("refund", error="card expired")])
    store.traces.append([trace])

    text = browser.get(f"/traces/{trace.id}").text

    assert "error" in text
    assert "card expired" in text


def test_a_finding_links_to_spans_that_are_on_the_page(browser: Any, store: MemoryStore) -> None:
    trace = a_trace([a_call("look", {"id": 1}, "same", step=n) for n in range(1, 5)])
    store.traces.append([trace])
    store.findings.add(detect(trace))

    page = browser.get(f"/traces/{trace.id}")
    jumps = [link[1:] for link in page.links() if link.startswith("#span-")]

    assert len(jumps) == 4
    assert set(jumps) <= set(page.ids())


def test_every_span_has_one_anchor(browser: Any, store: MemoryStore) -> None:
    trace = a_trace([("look", {"id": n}, "x") for n in range(5)], answer="done")
    store.traces.append([trace])

    ids = browser.get(f"/traces/{trace.id}").ids()

    assert len(ids) == len(set(ids))
    assert {f"span-{span.id}" for span in trace.spans} <= set(ids)


def test_the_first_digits_lead_to_the_trace(browser: Any, store: MemoryStore) -> None:
    trace = a_trace(question="found by its beginning")
    store.traces.append([trace])
    assert "found by its beginning" in browser.get(f"/traces/{trace.id[:6]}").text


def test_lost_parents_and_missing_times_are_said(browser: Any, store: MemoryStore) -> None:
    lost = Span(id="1" * 16, name="lonely", parent_id="2" * 16, start_ns=0, end_ns=0)
    trace = Trace(id="a" * 32, spans=(lost,), source="otlp", timed=False)
    store.traces.append([trace])

    text = browser.get(f"/traces/{trace.id}").text

    for told in ("No span of this trace is its root", "1 span without the parent", "no times"):
        assert told in text
    assert "No messages" in text


def test_two_thousand_spans_take_no_seconds(browser: Any, store: MemoryStore) -> None:
    trace = many_spans(2000)
    store.traces.append([trace])
    took = []
    for _ in range(3):
        begun = perf_counter()
        page = browser.get(f"/traces/{trace.id}")
        took.append(perf_counter() - begun)
    assert page.status == 200
    assert min(took) < 3  # takes the answer apart as well; the server's part is about 0.1 s


def test_fifty_thousand_spans_show_the_first_and_say_so(browser: Any, store: MemoryStore) -> None:
    spans = tuple(
        Span(id=f"{n:016x}", name="step", start_ns=n, end_ns=n + 1) for n in range(50_000)
    )
    store.traces.append([Trace(id="b" * 32, spans=spans, source="otlp")])

    short = browser.get(f"/traces/{'b' * 32}")
    page = browser.get(f"/traces/{'b' * 32}?whole=true")

    assert "The first 250 spans are shown; show 49,750 more" in short.text
    assert len(short.html) < 300_000
    assert "The first 2,000 spans are shown; 48,000 more are in the download." in page.text
    assert len(page.html) < 3_000_000


def test_the_download_is_the_trace_as_an_attachment(browser: Any, store: MemoryStore) -> None:
    trace = a_trace([("look", {"id": 1}, "x")])
    store.traces.append([trace])

    page = browser.get(f"/traces/{trace.id}/download")

    assert page.headers["content-disposition"] == f'attachment; filename="{trace.id}.json"'
    assert page.headers["content-type"].startswith("application/json")
    assert decode(Trace, page.html.encode()) == trace


def test_a_span_shows_all_that_it_says(browser: Any, store: MemoryStore) -> None:
    span = replace(a_call("look", {"id": 1}, "x"), attributes={"my.own.key": "kept"})
    trace = Trace(id="c" * 32, spans=(span,), source="otlp")
    store.traces.append([trace])

    text = browser.get(f"/traces/{trace.id}/spans/{span.id}").text

    assert "my.own.key" in text
    assert "kept" in text


def test_two_traces_show_where_their_paths_part(browser: Any, store: MemoryStore) -> None:
    same: Call = ("look", {"id": 1}, "x")
    one = a_trace([same, ("refund", {"order": 7}, "ok")], seed="1")
    other = a_trace([same, ("refund", {"order": 8}, "ok")], seed="2")
    store.traces.append([one, other])

    page = browser.get(f"/traces/{one.id}?against={other.id[:8]}")

    assert "They part at step 3 of 3: other arguments." in page.text
    assert "point" in page.ids()


@pytest.mark.parametrize(
    "path",
    ["/traces/ffff1111", "/traces/zz", "/traces/%3Cscript%3E", "/traces/ffff1111/mint"],
)
def test_an_unknown_trace_is_a_page_that_says_so(browser: Any, path: str) -> None:
    page = browser.get(path)
    assert page.status in (400, 404)
    assert "Search traces" in page.text
    assert "Traceback" not in page.html


def test_an_unknown_span_says_where_to_look(browser: Any, store: MemoryStore) -> None:
    trace = a_trace()
    store.traces.append([trace])
    page = browser.get(f"/traces/{trace.id}/spans/123")
    assert page.status == 404
    assert "its page lists its spans" in page.text
