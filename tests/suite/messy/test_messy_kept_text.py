"""Facts of a message are told from the words around them, in any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.suite.messy.kept_text import facts_in, holds_facts, pieces, rewrite

TEXTS = st.text(max_size=200) | st.lists(
    st.sampled_from(
        ["order", "#W12", "a@b.example", '"as is"', "I", "Paris", "JFK", "2024-05-01", "no.", "\n"]
    ),
    max_size=20,
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("I want order 1003 back.", ["1003"]),
        ("mail me at ada@example.com, please", ["ada@example.com"]),
        ("it leaves on 2024-05-01 at 14:30", ["2024-05-01", "14:30"]),
        ("my code is EHGLPF (from JFK)", ["EHGLPF", "JFK"]),
        ('it said "not allowed here" to me', ['"not allowed here"']),
        ("fly me to Paris with Ivan Petrov", ["Paris", "Ivan", "Petrov"]),
        ("Ivan Petrov wants to fly", ["Ivan", "Petrov"]),
        ("two bags on Friday", ["two", "Friday"]),
        ("it cost $1,200.50!", ["$1,200.50"]),
        ("see https://shop.example/a?b=1 or user_id", ["https://shop.example/a?b=1", "user_id"]),
        ("WHERE IS MY CARD", []),
        ("Where is my card? I am waiting.", []),
    ],
)
def test_what_an_agent_could_act_on_is_a_fact(text: str, facts: list[str]) -> None:
    assert facts_in(text) == facts


def test_words_of_the_expectations_are_facts_wherever_they_stand() -> None:
    assert facts_in("I fly economy, not economyplus, in ECONOMY", ["economy"]) == [
        "economy",
        "ECONOMY",
    ]


@given(text=TEXTS, phrases=st.lists(st.text(max_size=8), max_size=3))
def test_the_pieces_of_a_text_are_the_text(text: str, phrases: list[str]) -> None:
    assert "".join(piece.text for piece in pieces(text, phrases)) == text


@given(text=TEXTS)
def test_what_is_rewritten_is_never_a_fact(text: str) -> None:
    rewritten = rewrite(text, lambda free: "~" * len(free))

    assert holds_facts(rewritten, facts_in(text))
    assert len(rewritten) == len(text)


def test_facts_must_stand_in_their_order() -> None:
    assert holds_facts("7 and 8", ["7", "8"])
    assert not holds_facts("8 and 7", ["7", "8"])
    assert not holds_facts("7", ["7", "7"])


@pytest.mark.parametrize("hostile", ['"' * 50_000, "." * 50_000, "a" * 50_000, "A@" * 25_000])
def test_a_text_made_to_be_slow_is_read_like_any_other(hostile: str) -> None:
    assert "".join(piece.text for piece in pieces(hostile)) == hostile
