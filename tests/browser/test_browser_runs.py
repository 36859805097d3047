"""Runs and comparisons in a real browser: a run that goes on, charts, the keyboard."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from roadworthy.app.app import App
from roadworthy.app.html_report import write_html_report
from roadworthy.app.import_traces import import_file
from roadworthy.scaffold.data_files import TAU2_RETAIL, TAU2_RETAIL_FINE_TUNED, data_path

CHROMIUM = next((path for name in ("chromium", "chrome") if (path := shutil.which(name))), None)
PATIENCE_MS = 30_000
COMPARED = "/compare?base=before&candidate=after"
WAITING_AGENT = """
import time
from pathlib import Path

def answer(message):
    while not Path(f"go-{message}").exists():
        time.sleep(0.01)
    return message
"""


@contextmanager
def started(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """`roadworthy` with these words in `folder`, ended with the block."""
    command = [sys.executable, "-m", "roadworthy", *words]
    with (folder / "talk.log").open("a") as talk:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=talk, text=True
        )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server over `folder`."""
    with started(folder, "serve", "--port", "0", "--json") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (folder / "talk.log").read_text()
        yield json.loads(line)["page"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine; install `chromium` to run these tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the two recorded retail runs."""
    folder = tmp_path_factory.mktemp("retail")
    with App(folder) as app:
        for name, run in ((TAU2_RETAIL, "before"), (TAU2_RETAIL_FINE_TUNED, "after")):
            import_file(app, data_path(name), as_run=run, format_name=None, strict=True)
    with served(folder) as address:
        yield address


@pytest.fixture
def view(chromium: Browser) -> Iterator[Page]:
    """A page on which any complaint of the browser, the policy's included, fails the test."""
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []


@pytest.fixture
def waiting(tmp_path: Path) -> Path:
    """A project whose agent waits for a file before it answers."""
    (tmp_path / "agent.py").write_text(WAITING_AGENT)
    (tmp_path / "roadworthy.toml").write_text('[targets.agent]\npython = "agent:answer"\n')
    cases = tmp_path / "evals" / "main" / "cases"
    cases.mkdir(parents=True)
    (cases.parent / "suite.yaml").write_text("target: agent\nrepeats: 1\n")
    for name, wanted in (("one", "one"), ("two", "something else"), ("three", "three")):
        case = {"kind": "regression", "input": name, "expect": {"output": [{"contains": wanted}]}}
        (cases / f"{name}.yaml").write_text(json.dumps(case))
    return tmp_path


def test_a_run_that_goes_on_is_followed_in_place(waiting: Path, view: Page) -> None:
    with (
        served(waiting) as address,
        started(waiting, "eval", "run", "--name", "now") as driving,
    ):
        wait_for_run(address)
        view.goto(f"{address}/runs/now")
        view.evaluate("window.sameDocument = true")
        expect(view.locator("[data-count=made]")).to_have_text("0")
        expect(view.locator(".verdict")).to_contain_text("NO VERDICT YET")

        (waiting / "go-one").touch()
        expect(view.locator("[data-count=passed]")).to_have_text("1", timeout=PATIENCE_MS)
        expect(view.locator('[data-live="case-one"] .cell.passed')).to_be_visible()
        expect(view.locator(".verdict")).to_contain_text("So far 1 of 1 measured trials passed")
        expect(view.locator("main")).not_to_contain_text("eval resume")

        (waiting / "go-two").touch()
        (waiting / "go-three").touch()
        expect(view.locator('[data-live="state"]')).to_have_text("finished", timeout=PATIENCE_MS)
        expect(view.locator('[data-live="verdict"]')).to_contain_text("FAIL")
        expect(view.locator(".live")).to_have_count(0)
        assert view.evaluate("window.sameDocument")
        assert driving.wait(30) == 1


def wait_for_run(address: str) -> None:
    """Until the other process has written its plan."""
    give_up_at = monotonic() + PATIENCE_MS / 1000
    while httpx.get(f"{address}/runs/now").status_code != 200:
        assert monotonic() < give_up_at, "the run never began"
        sleep(0.02)  # another process has to start


def test_events_come_while_the_run_goes_on_and_end_with_it(waiting: Path) -> None:
    with served(waiting) as address, started(waiting, "eval", "run", "--name", "now"):
        wait_for_run(address)
        seen = []
        with httpx.stream("GET", f"{address}/runs/now/events", timeout=30) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: {"):
                    seen.append(json.loads(line.removeprefix("data: ")))
                    for name in ("one", "two", "three"):
                        (waiting / f"go-{name}").touch()

        assert seen[0]["state"] == "running"
        assert seen[0]["passed"] == 0
        assert (seen[-1]["state"], seen[-1]["passed"], seen[-1]["failed"]) == ("finished", 2, 1)


def test_the_comparison_shows_six_broken_first_and_opens_one_by_keyboard(
    retail: str, view: Page
) -> None:
    view.goto(retail + COMPARED)
    expect(view.locator(".verdict")).to_contain_text("6 cases broke although the total is unchang")
    expect(view.locator("tbody tr").nth(5)).to_contain_text("broken")
    expect(view.locator("tbody tr").nth(6)).to_contain_text("fixed")

    for key in ("j", "j", "k", "Enter"):
        view.keyboard.press(key)

    view.wait_for_url("**/compare/case?*case=18")
    expect(view.locator("#point")).to_contain_text("Here they part")


def test_a_chart_tells_its_numbers_under_the_pointer_without_breaking_the_policy(
    retail: str, view: Page
) -> None:
    view.goto(retail + COMPARED)
    figure = view.locator("figure.chart")
    figure.scroll_into_view_if_needed()

    expect(figure.locator("canvas")).to_be_visible()
    expect(figure.locator("picture")).to_be_hidden()


def test_without_script_the_chart_is_a_picture_and_everything_can_be_read(
    retail: str, chromium: Browser
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(retail + COMPARED)

    expect(page.locator("figure.chart img")).to_be_visible()
    expect(page.locator(".counts")).to_contain_text("broken")
    context.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report on a recorded run."""
    folder = tmp_path_factory.mktemp("report")
    with App(folder) as app:
        import_file(app, data_path(TAU2_RETAIL), as_run="one", format_name=None, strict=True)
        write_html_report(app, "one", folder / "one.html")
    return (folder / "one.html").as_uri()


def test_a_report_on_a_phone_breaks_no_word(report: str, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    page.goto(report)

    lines = "cells => cells.map(cell => [cell.textContent, cell.getClientRects().length, "
    lines += "cell.clientHeight / parseFloat(getComputedStyle(cell).lineHeight)])"
    for cells in ("td.id", "td.kind", "td.passed", ".rates th"):
        for text, boxes, height in page.locator(cells).evaluate_all(lines):
            assert (boxes, round(height)) == (1, 1), text
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_a_report_is_dark_for_who_reads_in_the_dark(report: str, chromium: Browser) -> None:
    page = chromium.new_page(color_scheme="dark")
    page.goto(report)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 19, 21)"
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "address",
    ["/runs", "/runs/after", "/runs/after/cases/64/0", COMPARED, "/suites", "/suites/tau2-bench",
     "/compare/case?base=before&candidate=after&case=64"],
)  # fmt: skip
def test_a_phone_shows_every_view_without_scrolling_sideways(
    retail: str, chromium: Browser, address: str, scheme: str
) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(retail + address)

    wider = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wider <= 0
    context.close()
