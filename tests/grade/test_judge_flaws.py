"""Rules that find answers which say nothing, or nothing for sure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.grade.judge.flaws import flaws_of
from roadworthy.records.rubric import Flaw


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Thank you so much for reaching out! I'm happy to help you with that.",
        "Certainly! Please let me know if you have any questions. Have a great day!",
        "I completely understand your frustration. I apologize for any inconvenience.",
        "Hi! How can I help you today?",
    ],
)
def test_courtesy_alone_is_vacuous(answer: str) -> None:
    assert flaws_of(answer) == (Flaw.VACUOUS,)


@pytest.mark.parametrize(
    "answer",
    [
        "42",
        "Yes.",
        "B",
        "Paris",
        "Certainly: 3 bags.",
        "I'm happy to help: it left on Monday.",
        [1],
    ],
)
def test_a_short_answer_that_says_something_is_not(answer: str) -> None:
    assert flaws_of(answer) == ()


@pytest.mark.parametrize(
    "answer",
    [
        "It might be refundable. It depends on the fare. You could ask.",
        "I'm not sure, but it may possibly be late.",
        "I\u2019m not certain it left. Perhaps it did.",
    ],
)
def test_an_answer_that_leaves_most_of_it_open_is_hedged(answer: str) -> None:
    assert flaws_of(answer) == (Flaw.HEDGED,)


@pytest.mark.parametrize(
    "answer",
    [
        "Your refund left on Monday. It may take three days. You need do nothing.",
        "It might rain.",
        "The flight in May is full. The one in June is not.",
    ],
)
def test_one_honest_doubt_is_not_hedging(answer: str) -> None:
    assert flaws_of(answer) == ()


@given(answer=st.text())
def test_any_text_has_at_most_one_flaw(answer: str) -> None:
    assert len(flaws_of(answer)) <= 1


@pytest.mark.parametrize(
    "piece", ["thank you ", "please let me know ", "i am ", "might ", "a'", "."]
)
def test_a_very_long_answer_is_read_as_far_as_it_is_read_at_all(piece: str) -> None:
    """Were the rules to grow faster than the text, this would not come to an end."""
    assert flaws_of(piece * 100_000) == flaws_of(piece * 50_000)
