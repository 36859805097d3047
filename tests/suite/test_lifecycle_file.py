"""A move leaves a line in the case's history, and every other byte of the file as it was."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roadworthy.base.errors import BadFile, BadRequest
from roadworthy.records.case import Kind
from roadworthy.records.grader_spec import CheckGrader
from roadworthy.records.quarantine import Quarantine
from roadworthy.suite.case_file import EvidenceEntry
from roadworthy.suite.lifecycle import Move, plan_move
from roadworthy.suite.lint import lint_suite
from roadworthy.suite.load import load_suite

WriteSuite = Callable[[dict[str, str]], Path]
AT = datetime(2026, 11, 20, tzinfo=UTC)
CASE = """\
# The refund incident.
title:   Late refund     # as support calls it
kind:    regression   # gates

input: |
    Where is my refund?\x20\x20
expect: {output: [contains:   'refunded']}
tags: [a,   b]
# the end
"""
EVIDENCE = EvidenceEntry(rule="flaky", runs=4, versions=2, passed=7, failed=5, e_value=31.0)
ASIDE = Quarantine(owner="ada", until="2026-12-01", why="the search times out")


def aside(why: str = "the search times out") -> Move:
    return Move(
        kind=Kind.QUARANTINED,
        why=why,
        by="roadworthy case quarantine",
        at=AT,
        evidence=EVIDENCE,
        quarantine=ASIDE,
    )


def back() -> Move:
    return Move(kind=Kind.REGRESSION, why="mended", by="roadworthy case release", at=AT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "late.yaml"
    file.write_text(CASE, encoding="utf-8")
    return file


def test_nothing_is_written_before_it_is_asked_for(path: Path) -> None:
    plan_move(path, aside())

    assert path.read_text() == CASE


def test_a_quarantine_adds_its_lines_and_leaves_the_rest_byte_for_byte(path: Path) -> None:
    plan_move(path, aside()).write()

    assert path.read_text() == CASE.replace(
        "kind:    regression   # gates", "kind: quarantined     # gates"
    ) + (
        "quarantine:\n"
        "  owner: ada\n"
        "  until: '2026-12-01'\n"
        "  why: the search times out\n"
        "history:\n"
        "  - at: '2026-11-20T00:00:00Z'\n"
        "    change: regression -> quarantined\n"
        "    why: the search times out\n"
        "    by: roadworthy case quarantine\n"
        "    evidence:\n"
        "      rule: flaky\n"
        "      runs: 4\n"
        "      versions: 2\n"
        "      passed: 7\n"
        "      failed: 5\n"
        "      e_value: 31.0\n"
    )


def test_a_release_takes_the_quarantine_out_again_and_keeps_both_in_the_history(
    path: Path,
) -> None:
    plan_move(path, aside()).write()
    plan_move(path, back()).write()
    text = path.read_text()

    assert "owner" not in text
    assert text.startswith("# The refund incident.\ntitle:   Late refund     # as support")
    assert [line.strip() for line in text.splitlines() if "->" in line] == [
        "change: regression -> quarantined",
        "change: quarantined -> regression",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{input: hi, kind: quarantined, quarantine: {owner: a, until: '2026-12-01', why: w}}\n",
        "\ufeffkind: quarantined\r\nquarantine: {owner: a, until: 2026-12-01, why: b}\r\ninput: a",
        "quarantine: {owner: a, until: '2026-12-01', why: w}\n# c\nkind: quarantined\ninput: hi",
    ],
)
def test_a_quarantine_is_taken_out_of_any_form_of_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(text.encode())
    plan_move(path, back()).write()

    assert b"owner" not in path.read_bytes()
    assert b"regression" in path.read_bytes()


def test_the_diff_is_what_git_applies(path: Path) -> None:
    diff = plan_move(path, aside()).diff(path.parent)

    assert diff.startswith("--- a/late.yaml\n+++ b/late.yaml\n@@ ")
    assert "-kind:    regression   # gates\n+kind: quarantined     # gates\n" in diff


def test_a_file_without_a_last_line_break_says_so_in_the_diff(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("kind: regression\ninput: hi")
    diff = plan_move(path, aside()).diff(tmp_path)

    assert "-input: hi\n\\ No newline at end of file\n+kind: quarantined\n" in diff


def test_a_file_that_changed_meanwhile_is_left_alone(path: Path) -> None:
    change = plan_move(path, aside())
    path.write_text(CASE + "# by somebody else\n")

    with pytest.raises(BadRequest, match="changed meanwhile"):
        change.write()
    assert path.read_text() == CASE + "# by somebody else\n"


@pytest.mark.parametrize("why", ["", "  \n"])
def test_a_move_needs_a_reason(path: Path, why: str) -> None:
    with pytest.raises(BadRequest, match="for a reason"):
        plan_move(path, aside(why))


def test_a_hostile_reason_stays_text(path: Path) -> None:
    why = "x'\"\n- kind: retired\n\x1b[2J # {"
    plan_move(path, aside(why)).write()

    assert "\x1b" not in path.read_text()
    assert path.read_text().startswith("# The refund incident.")


def test_only_a_good_case_file_is_moved(path: Path) -> None:
    path.write_text("input: hi\nkinde: x\n")

    with pytest.raises(BadFile, match="unknown key"):
        plan_move(path, aside())


GOOD = "input: hi\nexpect: {output: [contains: hi]}\n"


def warned(
    write_suite: WriteSuite, check: CheckGrader, case: str, now: datetime | None = AT
) -> list[str]:
    folder = write_suite({"cases/a.yaml": GOOD + case})
    return [item.message for item in lint_suite(folder, check, now=now)]


def test_an_overdue_quarantine_is_a_warning(write_suite: WriteSuite, check: CheckGrader) -> None:
    case = "kind: quarantined\nquarantine: {owner: ada, until: '2026-11-19', why: flaky}\n"

    assert warned(write_suite, check, case) == [
        "quarantined, and overdue for review (owner ada, review by 2026-11-19)"
    ]
    assert warned(write_suite, check, case.replace("11-19", "11-20")) == []
    assert warned(write_suite, check, case, now=None) == []


def test_an_old_file_that_was_quarantined_by_hand_is_read_and_warned_of(
    write_suite: WriteSuite, check: CheckGrader
) -> None:
    assert warned(write_suite, check, "kind: quarantined\n") == [
        "quarantined without an owner and a day of review"
    ]


def test_a_quarantine_of_a_case_that_gates_is_a_warning(
    write_suite: WriteSuite, check: CheckGrader
) -> None:
    case = "kind: regression\nquarantine: {owner: ada, until: '2026-12-19', why: flaky}\n"

    assert warned(write_suite, check, case) == [
        "names who looks after its quarantine, and is of kind regression"
    ]


def test_a_case_retired_without_a_reason_is_a_warning(
    write_suite: WriteSuite, check: CheckGrader
) -> None:
    assert warned(write_suite, check, "kind: retired\n") == ["retired without a reason"]


@pytest.mark.parametrize("until", ["soon", "2026-13-01", "20261201", "5"])
def test_a_day_that_is_none_is_an_error_with_its_line(
    write_suite: WriteSuite, check: CheckGrader, until: str
) -> None:
    case = f"kind: quarantined\nquarantine:\n  owner: ada\n  until: '{until}'\n  why: flaky\n"
    folder = write_suite({"cases/a.yaml": GOOD + case})
    (item,) = [one for one in lint_suite(folder, check) if one.severity == "error"]

    assert (item.line, item.place) == (6, "quarantine.until")


SIDE = "{run: r, target: t, version: v, digest: d, passed: 0, measured: 3}"
PROOF = f"proof: {{red: {SIDE}, green: {SIDE}, proved_at: x, case: '%s'}}\n"


def test_a_candidate_with_a_proof_of_what_it_asks_today_is_verified(
    write_suite: WriteSuite, check: CheckGrader
) -> None:
    folder = write_suite({"cases/a.yaml": GOOD + "kind: candidate\n"})
    digest = load_suite(folder, check).cases[0].digest
    for told, verified in ((digest, True), ("", True), ("00ff", False)):
        folder = write_suite({"cases/a.yaml": GOOD + "kind: candidate\n" + PROOF % told})
        assert load_suite(folder, check).cases[0].is_verified is verified


def test_a_proof_of_something_else_is_a_warning(
    write_suite: WriteSuite, check: CheckGrader
) -> None:
    assert warned(write_suite, check, "kind: regression\n" + PROOF % "00ff") == [
        "what it asks or expects has changed since it was proved"
    ]
