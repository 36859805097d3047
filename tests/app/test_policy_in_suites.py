"""Rules of a suite and of its cases: how they add up, and what is told when they are wrong."""

from typing import Any

import jsonschema
import pytest

from roadworthy.app.app import App
from roadworthy.app.suites import file_schema, load
from roadworthy.base.errors import BadFile
from roadworthy.records.case import Case
from roadworthy.records.reading import Grade
from roadworthy.records.run import RunState

SUITE = """
    policy:
      - name: small-refunds
        severity: medium
        arguments: {tool: refund, must: {usd: {$between: [0, 100]}}}
      - name: by-role
        tools: {role: {$fact: role}, by_role: {customer: {forbidden: [delete]}}}
      - name: one-call-a-message
        severity: low
        turns: {max_calls: 1}
"""


def rules(case: Case) -> dict[str, dict[str, Any]]:
    return {one.grader: one.options for one in case.graders if one.grader.startswith("policy.")}


def problems(app: App) -> list[tuple[str | None, str, str | None]]:
    with pytest.raises(BadFile) as caught:
        load(app, "main")
    return [(one.place, one.message, one.hint) for one in caught.value.problems]


def test_rules_of_a_suite_hold_in_every_case(app: App, project: Any) -> None:
    project.write("evals/main/suite.yaml", SUITE)
    project.case("other", "other")

    cases = load(app, "main").cases

    for case in cases:
        assert list(rules(case)) == [
            "policy.arguments:small-refunds",
            "policy.tools:by-role",
            "policy.turns:one-call-a-message",
        ]
        required = {one.grader: one.required for one in case.graders}
        assert required["policy.arguments:small-refunds"]
        assert not required["policy.turns:one-call-a-message"]
    assert rules(cases[0])["policy.arguments:small-refunds"]["severity"] == "medium"


def test_a_case_adds_replaces_and_relaxes_by_name(app: App, project: Any) -> None:
    project.write("evals/main/suite.yaml", SUITE)
    project.case(
        "special",
        "special",
        policy=[
            {"name": "small-refunds", "arguments": {"tool": "refund", "must": {"usd": 5}}},
            {"name": "one-call-a-message", "relaxed": "two lookups are independent here"},
            {"budget": {"max_calls": 9}},
        ],
        facts={"role": "customer"},
    )

    plain, special = load(app, "main").cases

    assert len(rules(plain)) == 3
    assert rules(special) == {
        "policy.arguments:small-refunds": {
            "tool": "refund",
            "must": {"usd": 5},
            "facts": {"role": "customer"},
        },
        "policy.budget": {"max_calls": 9, "facts": {"role": "customer"}},
        "policy.tools:by-role": {
            "role": {"$fact": "role"},
            "by_role": {"customer": {"forbidden": ["delete"]}},
            "facts": {"role": "customer"},
        },
    }


def test_a_rule_changes_the_digest_of_a_case_and_its_absence_does_not(
    app: App, project: Any
) -> None:
    (before,) = load(app, "main").cases
    project.write("evals/main/suite.yaml", SUITE)
    (after,) = load(app, "main").cases

    assert before.digest != after.digest
    project.write("evals/main/suite.yaml", "repeats: 2\npolicy: []\n")
    assert load(app, "main").cases[0].digest == before.digest


def test_everything_wrong_with_rules_is_told_with_its_place(app: App, project: Any) -> None:
    project.write(
        "evals/main/suite.yaml",
        """
        policy:
          - name: a
            tools: {forbiden: [x]}
          - name: a
            budget: {max_calls: 1}
          - {name: b, severity: grave, turns: {max_calls: 1}}
          - {name: c, relaxed: because}
          - {tool: {forbidden: [x]}}
          - loop
        """,
    )

    found = problems(app)

    assert ("policy[0].tools.forbiden", "no such option", "did you mean 'forbidden'?") in found
    assert [place for place, _, _ in found] == [
        "policy[2]",
        "policy[5]",
        "policy[0].tools.forbiden",
        "policy[1].name",
        "policy[3].name",
        "policy[4].tool",
    ]


def test_a_case_can_relax_only_a_rule_that_is_there(app: App, project: Any) -> None:
    project.write("evals/main/suite.yaml", SUITE)
    project.case("special", "special", policy=[{"name": "small-refund", "relaxed": "why not"}])

    assert problems(app) == [
        (
            "policy[0].name",
            "the suite has no rule 'small-refund'",
            "did you mean 'small-refunds'?",
        )
    ]


def test_a_rule_is_read_on_every_trial_of_a_run_of_ours(app: App, project: Any) -> None:
    project.write("evals/main/suite.yaml", "policy: [{budget: {max_duration_s: 3600}}]\n")

    run = project.run(app, suite="main", target="agent", repeats=1)

    assert run.state is RunState.FINISHED
    (result,) = app.store.runs.results(run.run.id)
    assert "policy.budget" in [entry.grader for entry in result.readings]
    assert any(isinstance(entry.reading, Grade) for entry in result.readings)


@pytest.mark.parametrize(
    ("policy", "good"),
    [
        ([{"name": "a", "severity": "low", "tools": {"forbidden": ["x"]}}], True),
        ([{"turns": {"max_calls": 1}}], True),
        ([{"trns": {"max_calls": 1}}], False),
        ([{"name": "a b", "turns": {"max_calls": 1}}], False),
        ([{"severity": "grave", "turns": {"max_calls": 1}}], False),
        (["turns"], False),
    ],
)
def test_an_editor_knows_rules_by_the_schema(policy: list[Any], good: bool) -> None:
    validator = jsonschema.Draft202012Validator(file_schema("suite"))

    assert validator.is_valid({"policy": policy}) is good
