"""A run that goes on tells what there is so far; one that was killed tells how to finish it."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.html_report import html_report
from roadworthy.app.run_detail import load_run_detail
from roadworthy.app.run_lock import run_lock
from roadworthy.app.run_state import CUT_SHORT, shown_state
from roadworthy.app.suite_detail import load_suite_overview
from roadworthy.records.case import Tier
from roadworthy.records.decision import Verdict
from roadworthy.records.reading import Grade, TrialReading
from roadworthy.records.run import RunState
from roadworthy.records.trial_result import TrialResult
from roadworthy.server.pages.live import look
from roadworthy.testing import MemoryStore, a_case, a_run, a_trial

TIERS = (Tier(name="standard", threshold=0.95),)


def graded(run: str, repeat: int, *, passed: bool) -> TrialResult:
    grade = Grade(passed=passed, score=float(passed), why="as asked" if passed else "not as asked")
    reading = TrialReading(grader="contains", version=1, reading=grade)
    return TrialResult(trial=a_trial(case="one", run=run, repeat=repeat), readings=(reading,))


def begun(store: MemoryStore, name: str = "now", *, made: int = 2, planned: int = 5) -> None:
    """A run with results: the first trial passed, the others failed."""
    store.runs.create(replace(a_run(name, cases=[a_case("one")], repeats=planned), tiers=TIERS))
    store.runs.append([graded(name, repeat, passed=repeat == 0) for repeat in range(made)])


@pytest.fixture
def app(project: Path, store: MemoryStore) -> App:
    made = App(project)
    made._store = store
    return made


def test_a_run_that_goes_on_has_no_verdict_yet_and_needs_no_resuming(
    browser: Any, app: App, store: MemoryStore
) -> None:
    begun(store)

    with run_lock(app.lock_folder, "now"):
        page = browser.get("/runs/now")

    assert "NO VERDICT YET So far 1 of 2 measured trials passed" in page.text
    assert "The verdict comes when all 5 trials are made." in page.text
    assert "2 of 5 planned so far" in page.text
    for said_too_early in ("eval resume", "the run ended", "FAIL", "INCONCLUSIVE"):
        assert said_too_early not in page.text


def test_a_run_that_was_killed_says_how_to_finish_it(browser: Any, store: MemoryStore) -> None:
    begun(store)

    page = browser.get("/runs/now")

    assert "cut short" in page.text
    assert "the run ended after 2 of 5 planned trials" in page.text
    assert "<code>roadworthy eval resume now</code>" in page.html
    assert "NO VERDICT YET" not in page.text


def test_a_run_that_was_killed_waits_for_a_person_and_one_that_goes_on_does_not(
    browser: Any, app: App, store: MemoryStore
) -> None:
    begun(store)

    killed = browser.get("/").text
    with run_lock(app.lock_folder, "now"):
        driven = browser.get("/").text

    assert "3 of 5 trials are still to be made roadworthy eval resume now" in killed
    assert "eval resume" not in driven


def test_all_counts_of_a_run_come_from_one_look(
    app: App, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is read first; trials that come after it would make the numbers disagree."""
    begun(store, made=3)
    stale = replace(store.runs.load("now"), passed=0, failed=1)
    monkeypatch.setattr(store.runs, "load", lambda _: stale)

    detail = load_run_detail(app, "now")

    assert (detail.row.passed, detail.row.failed) == (1, 2)
    assert detail.report.trials == detail.report.pass_rate.measured == 3


def test_a_run_that_ends_while_it_is_looked_at_was_not_killed(app: App, store: MemoryStore) -> None:
    begun(store)
    before = store.runs.load("now")
    assert shown_state(app, before) == CUT_SHORT

    store.runs.set_state("now", RunState.FINISHED, at=1.0)

    assert shown_state(app, before) == "finished"


def test_a_suite_keeps_its_last_verdict_while_the_next_run_goes_on(
    browser: Any, app: App, store: MemoryStore
) -> None:
    begun(store, "before", made=5)
    store.runs.set_state("before", RunState.FINISHED, at=1.0)
    begun(store, "now", made=1)
    suite = store.runs.load("now").run.suite

    with run_lock(app.lock_folder, "now"):
        overview = load_suite_overview(app, suite)
        page = browser.get(f"/suites/{suite}")

    assert overview.judged is not None
    assert overview.judged.row.run.id == "before"
    assert overview.decision is not None
    assert overview.decision.verdict is Verdict.FAIL
    assert "Run now goes on: 1 of 5 trials so far." in page.text


def test_lists_tell_the_verdict_of_a_run_and_not_that_it_finished(
    browser: Any, store: MemoryStore
) -> None:
    begun(store, made=5)
    store.runs.set_state("now", RunState.FINISHED, at=1.0)

    for path in ("/", "/runs"):
        text = browser.get(path).text
        assert "FAIL" in text
        assert "20 % of 5" in text
        assert "finished FAIL" not in text


def test_lists_tell_a_run_that_goes_on_with_what_there_is_so_far(
    browser: Any, app: App, store: MemoryStore
) -> None:
    begun(store, made=2)

    with run_lock(app.lock_folder, "now"):
        text = browser.get("/runs").text

    assert "running 2 of 5 trials" in text
    assert "50 % of 2 so far" in text
    assert "FAIL" not in text


def test_the_report_of_a_run_that_goes_on_holds_no_verdict(app: App, store: MemoryStore) -> None:
    begun(store)

    with run_lock(app.lock_folder, "now"):
        report = html_report(app, load_run_detail(app, "now"))

    assert "NO VERDICT YET" in report
    assert "eval resume" not in report
    assert ": FAIL" not in report


def test_the_report_follows_the_readers_colours_and_tells_reliability_last(
    app: App, store: MemoryStore
) -> None:
    begun(store, made=5)
    store.runs.set_state("now", RunState.FINISHED, at=1.0)

    report = html_report(app, load_run_detail(app, "now"))

    assert "prefers-color-scheme: dark" in report
    assert report.index("<h2>Cases</h2>") < report.index("<h2>Reliability</h2>")


def test_only_a_case_that_has_a_file_here_is_linked_from_its_trial(
    browser: Any, store: MemoryStore, project: Path
) -> None:
    begun(store, made=1)
    suite = store.runs.load("now").run.suite
    without = browser.get("/runs/now/cases/one/0")

    cases = project / "evals" / suite / "cases"
    cases.mkdir(parents=True)
    (cases.parent / "suite.yaml").write_text("repeats: 1\n")
    (cases / "one.yaml").write_text("input: hello\n")
    within = browser.get("/runs/now/cases/one/0")

    assert f"/suites/{suite}/cases/one" not in without.links()
    assert f"/suites/{suite}/cases/one" in within.links()


def test_those_who_follow_a_run_are_told_when_nobody_drives_it_any_more(
    app: App, store: MemoryStore
) -> None:
    begun(store)

    with run_lock(app.lock_folder, "now"):
        driven = look(app, "now")
    killed = look(app, "now")

    assert (driven.state, driven.goes_on) == (RunState.RUNNING, True)
    assert (killed.state, killed.goes_on) == (RunState.RUNNING, False)
