from collections.abc import Callable
from pathlib import Path

from roadworthy.records.grader_spec import CheckGrader
from roadworthy.suite.lint import lint_suite

WriteSuite = Callable[[dict[str, str]], Path]
CALL = '{"tool":"lookup","arguments":{},"result":1}\n'


def lint(folder: Path, check: CheckGrader) -> list[tuple[str, str, int | None]]:
    found = lint_suite(folder, check)
    return [(entry.severity, f"{entry.file.name}: {entry.message}", entry.line) for entry in found]


def test_a_sound_suite_has_nothing_to_report(write_suite: WriteSuite, check: CheckGrader) -> None:
    assert (
        lint(write_suite({"cases/a.yaml": "input: x\nexpect: {output: [contains: y]}"}), check)
        == []
    )


def test_a_case_that_expects_nothing_is_a_warning(
    write_suite: WriteSuite, check: CheckGrader
) -> None:
    message = "expects nothing but that the agent finishes, so any answer passes"
    shown = "input: y\ngraders: [{loop: {}, required: false}]"
    files = {
        "cases/a.yaml": "input: x",
        "cases/b.yaml": shown,
        "cases/c.yaml": "input: z\nkind: retired\nhistory: [{at: x, change: y, why: z}]",
    }

    assert lint(write_suite(files), check) == [
        ("warning", f"a.yaml: {message}", 1),
        ("warning", f"b.yaml: {message}", 1),
    ]


def test_a_grader_of_the_suite_is_an_expectation(
    write_suite: WriteSuite, check: CheckGrader
) -> None:
    files = {"suite.yaml": "graders: [loop]", "cases/a.yaml": "input: x"}

    assert lint(write_suite(files), check) == []


def test_kinds_that_miss_their_evidence_are_warnings(
    write_suite: WriteSuite, check: CheckGrader
) -> None:
    origin = "origin: {trace: t, source: s, minted_at: m}"
    files = {
        "suite.yaml": "graders: [loop]",
        "cases/a.yaml": "input: x\nkind: candidate",
        "cases/b.yaml": f"input: y\nkind: regression\n{origin}",
        "cases/c.yaml": "input: z\nkind: regression\nhistory: [{at: t, change: c, why: w}]",
        "cases/d.yaml": "input: written by hand\nkind: regression",
    }

    assert lint(write_suite(files), check) == [
        (
            "warning",
            "a.yaml: a candidate without a recording: its tools run live when it is proved",
            2,
        ),
        ("warning", "b.yaml: minted from a trace, and gates without proof that it can fail", 2),
    ]


def test_recordings_that_do_not_fit_their_case_are_warnings(
    write_suite: WriteSuite, check: CheckGrader
) -> None:
    calls = "    calls:\n      - tool: lookup\n      - tool: pay\n"
    other = f"expect:\n  trajectory:\n    mode: strict\n{calls}"
    files = {
        "suite.yaml": "graders: [loop]",
        "cases/a.yaml": "input: x\nrecording: recordings/a.jsonl",
        "cases/b.yaml": "input: y\nrecording: recordings/a.jsonl\n" + other,
        "cases/c.yaml": "input: z\nrecording: recordings/empty.jsonl",
        "cases/notes.txt": "",
        "recordings/a.jsonl": CALL,
        "recordings/empty.jsonl": "",
        "recordings/unused.jsonl": CALL,
    }

    assert lint(write_suite(files), check) == [
        ("warning", "a.yaml: tool replies are recorded, but no trajectory is expected", 2),
        ("warning", "b.yaml: the recording holds no reply of pay, so this call diverges", 8),
        ("warning", "c.yaml: the recording is empty, so every tool call diverges", 2),
        ("warning", "unused.jsonl: no case reads this recording", None),
        ("warning", "notes.txt: not a case: cases are .yaml files", None),
    ]


def test_the_same_question_twice_is_a_warning(write_suite: WriteSuite, check: CheckGrader) -> None:
    text = "input: {a: 1, b: 2}\nexpect: {output: [contains: y]}"
    files = {"cases/a.yaml": text, "cases/b.yaml": text.replace("a: 1, b: 2", "b: 2.0, a: 1")}

    assert lint(write_suite(files), check) == [("warning", "b.yaml: asks the same as a", 1)]


def test_errors_come_first_and_the_good_files_are_still_read(
    write_suite: WriteSuite, check: CheckGrader
) -> None:
    files = {
        "cases/a.yaml": "input: x",
        "cases/b.yaml": "inptu: x\ninput: y",
        "recordings/r.jsonl": "x",
    }

    assert [severity for severity, _, _ in lint(write_suite(files), check)] == ["error", "warning"]
