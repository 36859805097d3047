"""Who is logged in, what their key is not offered, and leaving."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from tests.server.page.conftest import Browser

from roadworthy.app.app import App
from roadworthy.app.keys import create_key
from roadworthy.records.api_key import Scope
from roadworthy.server.asgi import create_server
from roadworthy.testing import MemoryStore, a_trace

Client = TestClient[Any]
Enter = Callable[..., Browser]


@pytest.fixture
def client(project: Path, store: MemoryStore) -> Iterator[Client]:
    app = App(project)
    app._store = store
    with TestClient(create_server(app), base_url="http://127.0.0.1") as made:
        yield made


@pytest.fixture
def enter(client: Client, project: Path, store: MemoryStore) -> Enter:
    """Log in with a new key of these scopes."""

    def enter(*scopes: Scope) -> Browser:
        app = App(project)
        app._store = store
        secret = create_key(app, "ana", scopes).secret
        browser = Browser(client)
        form = browser.get("/login").inputs()
        assert browser.post("/login", form | {"key": secret}).status == 200
        return browser

    return enter


def test_the_bar_names_the_key_and_offers_to_log_out(enter: Enter) -> None:
    text = enter(Scope.READ, Scope.WRITE).get("/runs").text

    assert "Logged in with key ana" in text
    assert "It allows: read, write. Log out" in text


def test_without_keys_there_is_nobody_to_log_out(browser: Any) -> None:
    assert "Log out" not in browser.get("/").text


def test_logging_out_needs_no_more_than_the_button(enter: Enter) -> None:
    browser = enter(Scope.READ)

    after = browser.post("/logout", {})

    assert after.address == "/login"
    assert browser.get("/runs").address == "/login?next=%2Fruns"


def test_another_sites_page_cannot_log_anybody_out(enter: Enter, client: Client) -> None:
    browser = enter(Scope.READ)

    answer = client.post("/logout", data={}, headers={"Origin": "http://elsewhere.example"})

    assert answer.status_code == 403
    assert "Logged in with key ana" in browser.get("/runs").text


def test_a_key_that_may_only_read_is_offered_nothing_that_writes_and_told_why(
    enter: Enter, store: MemoryStore
) -> None:
    trace = a_trace([("look", {"id": 7}, "x")])
    store.traces.append([trace])
    browser = enter(Scope.READ)

    shown, mint = browser.get(f"/traces/{trace.id}"), browser.get(f"/traces/{trace.id}/mint")

    assert "Make a case" not in shown.text.replace("Make a case ·", "")
    assert "making a case needs the scope write" in shown.text
    assert "Write these files" not in mint.text
    assert "Your key may only read" in mint.text
    assert "evals/production/cases" in mint.text  # looking is allowed


def test_whoever_lacks_a_key_is_told_how_to_get_one(enter: Enter, client: Client) -> None:
    enter(Scope.READ)
    client.cookies.clear()

    answer = client.get("/api/runs")
    sent = client.post("/v1/traces", json={}, headers={"Authorization": "Bearer rw_x"})

    assert answer.status_code == sent.status_code == 401
    hint = "`roadworthy key create NAME --scope {}` makes one that does"
    assert answer.json()["hint"] == (
        f"send it as `Authorization: Bearer rw_…`; {hint.format('read')}"
    )
    assert hint.format("ingest") in sent.json()["message"]


def test_a_key_that_lacks_a_scope_is_told_which(enter: Enter, client: Client) -> None:
    enter(Scope.READ)

    answer = client.post(
        "/api/baselines", json={"name": "a"}, headers={"Origin": "http://127.0.0.1"}
    )

    assert answer.status_code == 403
    assert answer.json() == {
        "error": "this key does not allow write",
        "hint": "`roadworthy key create NAME --scope write` makes one that does",
    }
