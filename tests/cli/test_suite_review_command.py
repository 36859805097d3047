"""`suite review` and `suite coverage` as scripts and people see them."""

import io
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Roadworthy

ASKS = "Where is my order 7781? It was to be here by last Friday."
HOSTILE = "\x1b[2J\u202e"


class Terminal(io.StringIO):
    """A person who types these answers."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def twice(tmp_path: Path, roadworthy: Roadworthy) -> Roadworthy:
    """A project whose cases `a` and `b` ask and expect the same."""
    (tmp_path / "roadworthy.toml").write_text('[targets.agent]\npython = "agent:answer"\n')
    (tmp_path / "evals" / "main" / "cases").mkdir(parents=True)
    (tmp_path / "evals" / "main" / "suite.yaml").write_text("repeats: 2\n")
    for name in ("a", "b"):
        written(tmp_path, name, category="delivery")
    return roadworthy


def written(project: Path, name: str, **fields: object) -> Path:
    path = project / "evals" / "main" / "cases" / f"{name}.yaml"
    expect = {"output": [{"contains": "order"}]}
    path.write_text(json.dumps({"kind": "regression", "input": ASKS, "expect": expect} | fields))
    return path


def kind_of(project: Path, name: str) -> str:
    text = (project / "evals" / "main" / "cases" / f"{name}.yaml").read_text()
    return "retired" if "retired" in text else "regression"


def test_a_review_names_the_spare_case_and_changes_nothing(
    twice: Roadworthy, tmp_path: Path
) -> None:
    done = twice("suite", "review")

    assert done.code == 0
    assert "retire  b  regression, standard" in done.out
    assert "near duplicate  its input is 100 % that of a, and expects the same" in done.out
    assert "cost a run unknown, cost a year unknown" in done.out
    assert kind_of(tmp_path, "b") == "regression"


def test_a_list_is_written_and_applied_on_yes(twice: Roadworthy, tmp_path: Path) -> None:
    wrote = twice("suite", "review", "--write", "retire.yaml")
    done = twice("suite", "review", "--apply", "retire.yaml", "--yes", "--json")

    assert (wrote.code, done.code) == (0, 0)
    assert done.data == {"suite": "main", "retired": ["b"], "already": []}
    assert (kind_of(tmp_path, "a"), kind_of(tmp_path, "b")) == ("regression", "retired")


def test_without_a_terminal_or_a_yes_nothing_is_retired(twice: Roadworthy, tmp_path: Path) -> None:
    twice("suite", "review", "--write", "retire.yaml")

    done = twice("suite", "review", "--apply", "retire.yaml")

    assert done.code == 2
    assert "--yes" in done.err
    assert kind_of(tmp_path, "b") == "regression"


@pytest.mark.parametrize(("answer", "kind"), [("y\n", "retired"), ("\n", "regression")])
@pytest.mark.parametrize("words", [("--confirm",), ("--apply", "retire.yaml")])
def test_on_a_terminal_a_person_is_asked_and_no_answer_is_a_no(  # noqa: PLR0917 - fixtures
    words: tuple[str, ...],
    answer: str,
    kind: str,
    twice: Roadworthy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twice("suite", "review", "--write", "retire.yaml")
    monkeypatch.setattr("sys.stdin", Terminal(answer))

    done = twice("suite", "review", *words)

    assert done.code == 0
    assert kind_of(tmp_path, "b") == kind


@pytest.mark.parametrize(
    "words",
    [
        ("--confirm",),
        ("--yes",),
        ("--write", "x.yaml", "--apply", "y.yaml"),
        ("--apply", "missing.yaml", "--yes"),
        ("--days", "0"),
        ("nowhere",),
    ],
)
def test_a_slip_is_told_and_changes_nothing(words: tuple[str, ...], twice: Roadworthy) -> None:
    done = twice("suite", "review", *words)

    assert done.code == 2
    assert done.err.startswith(("error:", "Usage:"))


def test_nothing_that_a_case_says_reaches_the_terminal_raw(
    twice: Roadworthy, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        written(tmp_path, name, category=HOSTILE, tags=[f"persona:{HOSTILE}", HOSTILE])

    for words in (
        ("suite", "review"),
        ("suite", "review", "--json"),
        ("suite", "coverage"),
        ("suite", "coverage", "--by", "tags", "--json"),
    ):
        done = twice(*words)
        assert done.code == 0
        assert "\x1b" not in done.out + done.err
        assert "\u202e" not in done.out + done.err


def test_coverage_tells_cells_gaps_and_what_no_case_says(twice: Roadworthy, tmp_path: Path) -> None:
    plan = {"coverage": {"values": {"category": ["delivery", "refund"]}}}
    (tmp_path / "evals" / "main" / "suite.yaml").write_text(json.dumps(plan))

    done = twice("suite", "coverage")

    assert done.code == 0
    assert "category  0 cells covered, 1 unmeasured, 1 empty" in done.out
    assert "unmeasured, so not covered" in done.out
    assert "empty  refund (planned)" in done.out
    assert "no case says: fault, persona, policy" in done.out


def test_coverage_by_a_word_that_is_no_dimension_names_the_nearest(twice: Roadworthy) -> None:
    done = twice("suite", "coverage", "--by", "categroy")

    assert done.code == 2
    assert "category" in done.err
