"""A server that is told to stop while somebody follows a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from roadworthy.app.app import App
from roadworthy.testing import a_case, a_run

if TYPE_CHECKING:
    from tests.server.core.conftest import Serving


def test_a_live_page_does_not_hold_up_the_end_of_the_server(serving: Serving) -> None:
    with App(serving.folder) as app:
        app.store.runs.create(a_run("goes-on", cases=[a_case("one")]))
    serving.start()

    with httpx.stream("GET", f"{serving.url}/runs/goes-on/events", timeout=60) as answer:
        told = answer.iter_lines()
        first = next(told)
        code = serving.stop()
        rest = list(told)

    assert first == "event: state"
    assert code == 0
    assert "event: end" not in rest, "the run goes on: a browser must ask again"
    assert "graceful shutdown exceeded" not in serving.talk(), "the stream had to be cut off"
