"""What a judge wrote becomes scores, or is not read at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from roadworthy.base.codec import Json, encode
from roadworthy.grade.judge.answer_form import Position
from roadworthy.grade.judge.material import Document, Material
from roadworthy.grade.judge.quotes import QuoteCheck
from roadworthy.grade.judge.read_answer import MAX_ANSWER, UnreadableAnswer, read_answer
from roadworthy.records.rubric import Criterion, Reference, Rubric, Scale

RUBRIC = Rubric(
    name="two",
    criteria=(
        Criterion(name="right", question="Is it?", scale=Scale.ONE_TO_FIVE),
        Criterion(name="polite", question="Is it?"),
    ),
    min_score=0.5,
)
ITEM = Material(output="The refund of 40 EUR is on its way.", input="Where is my refund?")


def written(right: Json = "4", polite: Json = "pass", **more: Json) -> str:
    criteria = {
        "right": {"reason": "it is", "quotes": ["40 EUR"], "answer": right},
        "polite": {"reason": "very", "quotes": [], "answer": polite},
        **more,
    }
    return json.dumps({"criteria": criteria})


def scores(text: str, rubric: Rubric = RUBRIC) -> dict[str, float]:
    return {one.criterion: one.score for one in read_answer(text, rubric, ITEM)}


def why_not(text: str, rubric: Rubric = RUBRIC, item: Material = ITEM) -> str:
    with pytest.raises(UnreadableAnswer) as caught:
        read_answer(text, rubric, item)
    return caught.value.why


@pytest.mark.parametrize("right", ["4", 4, 4.0, " 4 "])
def test_an_answer_may_be_text_or_number(right: Json) -> None:
    assert scores(written(right)) == {"right": 0.75, "polite": 1.0}


def test_talk_and_a_code_fence_around_a_verdict_do_not_matter() -> None:
    assert scores(f"Here is {{my}} verdict:\n```json\n{written()}\n```\nBye.")["right"] == 0.75


def test_reason_and_quotes_are_kept_in_the_rubrics_order() -> None:
    right, polite = read_answer(written(), RUBRIC, ITEM)

    assert (right.criterion, right.reason, right.quotes) == ("right", "it is", ("40 EUR",))
    assert polite.criterion == "polite"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the answer is empty"),
        ("It is fine.", "no JSON object"),
        ('{"criteria": ', "no JSON object"),
        ('{"criteria": [1]}', "`criteria` is no object"),
        (written() + written(), "2 verdicts"),
        ("x" * (MAX_ANSWER + 1), "characters, at most"),
        ('{"criteria": {"right": {"answer": "4"}}}', "criterion polite is missing"),
        (written(right="6"), "right: expected one of 1, 2, 3, 4, 5, got '6'"),
        (written(right=None), "got 'None'"),
        (written(right=True), "got 'True'"),
        (written(right=4.5), "got '4.5'"),
        (written(polite="4"), "polite: expected one of fail, pass, got '4'"),
        ('{"criteria": {"right": NaN}}', "no JSON object"),
        ('{"criteria": {}, "criteria": {}}', "no JSON object"),
        ("[" * 50_000, "no JSON object"),
        ('{"a":' * 15_000, "no JSON object"),
    ],
)
def test_what_is_no_whole_verdict_is_not_read(text: str, why: str) -> None:
    assert why in why_not(text)


@pytest.mark.parametrize("text", ["I can't help with that.", "We are unable to judge this."])
def test_a_refusal_is_told_apart(text: str) -> None:
    with pytest.raises(UnreadableAnswer) as caught:
        read_answer(text, RUBRIC, ITEM)

    assert caught.value.refused


def test_a_refusal_beside_a_verdict_is_a_verdict() -> None:
    assert scores(f"I can't fault it. {written()}")["right"] == 0.75


def test_half_characters_can_be_stored() -> None:
    text = written(right="4").replace("it is", "\\ud800")

    assert encode(read_answer(text, RUBRIC, ITEM))


@given(text=st.text(max_size=300))
def test_nothing_that_a_judge_writes_raises_anything_else(text: str) -> None:
    with pytest.raises(UnreadableAnswer):
        read_answer(text, RUBRIC, ITEM)


@given(value=st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
def test_no_value_of_an_answer_raises_anything_else(value: Json) -> None:
    text = json.dumps({"criteria": {"right": {"answer": value}, "polite": {"answer": "pass"}}})
    try:
        read = read_answer(text, RUBRIC, ITEM)
    except UnreadableAnswer:
        return

    assert 0.0 <= read[0].score <= 1.0


@pytest.mark.parametrize(
    ("answer", "position", "score"),
    [
        ("first", Position.FIRST, 1.0),
        ("first", Position.SECOND, 0.0),
        ("second", Position.SECOND, 1.0),
        ("tie", Position.SECOND, 0.5),
    ],
)
def test_a_preference_counts_for_the_agent_wherever_its_answer_stood(
    answer: str, position: Position, score: float
) -> None:
    read = read_answer(written(answer, answer), RUBRIC, ITEM, position)

    assert read[0].score == score


QUOTING = replace(
    RUBRIC,
    criteria=(Criterion(name="right", question="Is it?", quotes=True),),
    references=(Reference.OUTPUT, Reference.DOCUMENTS),
)
SHOWN = Material(
    output="It left on “Monday” \u2013 as planned.",
    documents=(Document(content={"status": "sent", "note": "left the\n\n  house"}, span="s1"),),
    policy="Never shown.",
)


@pytest.mark.parametrize(
    "quote",
    [
        'it left on "monday" - as planned',
        "left the house",
        '"status":"sent"',
        "“It left … planned.”",
        "It left [...] as planned",
    ],
)
def test_a_quote_is_found_however_it_is_typed(quote: str) -> None:
    assert QuoteCheck(QUOTING, SHOWN).supports(quote)


@pytest.mark.parametrize("quote", ["it never left", "Never shown.", "it", "…", "", '"'])
def test_words_that_were_not_shown_or_are_everywhere_support_nothing(quote: str) -> None:
    assert not QuoteCheck(QUOTING, SHOWN).supports(quote)


def test_without_a_quote_that_is_there_a_criterion_that_needs_one_is_not_read() -> None:
    made_up = {"reason": "", "quotes": ["it never left"], "answer": "pass"}
    text = json.dumps({"criteria": {"right": made_up}})

    assert why_not(text, QUOTING, SHOWN) == "right: none of 1 quotes is in the material"
