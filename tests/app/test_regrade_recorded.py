"""The airline policy over 200 recorded trajectories, as a grading of its own."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from roadworthy.app.app import App
from roadworthy.app.import_traces import import_file
from roadworthy.app.regrading.plan import RegradeRequest
from roadworthy.app.regrading.regrade import regrade
from roadworthy.app.regrading.report import RegradeReport
from roadworthy.app.verdicts import compare_runs
from roadworthy.records.decision import Verdict
from roadworthy.records.reading import Grade
from roadworthy.scaffold.data_files import TAU_BENCH_AIRLINE, data_path
from roadworthy.server.asgi import create_server
from roadworthy.server.pages.addresses import trace_at, trial_at

POLICY = Path(__file__).parents[1] / "data" / "airline-policy"
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "check-policies.md"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with App(tmp_path_factory.mktemp("regraded")) as made:
        for name in ("gpt-4o", "untouched"):
            path = data_path(TAU_BENCH_AIRLINE)
            import_file(made, path, as_run=name, format_name=None, strict=True)
        yield made


@pytest.fixture(scope="module")
def report(app: App) -> RegradeReport:
    return asyncio.run(regrade(app, "gpt-4o", RegradeRequest(suite=str(POLICY))))


def test_the_verdicts_are_the_rewards_and_the_policy_together(
    app: App, report: RegradeReport
) -> None:
    row = app.store.runs.load("gpt-4o")

    assert (row.passed, row.failed, row.unmeasured, row.grading) == (75, 125, 0, 1)
    assert (report.passed_to_failed, report.failed_to_passed, report.unchanged) == (9, 0, 191)
    assert report.pass_rate_before.value == pytest.approx(0.42)
    assert report.pass_rate_after.value == pytest.approx(0.375)


def test_every_rule_is_broken_as_often_as_the_guide_to_policies_says(
    report: RegradeReport,
) -> None:
    told = re.findall(r"^\| `([\w-]+)`[^|]* \| (\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    failed = {
        one.grader.rpartition(":")[2]: one.after["failed"]
        for one in report.graders
        if one.after is not None and one.before is None
    }

    assert len(failed) == 14
    assert failed == {rule: int(count) for rule, count in told}


def test_each_change_is_the_work_of_new_rules_alone(report: RegradeReport) -> None:
    assert {grader.cause for one in report.changes for grader in one.graders} == {"new"}
    assert Counter((one.before, one.after) for one in report.changes) == {("passed", "failed"): 9}
    assert all(grader.spans for one in report.changes for grader in one.graders)


def test_every_breach_is_a_link_from_its_trial_to_a_span_on_the_page_of_its_trace(
    app: App, report: RegradeReport
) -> None:
    del report
    seen = 0
    with TestClient(create_server(app), base_url="http://127.0.0.1:8000") as client:
        client.headers.update({"Accept": "text/html"})
        for result in app.store.runs.results("gpt-4o"):
            trial = result.trial
            spans = {
                span
                for entry in result.readings
                if isinstance(entry.reading, Grade) and not entry.reading.passed
                for span in entry.reading.evidence[:12]
            }
            if not spans or trial.trace_id is None:
                continue
            page = _get(client, trial_at("gpt-4o", trial.case, trial.repeat))
            trace = _get(client, trace_at(trial.trace_id))
            for span in spans:
                assert f'href="{trace_at(trial.trace_id, span)}"' in page
                assert f'id="span-{span}"' in trace
                seen += 1
    assert seen >= 125


def _get(client: TestClient[Litestar], address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.text


def test_the_page_of_the_run_leads_to_the_grading_that_was_made_as_it_was_imported(
    app: App, report: RegradeReport
) -> None:
    del report
    with TestClient(create_server(app), base_url="http://127.0.0.1:8000") as client:
        client.headers.update({"Accept": "text/html"})
        page = _get(client, "/runs/gpt-4o")
        first = client.get("/api/run", params={"run": "gpt-4o", "grading": 0}).json()
        now = client.get("/api/run", params={"run": "gpt-4o"}).json()
        unknown = client.get("/api/run", params={"run": "gpt-4o", "grading": 9})

    assert 'href="/runs/gpt-4o?grading=0"' in page
    assert (first["grading"], now["grading"]) == (0, 1)
    assert first["pass_rate"]["value"] > now["pass_rate"]["value"]
    assert unknown.status_code == 404


def test_the_page_of_a_trial_shows_what_either_grading_found(
    app: App, report: RegradeReport
) -> None:
    first = report.changes[0]
    address = trial_at("gpt-4o", first.case, first.repeat)
    with TestClient(create_server(app), base_url="http://127.0.0.1:8000") as client:
        client.headers.update({"Accept": "text/html"})
        now, before = _get(client, address), _get(client, f"{address}?grading=0")

    assert first.graders[0].grader in now
    assert first.graders[0].grader not in before
    assert f'href="{address}?grading=0"' in now


def test_a_policy_that_was_added_is_never_a_regression_of_the_agent(
    app: App, report: RegradeReport
) -> None:
    del report
    decision = compare_runs(app, "untouched", "gpt-4o")

    assert decision.verdict not in (Verdict.FAIL, Verdict.PASS)
    assert decision.comparison is not None
    assert decision.comparison.named("broken") == ()
    told = " ".join(decision.comparison.not_comparable)
    assert f"roadworthy eval regrade untouched --suite {POLICY}" in told
