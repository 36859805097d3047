"""Suites and cases on the page: their files, their past, what is odd about them."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from roadworthy.app.app import App
from roadworthy.app.evaluate import RunRequest, execute, plan_run
from roadworthy.app.html_report import write_html_report
from roadworthy.base.codec import Json
from roadworthy.run.runner import Control
from roadworthy.server.asgi import create_server

AGENT = """
    def answer(message):
        return f"You said: {message}"
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    write(tmp_path, "roadworthy.toml", '[targets.agent]\npython = "agent:answer"\n')
    write(tmp_path, "agent.py", AGENT)
    with App(tmp_path) as made:
        yield made


@pytest.fixture
def page(app: App) -> Iterator[TestClient[Litestar]]:
    with TestClient(create_server(app), base_url="http://127.0.0.1:8000") as client:
        client.headers.update({"Accept": "text/html"})
        yield client


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), encoding="utf-8")


def a_suite(app: App, **cases: dict[str, Json]) -> None:
    write(app.project, "evals/main/suite.yaml", "title: The main one\nrepeats: 2\n")
    for name, fields in cases.items():
        case = {"kind": "regression", "input": "hello", **fields}
        write(app.project, f"evals/main/cases/{name}.yaml", json.dumps(case))


def run(app: App) -> str:
    planned = plan_run(app, RunRequest(suite="main", target="agent"))
    asyncio.run(execute(app, planned.id, control=Control()))
    return planned.id


MOMENT = "2026-11-20T08:43:00Z"
HELLO: dict[str, Json] = {"expect": {"output": [{"contains": "hello"}]}}
WRONG: dict[str, Json] = {"expect": {"output": [{"contains": "bye"}]}}


def test_without_suites_the_page_says_what_to_type(page: TestClient[Litestar]) -> None:
    assert "roadworthy init" in page.get("/suites").text


def test_a_suite_that_never_ran_is_listed_and_says_how_to_run_it(
    app: App, page: TestClient[Litestar]
) -> None:
    a_suite(app, hello=HELLO)

    assert "never ran" in page.get("/suites").text
    assert "roadworthy eval run --suite main" in page.get("/suites/main").text


def test_a_suite_shows_its_last_verdict_and_each_cases_last_results(
    app: App, page: TestClient[Litestar]
) -> None:
    a_suite(app, hello=HELLO, wrong=WRONG)
    name = run(app)

    text = page.get("/suites/main").text

    assert "FAIL" in text
    assert f'aria-label="{name}: 2 of 2 passed"' in text
    assert f'aria-label="{name}: 0 of 2 passed"' in text


def test_cases_are_filtered_by_the_address(app: App, page: TestClient[Litestar]) -> None:
    a_suite(app, hello={**HELLO, "tags": ["polite"]}, other=WRONG)

    text = page.get("/suites/main", params={"tag": "polite"}).text

    assert "/suites/main/cases/hello" in text
    assert "/suites/main/cases/other" not in text


def test_a_broken_file_is_told_and_hides_only_itself(app: App, page: TestClient[Litestar]) -> None:
    a_suite(app, hello=HELLO)
    write(app.project, "evals/main/cases/bad.yaml", "input: [\n")

    text = page.get("/suites/main").text

    assert "1 error in its files" in text
    assert "bad.yaml" in text
    assert "/suites/main/cases/hello" in text


def test_a_suite_known_from_runs_only_is_shown_as_such(
    app: App, page: TestClient[Litestar]
) -> None:
    a_suite(app, hello=HELLO)
    run(app)
    for path in sorted((app.project / "evals").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()

    assert "known from runs only" in page.get("/suites").text
    assert page.get("/suites/main").status_code == 200


def test_a_case_shows_its_file_as_text_and_what_is_odd_about_it(
    app: App, page: TestClient[Litestar]
) -> None:
    a_suite(app, hello={**HELLO, "title": "<b>&amp;<script>alert(1)</script>"})
    run(app)

    text = page.get("/suites/main/cases/hello").text

    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
    assert "Not proved" in text
    assert "100 %" in text


def test_a_case_tells_what_must_hold_in_words_and_its_results_with_intervals(
    app: App, page: TestClient[Litestar]
) -> None:
    a_suite(app, hello={**HELLO, "history": [{"at": MOMENT, "change": "a -> b", "why": "seen"}]})
    run(app)

    text = page.get("/suites/main/cases/hello").text

    assert "Its output contains “hello”." in text
    assert "34.2 % to 100 %" in text  # Wilson's interval of 2 in 2
    assert (
        f'<time class="num" datetime="{MOMENT}" data-time="full">2026-11-20 08:43 UTC</time>'
        in text
    )


def test_a_moment_that_is_none_stays_as_it_is_written(app: App, page: TestClient[Litestar]) -> None:
    a_suite(app, hello={**HELLO, "history": [{"at": "<last week>", "change": "a", "why": "b"}]})

    assert "&lt;last week&gt;: a, b" in page.get("/suites/main/cases/hello").text


def test_a_case_that_any_answer_passes_is_warned_about(
    app: App, page: TestClient[Litestar]
) -> None:
    a_suite(app, anything={})

    assert "expects nothing" in page.get("/suites/main/cases/anything").text
    assert "1 warning" in page.get("/suites/main").text


@pytest.mark.parametrize(
    "address",
    [
        "/suites/nope",
        "/suites/~2E~2E",
        "/suites/~2Fetc",
        "/suites/main/cases/nope",
        "/suites/main/cases/~2E~2E~2Fsuite",
    ],
)
def test_a_name_is_never_taken_for_a_path(
    app: App, page: TestClient[Litestar], address: str
) -> None:
    a_suite(app, hello=HELLO)

    assert page.get(address).status_code == 404


def test_a_report_is_one_file_without_script_or_anything_to_fetch(app: App, tmp_path: Path) -> None:
    a_suite(app, hello=HELLO, wrong={"expect": {"output": [{"contains": "</td><script>"}]}})
    run(app)
    name = run(app)

    write_html_report(app, name, tmp_path / "report.html")

    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "<link" not in text
    assert "default-src 'none'" in text
    assert "data:image/svg+xml;base64," in text
    assert "FAIL" in text
    assert [path.name for path in tmp_path.glob(".*.part")] == []
