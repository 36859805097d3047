import difflib
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import BadFile, BadRequest
from roadworthy.records.case import Kind
from roadworthy.records.proof import Proof, ProofRun
from roadworthy.suite.edit import add_proof
from roadworthy.suite.lifecycle import Move, plan_move
from roadworthy.suite.yaml_file import parse_yaml

AT = datetime(2026, 1, 2, tzinfo=UTC)
SIDE = ProofRun(run="run-1", target="desk", version="v1", digest="00ff", passed=0, measured=3)
PROOF = Proof(red=SIDE, green=SIDE, proved_at="2026-01-02T00:00:00Z")
CASE = """\
# The refund incident.
title:   Late refund     # as support calls it
kind: candidate   # until proved

# What the customer wrote:
input: |
    Where is my refund?
expect:
    output:
    - contains: 'refunded'   # either spelling
tags: [a,   b]
# the end
"""


def set_kind(path: Path, kind: Kind, *, why: str, at: datetime) -> None:
    plan_move(path, Move(kind=kind, why=why, by="test", at=at)).write()


def changed_lines(before: str, after: str) -> list[str]:
    diff = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in diff if not line.startswith(("---", "+++", "@@"))]


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "late.yaml"
    path.write_text(CASE)
    return path


def test_a_new_kind_changes_its_line_and_adds_to_the_history(case: Path) -> None:
    set_kind(case, Kind.REGRESSION, why="proved: red, then green", at=AT)

    assert changed_lines(CASE, case.read_text()) == [
        "-kind: candidate   # until proved",
        "+kind: regression  # until proved",
        "+history:",
        "+  - at: '2026-01-02T00:00:00Z'",
        "+    change: candidate -> regression",
        "+    why: 'proved: red, then green'",
        "+    by: test",
    ]


def test_history_grows_and_keeps_its_comments(case: Path) -> None:
    set_kind(case, Kind.REGRESSION, why="proved", at=AT)
    case.write_text(case.read_text().replace("why: proved", "why: proved  # by mint"))
    set_kind(case, Kind.QUARANTINED, why="flaky", at=AT)

    text = case.read_text()
    assert "why: proved  # by mint" in text
    assert [line.strip() for line in text.splitlines() if "->" in line] == [
        "change: candidate -> regression",
        "change: regression -> quarantined",
    ]


def test_a_proof_is_added_below_and_replaced_by_the_next(case: Path) -> None:
    add_proof(case, PROOF)
    first = case.read_text()
    add_proof(case, PROOF)

    assert case.read_text() == first
    assert first.startswith(CASE)
    assert parse_yaml(first.encode(), case).value["proof"]["red"]["run"] == "run-1"  # type: ignore[index,call-overload]  # JSON


def test_a_file_in_braces_or_with_foreign_line_ends_can_be_edited(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    for text in (
        b"{input: hi, kind: candidate}\n",
        b"\xef\xbb\xbfinput: hi\r\nkind: candidate\r\ntags:\r\n- a\r\n",
        b"---\ninput: hi\nhistory: [{at: x, change: y, why: z}]\n...\n",
        b"kind: candidate\ninput: |+\n  hi",
        b"history:\n- at: 2026-01-01T00:00:00Z  # when\n  change: x\n  why: y\n# next\ninput: hi",
    ):
        path.write_bytes(text)
        set_kind(path, Kind.REGRESSION, why="proved", at=AT)
        add_proof(path, PROOF)

        before, after = parse_yaml(text, path).value, parse_yaml(path.read_bytes(), path).value
        assert isinstance(before, dict)
        assert isinstance(after, dict)
        assert after["input"] == before["input"]
        assert after["kind"] == "regression"


def test_only_a_good_case_file_is_edited(case: Path) -> None:
    case.write_text("input: hi\nkinde: candidate\n")

    with pytest.raises(BadFile, match="unknown key"):
        add_proof(case, PROOF)
    assert case.read_text() == "input: hi\nkinde: candidate\n"


def test_an_edit_keeps_permissions_and_leaves_nothing_behind(case: Path) -> None:
    case.chmod(0o640)
    add_proof(case, PROOF)

    assert stat.S_IMODE(case.stat().st_mode) == 0o640
    assert [path.name for path in case.parent.iterdir()] == ["late.yaml"]


def test_a_failed_write_leaves_the_file_as_it_was(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BadRequest, match="No space left"):
        add_proof(case, PROOF)

    assert case.read_text() == CASE
    assert [path.name for path in case.parent.iterdir()] == ["late.yaml"]


lines = st.sampled_from(
    [
        "title: x # c",
        "kind: candidate",
        "history: []",
        "history:\n- {at: a, change: b, why: c}",
        "history:\n   -   at: a\n       change: >\n          l\n       why: |\n\n         b\n\n",
        "proof: null",
        "tags: [a,\n  b]",
        "expect:\n  output:\n  - contains: '# no comment'",
        "# a comment",
        "",
    ]
)


@given(before=st.lists(lines, unique=True), after=st.lists(lines, unique=True), why=st.text())
def test_an_edit_says_what_it_should_and_nothing_else_changes(
    before: list[str], after: list[str], why: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("edit") / "a.yaml"
    data = "\n".join([*before, "input: hi", *after]).encode()
    path.write_bytes(data)
    try:
        old = parse_yaml(data, path).value
        set_kind(path, Kind.RETIRED, why=why, at=AT)
    except (BadFile, BadRequest):
        assert path.read_bytes() == data
        return
    new = parse_yaml(path.read_bytes(), path).value

    assert isinstance(old, dict)
    assert isinstance(new, dict)
    untouched = old.keys() - {"kind", "history"}
    assert {key: new[key] for key in untouched} == {key: old[key] for key in untouched}
    assert new["kind"] == "retired"
