"""Who labels where there are keys: the owner of the key, and nobody in another's name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from roadworthy.app.app import App
from roadworthy.app.keys import create_key
from roadworthy.records.api_key import Scope
from roadworthy.records.label import Labeller
from roadworthy.records.trial_result import TrialResult
from roadworthy.server.asgi import create_server
from roadworthy.testing import MemoryStore, a_case, a_run, a_trial

Client = TestClient[Litestar]


@pytest.fixture
def app(tmp_path: Path, store: MemoryStore) -> App:
    """A project with one trial to label, and an annotator in its settings."""
    (tmp_path / "roadworthy.toml").write_text('[review]\nannotator = "file"\n', encoding="utf-8")
    store.runs.create(a_run("r", cases=[a_case("c")]))
    store.runs.append([TrialResult(trial=a_trial(case="c", run="r"), readings=())])
    app = App(tmp_path)
    app._store = store
    return app


@pytest.fixture
def client(app: App) -> Iterator[Client]:
    with TestClient(create_server(app), base_url="http://127.0.0.1") as client:
        yield client


def knock(app: App, *scopes: Scope, name: str = "ana") -> dict[str, str]:
    """The header of a new key."""
    return {"authorization": f"Bearer {create_key(app, name, scopes).secret}"}


def shown(client: Client, headers: dict[str, str] | None = None, **asked: str) -> Any:
    return client.get("/api/review/next", params=asked, headers=headers or {})


def label(client: Client, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    return client.post("/api/labels", json=fields, headers=headers or {})


def test_without_keys_the_setting_names_the_annotator_and_the_request_may(client: Client) -> None:
    assert shown(client).json()["annotator"] == "file"
    assert shown(client, annotator="bob").json()["annotator"] == "bob"


def test_a_key_labels_in_its_own_name(app: App, client: Client, store: MemoryStore) -> None:
    key = knock(app, Scope.READ, Scope.WRITE)
    item = shown(client, key).json()["item"]["item"]

    done = label(client, key, item=item, value="pass")

    assert done.status_code == 201
    assert [one.annotator for one in store.labels.list()] == ["ana"]
    assert shown(client, key).json()["item"] is None


def test_a_key_cannot_label_in_anothers_name(app: App, client: Client, store: MemoryStore) -> None:
    key = knock(app, Scope.READ, Scope.WRITE)
    item = shown(client, key).json()["item"]["item"]

    done = label(client, key, item=item, value="pass", annotator="bob")

    assert done.status_code == 400
    assert "own name" in done.json()["error"]
    assert not store.labels.list()


def test_a_key_that_may_only_read_labels_nothing(
    app: App, client: Client, store: MemoryStore
) -> None:
    key = knock(app, Scope.READ)
    item = shown(client, key).json()["item"]["item"]

    assert label(client, key, item=item, value="pass").status_code == 403
    assert not store.labels.list()


def test_a_session_labels_in_the_name_of_its_key(
    app: App, client: Client, store: MemoryStore
) -> None:
    secret = knock(app, Scope.READ, Scope.WRITE)["authorization"].removeprefix("Bearer ")
    token = _token(client.get("/login").text)
    client.post("/login", data={"key": secret, "_csrf_token": token})

    page = client.get("/review")

    assert "Who is labelling" not in page.text
    assert "<b>ana</b>" in page.text


def _token(html: str) -> str:
    return html.split('name="_csrf_token" value="', 1)[1].split('"', 1)[0]


def test_a_program_that_judges_is_kept_as_one(client: Client, store: MemoryStore) -> None:
    item = shown(client).json()["item"]["item"]

    label(client, item=item, value="fail", annotator="gpt", made_by="model")

    (kept,) = store.labels.list()
    assert kept.made_by is Labeller.MODEL
    (found,) = client.get("/api/review/agreement").json()
    assert (found["items"], found["made_by_model"]) == (0, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"value": "pass"},
        {"item": "x", "value": "maybe"},
        {"item": "x", "value": "pass", "verdict": "y"},
        {"item": "x" * 101, "value": "pass"},
        {"item": "x", "value": "pass", "annotator": "\u202ebob"},
    ],
)
def test_a_label_that_makes_no_sense_is_refused(
    client: Client, store: MemoryStore, fields: dict[str, Any]
) -> None:
    assert label(client, **fields).status_code == 400
    assert not store.labels.list()
