"""`eval regrade` as scripts and people see it."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Published, Roadworthy

POLICY = Path(__file__).parents[1] / "data" / "airline-policy"
TAU = "tau-bench/gpt-4o-airline.json"
CASE = {"kind": "regression", "input": "hello", "expect": {"output": [{"contains": "hello"}]}}
HOSTILE = "\x1b[2J\u202e"


@pytest.fixture
def ran(tmp_path: Path, roadworthy: Roadworthy) -> Roadworthy:
    """A project with one run of one case."""
    (tmp_path / "roadworthy.toml").write_text('[targets.agent]\npython = "agent:answer"\n')
    (tmp_path / "agent.py").write_text("def answer(message):\n    return message\n")
    cases = tmp_path / "evals" / "main" / "cases"
    cases.mkdir(parents=True)
    (cases.parent / "suite.yaml").write_text("repeats: 2\n")
    expecting(tmp_path, "hello")
    assert roadworthy("eval", "run", "--name", "one").code == 0
    return roadworthy


def expecting(project: Path, text: str) -> None:
    case = {**CASE, "expect": {"output": [{"contains": text}]}}
    (project / "evals/main/cases/hello.yaml").write_text(json.dumps(case))


def test_the_report_tells_what_changed_and_why(ran: Roadworthy, tmp_path: Path) -> None:
    expecting(tmp_path, "goodbye")

    done = ran("eval", "regrade", "one", "--note", "say goodbye")

    assert done.code == 0
    assert "2 trials: 2 passed → failed" in done.out
    assert "pass rate before  100.0 %" in done.out
    assert "pass rate after   0.0 %" in done.out
    assert 'contains has other options: "goodbye" is not in the output' in done.out
    assert "The grading changed, the agent did not." in done.out
    assert "roadworthy eval show one --grading 0" in done.out
    assert "regressed" not in done.out


def test_the_run_says_which_grading_is_in_force_and_which_others_there_are(
    ran: Roadworthy, tmp_path: Path
) -> None:
    expecting(tmp_path, "goodbye")
    ran("eval", "regrade", "one", "--note", "say goodbye")

    assert "grading  1, in force, say goodbye; others: 0 (--grading N)" in ran("eval", "show").out
    before = ran("eval", "show", "one", "--grading", "0")
    assert "grading  0, not in force; others: 1 (--grading N)" in before.out
    assert "pass rate  100.0 %" in before.out


def test_a_run_that_was_graded_once_says_nothing_of_gradings(ran: Roadworthy) -> None:
    assert "grading" not in ran("eval", "show").out


def test_a_rehearsal_stores_nothing(ran: Roadworthy, tmp_path: Path) -> None:
    expecting(tmp_path, "goodbye")

    done = ran("eval", "regrade", "--dry-run", "--json")

    assert (done.data["grading"], done.data["in_force"]) == (None, False)
    assert done.data["passed_to_failed"] == 2
    assert ran("eval", "show", "--json").data["gradings"][0]["in_force"]


def test_a_mistake_in_the_suite_is_told_before_anything_is_read(
    ran: Roadworthy, tmp_path: Path
) -> None:
    case = tmp_path / "evals/main/cases/hello.yaml"
    case.write_text("input: hello\nexpect: {output: [{contians: x}]}\n")

    done = ran("eval", "regrade")

    assert done.code == 2
    assert "contians" in done.err
    assert len(ran("eval", "show", "--json").data["gradings"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("two",), "no run and no baseline called 'two'"),
        (("one", "--case", "helo"), "did you mean 'hello'?"),
        (("one", "--suite", "nowhere"), "no suite called 'nowhere'"),
        (("one", "--budget", "10m"), "judges are limited in money or tokens, not in time"),
    ],
)
def test_what_cannot_be_done_as_asked_is_refused(
    ran: Roadworthy, words: tuple[str, ...], said: str
) -> None:
    done = ran("eval", "regrade", *words)

    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_a_note_or_reason_cannot_reach_the_terminal_as_a_command(
    ran: Roadworthy, tmp_path: Path
) -> None:
    expecting(tmp_path, f"good{HOSTILE}bye")

    done = ran("eval", "regrade", "one", "--note", HOSTILE)

    shown = ran("eval", "show", "one")
    for text in (done.out, done.err, shown.out):
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_runs_that_were_graded_differently_come_with_the_command_that_mends_it(
    ran: Roadworthy, tmp_path: Path
) -> None:
    expecting(tmp_path, "hell")
    ran("eval", "run", "--name", "two")

    told = ran("eval", "compare", "one", "two")
    command = told.out.partition("roadworthy ")[2].splitlines()[0]

    assert told.code == 3
    assert command == "eval regrade one"
    assert ran(*command.split()).code == 0
    assert ran("eval", "compare", "one", "two").code == 0


def test_a_recorded_run_is_held_to_a_policy(roadworthy: Roadworthy, published: Published) -> None:
    roadworthy("trace", "import", published(TAU), "--as-run", "tau")

    done = roadworthy("eval", "regrade", "tau", "--suite", POLICY)

    assert "200 trials: 9 passed → failed" in done.out
    assert "policy.requires:cancel-only-when-allowed" in done.out
    assert "171 passed, 29 failed" in done.out


def test_trials_that_were_imported_later_are_told_with_the_command_that_reads_them(
    roadworthy: Roadworthy, tmp_path: Path
) -> None:
    line = '{{"messages": [{{"role": "user", "content": "{0}"}}], "case": "{0}"}}\n'
    (tmp_path / "a.jsonl").write_text(line.format("a"))
    (tmp_path / "b.jsonl").write_text(line.format("b"))
    roadworthy("trace", "import", "a.jsonl", "--as-run", "one")
    roadworthy("eval", "regrade", "one", "--suite", POLICY)

    done = roadworthy("trace", "import", "b.jsonl", "--as-run", "one")

    assert (
        "1 trial came after grading 1; to read them, too: roadworthy eval regrade one" in done.err
    )
    shown = roadworthy("eval", "show", "one").out
    assert "1 trial came after the grading in force: roadworthy eval regrade one" in shown
    assert roadworthy("eval", "regrade", "one", "--json").data["ungraded"] == 0
