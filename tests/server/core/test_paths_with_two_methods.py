"""Paths that are read and written alike: both ways work over a real server, again and again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from litestar.routes import HTTPRoute

from roadworthy.app.app import App
from roadworthy.app.import_traces import import_file
from roadworthy.app.keys import create_key
from roadworthy.records.api_key import Scope
from roadworthy.scaffold.data_files import TAU2_AIRLINE, data_path
from roadworthy.server.asgi import create_server

if TYPE_CHECKING:
    from tests.server.core.conftest import Serving

SHARED = {"/login", "/api/baselines", "/api/cases"}


def test_these_are_all_the_paths_that_take_more_than_one_method(app: App) -> None:
    routes = [route for route in create_server(app).routes if isinstance(route, HTTPRoute)]

    assert {route.path for route in routes if {"GET", "POST"} <= route.methods} == SHARED


def test_a_handler_in_a_thread_is_wrapped_once(app: App) -> None:
    """Wrapped twice it would answer with a coroutine, which is a server error."""
    for route in create_server(app).routes:
        for handler in getattr(route, "route_handlers", ()):
            inner = getattr(handler.fn, "func", None)
            assert not hasattr(inner, "func"), f"{handler.http_methods} {route.path}"


@pytest.fixture
def history(serving: Serving) -> None:
    """The project has a run of 50 trials on recorded traces."""
    with App(serving.folder) as app:
        file = data_path(TAU2_AIRLINE)
        import_file(app, file, as_run="main", format_name=None, strict=False)


@pytest.mark.usefixtures("history")
def test_baselines_are_read_and_written_under_one_path(serving: Serving) -> None:
    url = f"{serving.start()}/api/baselines"

    for name in ("gold", "silver"):
        assert httpx.get(url).status_code == 200
        assert httpx.post(url, json={"name": name, "run": "main"}).status_code == 201

    assert [pin["name"] for pin in httpx.get(url).json()] == ["gold", "silver"]


@pytest.mark.usefixtures("history")
def test_cases_are_read_and_written_under_one_path(serving: Serving) -> None:
    start = serving.start()
    trace = httpx.get(f"{start}/api/traces").json()["rows"][0]["id"]
    url = f"{start}/api/cases"

    for name in ("first", "second"):
        assert httpx.get(url).status_code == 200
        made = httpx.post(url, json={"trace": trace, "suite": "desk", "id": name})
        assert made.status_code == 201

    assert [case["case"] for case in httpx.get(url).json()] == ["first", "second"]


def test_a_person_logs_in_under_the_path_of_the_form(serving: Serving) -> None:
    with App(serving.folder) as app:
        secret = create_key(app, "person", [Scope.READ]).secret
    url = f"{serving.start()}/login"

    with httpx.Client() as browser:
        for key, status in (("wrong", 403), (secret, 303)):
            form = browser.get(url)
            token = re.search(r'name="_csrf_token" value="([0-9a-f]+)"', form.text)
            assert token is not None
            answer = browser.post(url, data={"key": key, "_csrf_token": token[1]})
            assert answer.status_code == status
        assert browser.get(serving.url).status_code == 200


@pytest.mark.usefixtures("history")
def test_a_preview_and_its_writing_work_over_a_real_server(serving: Serving) -> None:
    start = serving.start()

    with httpx.Client(base_url=start) as browser:
        trace = browser.get("/api/traces").json()["rows"][0]["id"]
        form = browser.get(f"/traces/{trace}/mint")
        token = re.search(r'name="_csrf_token" value="([0-9a-f]+)"', form.text)
        assert token is not None
        wish = {"suite": "desk", "case": "refund", "title": "", "_csrf_token": token[1]}
        written = browser.post(f"/traces/{trace}/minted", data=wish)

        assert written.status_code == 303
        assert browser.get(written.headers["location"]).status_code == 200
    assert Path(serving.folder, "evals/desk/cases/refund.yaml").is_file()
