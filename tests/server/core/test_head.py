"""HEAD: what GET says, without saying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from roadworthy.app.app import App
from roadworthy.testing import a_case, a_run

if TYPE_CHECKING:
    from tests.server.core.conftest import Client, Serving


@pytest.mark.parametrize("path", ["/", "/traces", "/healthz", "/api/runs", "/static/page.css"])
def test_head_has_the_status_and_type_of_get_and_no_body(client: Client, path: str) -> None:
    get, head = client.get(path), client.head(path)

    assert head.status_code == get.status_code == 200
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.content == b""


def test_head_where_nothing_is_404(client: Client) -> None:
    assert client.head("/nowhere").status_code == 404


def test_head_where_only_posting_is_meant_stays_refused(client: Client) -> None:
    assert client.head("/v1/traces").status_code == 405


def test_head_of_an_endless_answer_ends(serving: Serving) -> None:
    with App(serving.folder) as app:
        app.store.runs.create(a_run("goes-on", cases=[a_case("one")]))
    serving.start()

    with httpx.Client(base_url=serving.url, timeout=30) as client:
        answers = [client.head("/runs/goes-on/events") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert serving.stop() == 0
    assert "Traceback" not in serving.talk()
