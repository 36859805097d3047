"""The reference of operators says what the code does."""

import re
from pathlib import Path

from roadworthy.suite.messy.operators import OPERATORS
from roadworthy.suite.messy.variant import Effect
from roadworthy.testing.messy_cases import a_messy, applied

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "messy-operators.md"
RECORDED_ONLY = {"long-results", "injected-result"}


def test_every_operator_stands_on_the_page_as_it_is_and_no_other() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (.+?) \| (.+?) \| (.+?) \| (.*?) \|$", text, re.MULTILINE
    )

    assert rows == [
        (
            one.name,
            one.does,
            one.right,
            "kept" if one.effect is Effect.KEEPS else "drafted anew",
            "yes" if one.graded else "no",
        )
        for one in OPERATORS.values()
    ]


def test_every_operator_has_an_example() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert re.findall(r"^### `([a-z-]+)`$", text, re.MULTILINE) == [*OPERATORS]


def test_the_examples_are_what_the_operators_make() -> None:
    text = PAGE.read_text(encoding="utf-8")
    case = a_messy("I want my money back for order 1003, please. It isn't what I expected.")
    missing = []
    for name in OPERATORS:
        given = applied(case, name, case_id="example").input if name not in RECORDED_ONLY else ""
        said = (
            given[-1]["content"]
            if isinstance(given, list) and isinstance(given[-1], dict)
            else given
        )
        missing += [line for line in str(said).splitlines() if line not in text]

    assert not missing
