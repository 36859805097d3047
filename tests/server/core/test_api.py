"""The HTTP API gives the shapes of `--json`, and its description is true."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from roadworthy.app.import_traces import import_file
from roadworthy.scaffold.data_files import TAU2_AIRLINE, data_path

if TYPE_CHECKING:
    from tests.server.core.conftest import Client, Serving

    from roadworthy.app.app import App


@pytest.fixture
def history(app: App) -> App:
    """The project has a run of 50 trials on recorded traces."""
    import_file(app, data_path(TAU2_AIRLINE), as_run="main", format_name=None, strict=False)
    return app


def said(folder: Path, *words: str) -> Any:
    """What the command line says with `--json`."""
    done = subprocess.run(
        [sys.executable, "-m", "roadworthy", *words, "--json"],
        cwd=folder,
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/api/runs", ["eval", "list"]),
        ("/api/run?run=main", ["eval", "show", "main"]),
        ("/api/compare?base=main&candidate=main", ["eval", "compare", "main", "main"]),
    ],
)
def test_an_answer_is_what_the_command_line_prints(
    history: App, client: Client, path: str, words: list[str]
) -> None:
    assert client.get(path).json() == said(history.project, *words)


def test_findings_are_those_of_the_command_line_with_their_number(
    history: App, client: Client
) -> None:
    rows = said(history.project, "finding", "list", "--run", "main")

    found = client.get("/api/findings", params={"run": "main"}).json()

    assert rows
    assert found == {"rows": rows, "total": len(rows)}


def test_no_more_findings_are_sent_than_asked_for_and_never_more_than_a_thousand(
    history: App, client: Client
) -> None:
    whole = client.get("/api/findings").json()

    first = client.get("/api/findings", params={"limit": 1}).json()

    assert len(first["rows"]) == 1
    assert first["total"] == whole["total"] > 1
    assert client.get("/api/findings", params={"limit": 1001}).status_code == 400
    assert client.get("/api/findings", params={"limit": 0}).status_code == 400


def test_one_trace_is_shown_with_its_findings(history: App, client: Client) -> None:
    (row, *_) = client.get("/api/traces", params={"finding": "loop"}).json()["rows"]

    shown = client.get(f"/api/traces/{row['id'][:12]}").json()

    assert shown == said(history.project, "trace", "show", row["id"])


def test_pages_of_a_search_hold_every_trace_once(history: App, client: Client) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params: dict[str, str | int] = {"limit": 20} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/traces", params=params).json()
        seen += [row["id"] for row in page["rows"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == history.store.traces.count()


def test_an_export_is_a_download_of_json_lines(history: App, client: Client) -> None:
    answer = client.get("/api/traces/export", params={"run": "main"})

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert len(lines) == 50
    assert answer.headers["content-disposition"].startswith("attachment")


def test_an_unknown_name_is_404_with_a_hint(history: App, client: Client) -> None:
    answer = client.get("/api/run", params={"run": "maim"})

    assert answer.status_code == 404
    assert "main" in answer.json()["hint"]


def test_a_trace_becomes_a_case_after_a_preview_that_wrote_nothing(
    history: App, client: Client
) -> None:
    trace = client.get("/api/traces").json()["rows"][0]["id"]
    wish = {"trace": trace, "suite": "desk", "id": "refund"}
    preview = client.post("/api/cases/preview", json=wish).json()
    before = (history.project / "evals").exists()

    answer = client.post("/api/cases", json=wish)

    assert (before, answer.status_code) == (False, 201)
    written = Path(answer.json()["path"]).read_text(encoding="utf-8")
    assert written == preview["text"]
    assert client.get("/api/cases/refund").json()["text"] == written
    assert client.post("/api/cases", json=wish).status_code == 400


@pytest.mark.parametrize("suite", ["../../etc", "/etc", "a/b", "..", ""])
def test_a_suite_is_a_name_and_never_a_path(history: App, client: Client, suite: str) -> None:
    trace = client.get("/api/traces").json()["rows"][0]["id"]

    minted = client.post("/api/cases", json={"trace": trace, "suite": suite})

    assert minted.status_code == 400
    assert client.get("/api/cases", params={"suite": suite}).status_code == 404
    assert not (history.project / "evals").exists()


def test_a_baseline_is_pinned_and_listed(history: App, client: Client) -> None:
    pinned = client.post("/api/baselines", json={"name": "gold", "run": "main"})

    assert pinned.status_code == 201
    assert client.get("/api/baselines").json() == [pinned.json()]
    assert client.get("/api/baselines", params={"name": "gold"}).json() == [pinned.json()]


def test_the_description_names_every_route_of_the_api(client: Client) -> None:
    described = client.get("/api/schema").json()["paths"]

    routes = {
        route.path_format
        for route in client.app.routes
        if route.path_format.startswith("/api/") and "schema" not in route.path_format
    }
    assert set(described) == routes | {"/healthz", "/v1/traces", "/v1/logs"}


def test_schemathesis_finds_no_server_error(history: App, serving: Serving) -> None:
    """Every operation as described, with examples good and bad; bounded in number."""
    url = serving.start()
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        *("run", f"{url}/api/schema"),
        *("--checks", "not_a_server_error,response_schema_conformance,content_type_conformance"),
        *("--max-examples", "15", "--phases", "examples,coverage,fuzzing", "--workers", "1"),
        *("--request-timeout", "10", "--seed", "1", "--no-color"),
    ]
    done = subprocess.run(
        command, cwd=serving.folder, capture_output=True, text=True, timeout=150, check=False
    )

    assert done.returncode == 0, done.stdout[-5000:] + serving.talk()[-2000:]
