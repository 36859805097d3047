"""A judgement sent over OTLP stands on the page of the trace that it is about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from tests.server.core.conftest import Serving, Wire

JSON = {"Content-Type": "application/json"}


def evaluation(trace: str, **said: object) -> bytes:
    """An OTLP log record as an evaluator sends it."""
    attributes = {"gen_ai.evaluation.name": "Relevance", **said}
    record = {
        "timeUnixNano": "1760000000000000000",
        "eventName": "gen_ai.evaluation.result",
        "traceId": trace,
        "spanId": "0000000000000001",
        "attributes": [{"key": key, "value": _value(value)} for key, value in attributes.items()],
    }
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}
    return json.dumps(logs).encode()


def _value(value: object) -> dict[str, Any]:
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": value}


def test_an_evaluation_event_becomes_visible_on_its_trace(serving: Serving, wire: Wire) -> None:
    serving.start()
    name = wire.name(0)
    assert serving.send(wire.request(0)).status_code == 200
    said = {
        "gen_ai.evaluation.score.value": 0.25,
        "gen_ai.evaluation.score.label": "off topic",
        "gen_ai.evaluation.explanation": "it answers <b>another</b> question",
    }

    sent = httpx.post(f"{serving.url}/v1/logs", content=evaluation(name, **said), headers=JSON)
    again = httpx.post(f"{serving.url}/v1/logs", content=evaluation(name, **said), headers=JSON)
    page = httpx.get(f"{serving.url}/traces/{name}", headers={"Accept": "text/html"}).text

    assert (sent.status_code, again.status_code) == (200, 200)
    section = page[page.index('id="evaluations"') : page.index('class="panes"')]
    assert section.count("<b>Relevance</b>") == 1, "said twice, it is one evaluation"
    assert ">0.25<" in section
    assert "off topic" in section
    assert "it answers &lt;b&gt;another&lt;/b&gt; question" in section
    assert 'href="#span-0000000000000001"' in section
    assert "roadworthy.evaluation" not in page


def test_an_evaluation_that_comes_first_waits_for_its_trace(serving: Serving, wire: Wire) -> None:
    serving.start()
    name = wire.name(0)

    httpx.post(f"{serving.url}/v1/logs", content=evaluation(name), headers=JSON)
    serving.send(wire.request(0))

    page = httpx.get(f"{serving.url}/traces/{name}", headers={"Accept": "text/html"}).text
    assert "<b>Relevance</b>" in page
    assert "execute_tool" in page or "lookup" in page
