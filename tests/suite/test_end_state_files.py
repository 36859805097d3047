"""`end_state` in suite and case files: probes, expectations, and every mistake on its line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from roadworthy.base.codec import Json
from roadworthy.base.errors import BadFile
from roadworthy.grade.registry import check_grader
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.probe_spec import FileLook, HttpLook, ProbeSpec, PythonLook, SqlLook
from roadworthy.suite.lint import lint_suite
from roadworthy.suite.load import load_suite

WriteSuite = Callable[[dict[str, str]], Path]

SUITE = """
end_state_hosts: [shop.test]
end_state:
  - name: mail
    http: http://shop.test/mails/{case}
    expect: {status: 404}
"""
CASE = """
input: Cancel order 7
end_state:
  - name: the order
    sql: select status from orders where id = :id
    database: data/{repeat}.db
    bind: {id: 7}
    timeout_s: 2
    expect: [{status: cancelled}]
  - name: report
    file: out/{case}.json
    read: json
    expect: {json.total: {$between: [1, 5]}}
  - name: ledger
    python: checks:ledger
"""


def loaded(write_suite: WriteSuite, case: str, suite: str = "") -> list[str]:
    """The problems that loading finds, each as its line and text."""
    folder = write_suite({"suite.yaml": suite, "cases/c.yaml": case})
    with pytest.raises(BadFile) as refused:
        load_suite(folder, check_grader)
    return [f"{one.line} {one.place}: {one.message}" for one in refused.value.problems]


def test_probes_of_suite_and_case_are_read_with_what_they_must_see(
    write_suite: WriteSuite,
) -> None:
    folder = write_suite({"suite.yaml": SUITE, "cases/c.yaml": CASE})

    (case,) = load_suite(folder, check_grader).cases

    assert case.probes == (
        ProbeSpec(name="mail", look=HttpLook(url="http://shop.test/mails/{case}", declared=True)),
        ProbeSpec(
            name="the order",
            look=SqlLook(
                query="select status from orders where id = :id",
                database="data/{repeat}.db",
                bind={"id": 7},
            ),
            timeout_s=2,
        ),
        ProbeSpec(name="report", look=FileLook(path="out/{case}.json", read="json")),
        ProbeSpec(name="ledger", look=PythonLook(function="checks:ledger")),
    )
    orders: Json = [{"status": "cancelled"}]
    mine: dict[str, Json] = {
        "the order": orders,
        "report": {"json.total": {"$between": [1, 5]}},
    }
    assert case.graders == (
        GraderSpec(grader="completed"),
        GraderSpec(grader="end_state", options={"expect": mine}),
        GraderSpec(grader="end_state", options={"expect": {"mail": {"status": 404}}}),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[{status: cancelled}]", "[{status: open}]"),
        ("where id = :id", "where nr = :id"),
        ("bind: {id: 7}", "bind: {id: 8}"),
        ("read: json", "read: text"),
        ("checks:ledger", "checks:balance"),
    ],
)
def test_a_case_changes_when_what_it_looks_at_or_expects_does(
    write_suite: WriteSuite, before: str, after: str
) -> None:
    one = load_suite(write_suite({"cases/c.yaml": CASE}), check_grader)
    other = load_suite(write_suite({"cases/c.yaml": CASE.replace(before, after)}), check_grader)

    assert one.cases[0].digest != other.cases[0].digest


def test_a_case_does_not_change_by_how_long_a_look_may_take(write_suite: WriteSuite) -> None:
    one = load_suite(write_suite({"cases/c.yaml": CASE}), check_grader)
    slow = CASE.replace("timeout_s: 2", "timeout_s: 9")
    other = load_suite(write_suite({"cases/c.yaml": slow}), check_grader)

    assert one.cases[0].digest == other.cases[0].digest


def test_a_case_without_looks_keeps_the_digest_it_always_had(write_suite: WriteSuite) -> None:
    (case,) = load_suite(write_suite({"cases/c.yaml": "input: hello\n"}), check_grader).cases

    assert case.digest == "4b6f65f5e3dc7fdf98a17e99a2e1ba93"


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ("{name: x}", "3 end_state[0]: takes one of sql, file, http, python, got none"),
        (
            "{name: x, file: a, python: 'b:c'}",
            "3 end_state[0].python: takes one of sql, file, http, python, got file, python",
        ),
        (
            "{name: x, sql: select 1}",
            "3 end_state[0].sql: needs one of database, url, url_from beside it, got none",
        ),
        (
            "{name: x, sql: 'select {case}', database: a.db}",
            "3 end_state[0].sql: holds {case}, and nothing is pasted into a query",
        ),
        ("{name: x, file: a, bind: {b: 1}}", "3 end_state[0].bind: belongs beside sql, not file"),
        ("{name: x, file: 'a/{caes}'}", "3 end_state[0].file: {caes} stands for nothing"),
        ("{name: x, http: ftp://localhost/}", "3 end_state[0].http: is no address"),
        ("{name: x, http: 'http://localhost:x/'}", "3 end_state[0].http: is no address"),
        (
            "{name: x, http: 'http://{case}.test/'}",
            "3 end_state[0].http: names its host in plain, without {…} and without a user",
        ),
        (
            "{name: x, http: 'http://shop.test/'}",
            "3 end_state[0].http: shop.test is not this machine, and the suite does not name it",
        ),
        ("{name: x, python: checks.py}", "3 end_state[0].python: is written module:function"),
        (
            "{name: x, file: a, expect: {text: {$regxe: b}}}",
            "3 end_state[0].expect.text: no operator called '$regxe'",
        ),
        ("{name: x, file: a, wait: 3}", "3 end_state[0].wait: unknown key 'wait'"),
        (
            "{name: x, file: a, timeout_s: 3600}",
            "3 end_state[0].timeout_s: must be less than or equal to 60, got 3600",
        ),
    ],
)
def test_a_mistake_is_shown_on_its_line(write_suite: WriteSuite, item: str, problem: str) -> None:
    assert loaded(write_suite, f"input: hi\nend_state:\n  - {item}\n") == [problem]


def test_all_mistakes_of_all_looks_are_shown_at_once(write_suite: WriteSuite) -> None:
    case = (
        "input: hi\nend_state:\n"
        "  - {name: x, python: a}\n"
        "  - {name: x, file: a}\n"
        "  - {name: y, file: 3}\n"
        "  - {name: mail, file: a}\n"
    )

    assert loaded(write_suite, case, SUITE) == [
        "5 end_state[2].file: must be text, got 3",
        "3 end_state[0].python: is written module:function",
        "4 end_state[1].name: stands twice: two looks of one case, the suite's included, share it",
        "6 end_state[3].name: stands twice: two looks of one case, the suite's included, share it",
    ]


def test_a_case_that_expects_an_end_state_expects_something(write_suite: WriteSuite) -> None:
    folder = write_suite({"cases/c.yaml": CASE})

    assert [lint.message for lint in lint_suite(folder, check_grader)] == []
