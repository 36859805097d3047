"""What a case asks for is told in plain words, whatever its options look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.codec import Json
from roadworthy.grade.registry import BUILT_IN, grader_names
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.server.views.expectations import in_words

CALLS: Json = [{"tool": "find", "arguments": {}}, {"tool": "refund"}]
SAID: list[tuple[str, dict[str, Json], str]] = [
    ("completed", {}, "It ends by itself: no error, in time."),
    ("contains", {"text": "silver"}, "Its output contains “silver”."),
    ("contains", {"text": ["a", "b"]}, "Its output contains “a” and “b”."),
    ("not_contains", {"text": ["a", "b"]}, "Its output does not contain “a” or “b”."),
    ("regex", {"pattern": r"\b4\b"}, r"Its output matches the pattern “\b4\b”."),
    ("exact", {"value": None}, "Its output is exactly “null”."),
    (
        "number",
        {"value": 42, "tolerance": 0.5, "relative": 0.0},
        "Its output states 42, give or take 0.5.",
    ),
    (
        "similarity",
        {"text": "hello", "at_least": 0.8},
        "Its output is at least 80 % similar to “hello”.",
    ),
    (
        "trajectory",
        {"mode": "subsequence", "calls": CALLS},
        "It makes these calls in this order, others may stand between: find → refund.",
    ),
    (
        "limits",
        {"forbidden": ["drop"], "max_calls": 5, "per_tool": {"pay": 1}},
        "It never calls drop, and makes at most 5 calls, and calls pay at most 1 times.",
    ),
    ("tool_errors", {"max": 0}, "None of its calls fails."),
    ("refusal", {"expected": False}, "It does not decline what it was asked."),
    (
        "any",
        {"graders": [{"contains": {"text": "yes"}}, "completed"]},
        "At least one of: its output contains “yes”; or it ends by itself: no error, in time.",
    ),
    ("policy.tools:no-deletes", {}, "It keeps the rule no-deletes (tools)."),
    ("my_own", {"a": 1}, "The grader my_own passes."),
]

json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)
OPTIONS = (
    *("value", "text", "pattern", "at_least", "calls", "mode", "graders", "grader", "expect"),
    *("forbidden", "allowed", "max_calls", "per_tool", "max", "limit", "references", "rubric"),
)


@pytest.mark.parametrize(("grader", "options", "words"), SAID)
def test_a_grader_is_one_plain_line(grader: str, options: dict[str, Json], words: str) -> None:
    assert in_words(GraderSpec(grader=grader, options=options)) == words


def test_every_grader_that_ships_has_words_of_its_own() -> None:
    unnamed = [
        name for name in grader_names() if "The grader " in in_words(GraderSpec(grader=name))
    ]
    assert [name for name in unnamed if name in BUILT_IN] == []


@given(
    grader=st.sampled_from(grader_names()) | st.text(max_size=30),
    options=st.dictionaries(st.sampled_from(OPTIONS), json_values),
)
def test_any_options_make_one_short_line(grader: str, options: dict[str, Json]) -> None:
    words = in_words(GraderSpec(grader=grader, options=options))
    assert "\n" not in words
    assert len(words) < 3000


def test_graders_within_graders_end_somewhere() -> None:
    nested: Json = "completed"
    for _ in range(50):
        nested = {"not": {"grader": nested}}
    assert len(in_words(GraderSpec(grader="not", options={"grader": nested}))) < 500
