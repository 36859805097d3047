"""The airline policy as rules, on 200 recorded trajectories whose rewards are known."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from roadworthy.app.app import App
from roadworthy.app.import_traces import import_file
from roadworthy.app.policy_run import PolicyReport, hold_against
from roadworthy.base.errors import BadFile, BadRequest
from roadworthy.records.reading import TrialVerdict
from roadworthy.scaffold.data_files import TAU_BENCH_AIRLINE, data_path

POLICY = Path(__file__).parents[1] / "data" / "airline-policy"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with App(tmp_path_factory.mktemp("policy")) as made:
        path = data_path(TAU_BENCH_AIRLINE)
        import_file(made, path, as_run="gpt-4o", format_name=None, strict=True)
        yield made


@pytest.fixture(scope="module")
def report(app: App) -> PolicyReport:
    return asyncio.run(hold_against(app, "gpt-4o", POLICY))


def breaking(report: PolicyReport, rule: str) -> set[tuple[str, int]]:
    return {(one.case, one.repeat) for one in report.breaches if one.rule == rule}


def test_every_rule_can_be_measured_on_every_trial(report: PolicyReport) -> None:
    assert report.trials == 200
    assert [rule for rule in report.rules if rule.unmeasured] == []


def test_rules_are_broken_as_often_as_the_docs_say(report: PolicyReport) -> None:
    counted = {
        rule.rule: (rule.broken, rule.broken_and_passed) for rule in report.rules if rule.broken
    }

    assert counted == {
        "confirm-before-writing": (19, 2),
        "one-call-a-message": (61, 24),
        "look-before-changing": (1, 0),
        "cancel-only-when-allowed": (29, 5),
        "keep-basic-economy-flights": (5, 0),
        "one-certificate-a-booking": (3, 0),
        "change-flights-with-a-card": (4, 1),
        "certificate-only-when-due": (3, 1),
    }


def test_trials_that_break_the_policy_seldom_earn_the_reward(report: PolicyReport) -> None:
    assert report.verdicts == {"passed": 84, "failed": 116}
    assert report.broken(TrialVerdict.FAILED) == 48
    assert report.broken(TrialVerdict.PASSED) == 9


def test_basic_economy_flights_are_found_changed_where_a_cabin_was_upgraded_along(
    report: PolicyReport,
) -> None:
    assert breaking(report, "keep-basic-economy-flights") == {
        ("13", 0),
        ("13", 3),
        ("22", 0),
        ("22", 1),
        ("22", 2),
    }


def test_two_rewarded_tasks_want_cancellations_that_the_policy_forbids(
    report: PolicyReport,
) -> None:
    rewarded = {
        (one.case, one.repeat)
        for one in report.breaches
        if one.rule == "cancel-only-when-allowed" and one.verdict is TrialVerdict.PASSED
    }

    assert rewarded == {("31", 0), ("31", 3), ("34", 0), ("34", 1), ("34", 3)}


def test_every_breach_leads_to_a_span_of_its_trace(app: App, report: PolicyReport) -> None:
    for one in report.breaches:
        assert one.trace_id is not None
        known = {span.id for span in app.store.traces.load(one.trace_id).spans}
        assert one.spans
        assert known.issuperset(one.spans)


def test_a_breach_of_the_cancellation_rule_leads_to_the_cancelling_call(
    app: App, report: PolicyReport
) -> None:
    found = next(one for one in report.breaches if one.rule == "cancel-only-when-allowed")
    assert found.trace_id is not None
    spans = {span.id: span.name for span in app.store.traces.load(found.trace_id).spans}

    assert spans[found.spans[0]] == "execute_tool cancel_reservation"
    assert "execute_tool get_reservation_details" in {spans[one] for one in found.spans}


def test_a_suite_without_a_policy_is_refused(app: App, tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text("graders: [loop]\n", encoding="utf-8")

    with pytest.raises(BadRequest, match="no policy"):
        asyncio.run(hold_against(app, "gpt-4o", tmp_path))


def test_what_is_wrong_with_a_policy_is_told_at_once(app: App, tmp_path: Path) -> None:
    rules = ("tools: {forbiden: [x]}", "budget: {max_calls: -1}", "nothing: {}", "{}")
    text = "\n  - ".join(("policy:", *rules))
    (tmp_path / "suite.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(BadFile) as caught:
        asyncio.run(hold_against(app, "gpt-4o", tmp_path))

    assert [(one.line, one.message) for one in caught.value.problems] == [
        (5, "one rule names one check, got none"),
        (2, "no such option"),
        (3, "is at least 0, got -1"),
        (4, "no grader called 'policy.nothing'"),
    ]


def test_the_page_shows_these_numbers(report: PolicyReport) -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/check-policies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)`[^|]* \| (\d+) \| (\d+) \|$", page, re.MULTILINE)

    assert [(rule, int(all_), int(unrewarded)) for rule, all_, unrewarded in rows] == [
        (one.rule, one.broken, one.broken - one.broken_and_passed) for one in report.rules
    ]
    assert "| **any but the low one** | **57** | **48** |" in page
