"""Every operator, on anything a user could say: it changes the words and never the facts."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.codec import Json, encode
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.suite.limits import is_too_deep
from roadworthy.suite.messy.kept_text import facts_in, holds_facts
from roadworthy.suite.messy.operators import OPERATORS, named_operators
from roadworthy.suite.messy.variant import Effect, Intensity, Material, Messy, NotApplicable
from roadworthy.testing.messy_cases import REFUND, a_messy, applied

KEEPING = [name for name, one in OPERATORS.items() if one.keeps_facts]
WORDING = [name for name in KEEPING if name not in {"long-results", "injected-result"}]
GRADED = [name for name, one in OPERATORS.items() if one.graded]
EVERY_TENTH = 10
SAID = "Hello, I need the refund for order 1003 because it isn't what I want. Please help me."
TOKENS = (
    "please|refund|order|1003|ada@b.example|Paris|because|don't|JFK|2024-05-01|I|want|to|my|friend."
    '|$7.50|"as is"|Is|it?|\n'
)
WORDS = st.lists(
    st.sampled_from(TOKENS.split("|")),
    min_size=1,
    max_size=30,
).map(" ".join)
INPUTS: st.SearchStrategy[Json] = st.one_of(
    st.text(max_size=80),
    WORDS,
    st.lists(
        st.fixed_dictionaries(
            {"role": st.sampled_from(["user", "assistant", "system"]), "content": WORDS | st.text()}
        ),
        max_size=4,
    ),
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.integers() | WORDS,
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
            ),
            max_leaves=6,
        ),
        max_size=4,
    ),
)


def _texts(messages: list[str]) -> Iterator[tuple[int, str]]:
    return ((n, text) for n, text in enumerate(messages) if n % EVERY_TENTH == 0)


@pytest.mark.parametrize("name", WORDING)
def test_real_messages_change_and_keep_their_facts(name: str, messages: list[str]) -> None:
    for number, text in _texts(messages):
        messy = applied(a_messy(text), name, case_id=str(number))

        assert messy.input != text
        assert holds_facts(" ".join(messy.said), facts_in(text))


@pytest.mark.parametrize("name", WORDING)
def test_real_messages_change_in_the_same_way_each_time(name: str, messages: list[str]) -> None:
    for number, text in _texts(messages):
        first = applied(a_messy(text), name, case_id=str(number))

        assert applied(a_messy(text), name, case_id=str(number)) == first


@pytest.mark.parametrize("name", ["typos", "slang", "anger", "change-of-mind"])
def test_another_seed_gives_another_variant(name: str) -> None:
    variants = {encode(applied(a_messy(SAID), name, seed=seed).input) for seed in range(12)}

    assert len(variants) > 3


@given(given=INPUTS, name=st.sampled_from([*OPERATORS]), seed=st.integers(0, 3))
def test_any_input_is_changed_or_refused_in_words(given: Json, name: str, seed: int) -> None:
    case = a_messy({"text": ""}, input=given, recorded=True)
    messy = _or_none(case, name, seed=seed)

    if messy is not None:
        assert messy != case
        assert not is_too_deep(messy.input)
        if OPERATORS[name].keeps_facts:
            assert all(holds_facts(_everything(messy.input), facts_in(text)) for text in case.said)


@given(said=WORDS, names=st.lists(st.sampled_from(WORDING), min_size=2, max_size=4, unique=True))
def test_facts_survive_several_operators_in_any_order(said: str, names: list[str]) -> None:
    messy = _or_none(a_messy(said), *names)

    assert messy is None or holds_facts(_everything(messy.input), facts_in(said))


def _or_none(case: Messy, *names: str, seed: int = 0) -> Messy | None:
    try:
        return applied(case, *names, seed=seed)
    except NotApplicable:
        return None


def _everything(value: Json) -> str:
    match value:
        case str():
            return value
        case list():
            return "\n".join(map(_everything, value))
        case dict():
            return "\n".join(map(_everything, value.values()))
        case _:
            return ""


def test_operators_are_applied_in_the_order_given() -> None:
    pasted_last = applied(a_messy(SAID), "anger", "injected-message")
    pasted_first = applied(a_messy(SAID), "injected-message", "anger")

    assert str(pasted_last.input).endswith("---")
    assert not str(pasted_first.input).endswith("---")


@pytest.mark.parametrize("name", ["typos", "anger", "misleading-context"])
def test_more_intensity_changes_more(name: str) -> None:
    sizes = {
        amount: _changed(SAID, str(applied(a_messy(SAID), name, intensity=amount).input))
        for amount in Intensity
    }

    assert sizes[Intensity.LIGHT] < sizes[Intensity.MEDIUM] < sizes[Intensity.HEAVY]


def _changed(before: str, after: str) -> int:
    return len(set(after.split()) - set(before.split()))


def test_words_that_turn_a_sentence_round_are_never_mistyped() -> None:
    said = "do not never don't cannot without unless"
    for seed in range(20):
        typed = str(applied(a_messy(f"{said} refunding"), "typos", seed=seed).input)

        assert typed.startswith(said)


def test_what_the_expectations_name_is_never_mistyped() -> None:
    case = a_messy(
        "economy economy economy",
        expect={"trajectory": {"calls": [{"arguments": {"c": "economy"}}]}},
    )

    with pytest.raises(NotApplicable, match="typos: nothing in its words could be changed"):
        applied(case, "typos", intensity=Intensity.HEAVY)


def test_only_the_user_is_made_messier() -> None:
    said: list[Json] = [
        {"role": "system", "content": "You help customers of the shop."},
        {"role": "user", "content": "Hello there, please listen."},
        {"role": "assistant", "content": "Please tell me what you need."},
        {"role": "user", "content": "Please send the refund."},
    ]
    messy = applied(a_messy("x", input=said), "abbreviations", intensity=Intensity.HEAVY)

    assert isinstance(messy.input, list)
    assert [messy.input[0], messy.input[2]] == [said[0], said[2]]
    assert [one["content"] for one in messy.input if isinstance(one, dict)][1::2] == [
        "Hello there, pls listen.",
        "Pls send the rfnd.",
    ]


def test_prose_in_json_changes_and_the_fields_beside_it_do_not() -> None:
    said: Json = {"user_id": "ada lovelace 7", "request": {"text": "Please send the refund"}}
    messy = applied(a_messy("x", input=said), "anger")

    assert isinstance(messy.input, dict)
    assert messy.input["user_id"] == "ada lovelace 7" or "7" in str(messy.input["user_id"])
    assert "send the refund" in str(messy.input["request"]).lower()


@pytest.mark.parametrize("name", [n for n in WORDING if OPERATORS[n].effect is Effect.KEEPS])
def test_what_keeps_the_expectations_leaves_them_as_they_are(name: str) -> None:
    messy = applied(a_messy(), name)

    assert {**messy.fields, "input": None} == {**REFUND, "input": None}
    assert messy.notes == ()


@pytest.mark.parametrize("name", [n for n in OPERATORS if OPERATORS[n].effect is Effect.CHANGES])
def test_what_changes_the_expectations_says_so(name: str) -> None:
    messy = applied(a_messy(), name)

    assert {**messy.fields, "input": None} != {**REFUND, "input": None}
    assert messy.notes


@pytest.mark.parametrize("name", sorted({*OPERATORS} - {*GRADED}))
def test_an_operator_without_degrees_gives_the_same_at_each(name: str) -> None:
    variants = {encode(applied(a_messy(), name, intensity=one).fields) for one in Intensity}

    assert len(variants) == 1


def test_a_number_that_is_taken_back_is_said_right_in_the_end() -> None:
    said = str(applied(a_messy("Refund order 1003 now"), "change-of-mind").input)

    wrong, _, right = said.removeprefix("Refund order ").partition(" ")
    assert wrong.strip(",") != "1003"
    assert right.endswith("1003 now")


def test_names_that_there_are_not_are_told_together() -> None:
    with pytest.raises(UnknownName, match="no operator called 'typo', 'rage'"):
        named_operators(["typo", "slang", "rage"])


def test_an_operator_is_applied_once() -> None:
    with pytest.raises(BadRequest, match="named more than once: slang"):
        named_operators(["slang", "typos", "slang"])


def test_all_is_every_operator() -> None:
    assert [one.name for one in named_operators(["all"])] == [*OPERATORS]


def test_a_model_that_drops_a_fact_is_not_believed() -> None:
    material = Material(paraphrases={"Refund order 1003": "Give me my money back"})

    with pytest.raises(NotApplicable, match="leave out 1 of the facts"):
        applied(a_messy("Refund order 1003"), "paraphrase", material=material)
