"""Pages use the project's words, and the words of the code are explained."""

import re
from pathlib import Path

import pytest

from roadworthy.grade.registry import BUILT_IN
from roadworthy.ingest.formats import formats
from roadworthy.records.case import Kind
from roadworthy.records.decision import Verdict
from roadworthy.records.reading import Cause
from roadworthy.records.run import RunState

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent.name != "adr"),
    *sorted((ROOT / "changes").glob("*.md")),
]
RECORDS = (
    *("baseline", "case", "decision", "evidence", "finding", "proof", "reading", "recording"),
    *("run", "span", "trace", "trajectory", "trial"),
)
"""Modules of `records` that are nouns a user meets."""
_SAID_OTHERWISE = {
    r"\btest cases?\b": "case",
    r"\bscorers?\b": "grader",
    r"\bevaluators?\b": "grader",
    r"\brollouts?\b": "trial",
    r"\bsamples?\b (?=of a case)": "trial",
    r"\bgolden set\b": "suite",
    r"\btool invocations?\b": "tool call",
    r"\b(?:seamless|powerful|blazing|effortless|cutting-edge|world-class)\w*\b": "",
}


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("noun", RECORDS)
def test_every_noun_of_the_records_is_in_the_glossary(noun: str) -> None:
    assert (ROOT / "src" / "roadworthy" / "records" / f"{noun}.py").exists()
    words = re.findall(r"^\| ([^|]+) \|", _text("docs/glossary.md"), re.MULTILINE)

    assert any(noun in word.replace(",", " ").split() for word in words)


def test_the_glossary_is_in_alphabetical_order_and_names_nothing_twice() -> None:
    words = re.findall(r"^\| ([^|]+) \|", _text("docs/glossary.md"), re.MULTILINE)
    entries = [word.strip().casefold() for word in words if word.strip() not in {"word", "---"}]

    assert entries == sorted(set(entries))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_page_says_one_word_for_one_idea(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = {
        said[0]: instead
        for pattern, instead in _SAID_OTHERWISE.items()
        for said in re.finditer(pattern, text, re.IGNORECASE)
    }

    assert not found


def test_every_value_a_user_can_meet_is_explained() -> None:
    places = {
        "docs/concepts/evidence.md": [f"`{cause.value}`" for cause in Cause],
        "docs/concepts/life-of-a-case.md": [f"`{kind.value}`" for kind in Kind],
        "docs/concepts/decisions.md": [f"`{verdict.value}`" for verdict in Verdict],
        "docs/reference/json.md": [f"`{state.value}`" for state in RunState],
        "docs/reference/graders.md": [f"### `{name}`" for name in BUILT_IN],
        "docs/reference/cli.md": list(formats()),
    }
    missing = {
        page: [word for word in words if word not in _text(page)] for page, words in places.items()
    }

    assert not {page: words for page, words in missing.items() if words}
