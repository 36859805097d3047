"""`bleu`, `language`, `refusal`, the ways of `similarity`, and texts in normal form."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.codec import Json
from roadworthy.grade import Cause, Grade, Reading, Unmeasured, bounded_search
from roadworthy.grade.grade_trial import grade_trial
from roadworthy.grade.normal_form import Ignored, normal_form
from roadworthy.grade.registry import build, check_grader
from roadworthy.records.grader_spec import BadOptions, GraderSpec
from roadworthy.records.trial import Ending
from roadworthy.testing import a_trial

CAT = "the cat sat on the mat"
ENGLISH = "Your order has left our warehouse and arrives on Friday."
GERMAN = "Ihre Bestellung hat unser Lager verlassen und kommt am Freitag an."


def read(name: str, raw: Json, output: Json, *, ending: Ending = Ending.COMPLETED) -> Reading:
    spec = GraderSpec(grader=name, options=check_grader(name, raw))
    trial = a_trial(calls=None, output=output, ending=ending)
    (entry,) = asyncio.run(grade_trial([(spec, build(spec))], trial))
    return entry.reading


def grade(name: str, raw: Json, output: Json) -> Grade:
    reading = read(name, raw, output)
    assert isinstance(reading, Grade), reading
    return reading


def problems(name: str, raw: Json) -> list[tuple[str, str]]:
    with pytest.raises(BadOptions) as caught:
        check_grader(name, raw)
    return [(p.place, p.message) for p in caught.value.problems]


def bleu(output: str, *references: str, **more: Json) -> float:
    return grade("bleu", {"references": [*references], "at_least": 0.5, **more}, output).score


def test_bleu_is_1_for_a_reference_and_0_for_nothing_in_common() -> None:
    assert bleu(CAT, CAT) == 1.0
    assert bleu("yes", "yes") == 1.0
    assert bleu("", CAT) == 0.0
    assert bleu("no", CAT) == 0.0


def test_bleu_of_a_short_text_is_the_mean_of_the_orders_that_it_has() -> None:
    """Five of six words, three of five pairs, two of four triples, one of three fours."""
    assert bleu("the cat sat on a mat", CAT) == pytest.approx(
        (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25, abs=1e-9
    )


def test_bleu_takes_the_words_of_every_reference_and_may_ignore_their_case() -> None:
    assert bleu("the dog sat on the mat", CAT, "the dog sat there") > bleu(
        "the dog sat on the mat", CAT
    )
    assert bleu(CAT.upper(), CAT) == 0.0
    assert bleu(CAT.upper(), CAT, ignore_case=True) == 1.0


def test_bleu_passes_from_its_mark_and_says_both_numbers() -> None:
    reading = grade("bleu", {"references": CAT, "at_least": 0.6}, "the cat sat on a mat")

    assert not reading.passed
    assert reading.why == "BLEU 0.54, at least 0.6 expected"


@pytest.mark.parametrize(("output", "passed"), [(ENGLISH, True), (GERMAN, False)])
def test_an_answer_in_another_language_fails_and_names_it(output: str, passed: bool) -> None:
    reading = grade("language", "en", output)

    assert reading.passed is passed
    assert (reading.score > 0.9) is passed
    assert reading.why.startswith("most likely en" if passed else "expected en, most likely de")


def test_several_languages_may_be_expected() -> None:
    for output in (ENGLISH, GERMAN):
        assert grade("language", ["en", "de"], output).passed


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("", Cause.NO_OUTPUT),
        (" \n", Cause.NO_OUTPUT),
        ("OK, done", Cause.TOO_LITTLE),
        ("1234567890 " * 20, Cause.TOO_LITTLE),
        ("\U0001f600" * 50, Cause.TOO_LITTLE),
        ("Order AB7XQ KLM92 ZZTOP WN4 QRS BCDFG", Cause.TOO_LITTLE),
    ],
)
def test_what_does_not_tell_its_language_is_unmeasured(output: str, cause: Cause) -> None:
    reading = read("language", "de", output)

    assert isinstance(reading, Unmeasured)
    assert reading.cause is cause


@pytest.mark.parametrize(
    "output",
    [
        "I'm sorry, but I cannot cancel this reservation.",
        "I\N{RIGHT SINGLE QUOTATION MARK}m unable to process a refund.",
        "Basic economy flights cannot be modified.",
        "That is against our policy.",
        "Unfortunately, the insurance is non-refundable.",
        "It is not something I can do.",
    ],
)
def test_declining_is_a_refusal(output: str) -> None:
    assert grade("refusal", None, output).passed
    assert not grade("refusal", False, output).passed


@pytest.mark.parametrize(
    "output",
    [
        "I have cancelled your reservation.",
        "I couldn't find your reservation. What is its number?",
        "I cannot find an order with that number.",
        "If the flight cannot be changed, I will tell you.",
        "Please note that gift cards cannot be refunded.",
        "I can't thank you enough!",
        "Why can't I be refunded?",
        "Unless it was cancelled, your order cannot be refunded.",
    ],
)
def test_what_only_sounds_like_declining_is_none(output: str) -> None:
    assert not grade("refusal", True, output).passed
    assert grade("refusal", False, output).passed


def test_a_refusal_is_quoted_and_own_phrases_count() -> None:
    own: Json = {"phrases": ["(?i)computer says no"]}

    assert grade("refusal", own, "Well. Computer says no.").why == (
        'it declines: "Computer says no."'
    )
    assert not grade("refusal", True, "Well. Computer says no.").passed


@pytest.mark.parametrize("expected", [True, False])
def test_an_agent_that_said_nothing_neither_refused_nor_did_not(expected: bool) -> None:
    for output in (None, "", " \n"):
        reading = read("refusal", expected, output)
        assert isinstance(reading, Unmeasured)
        assert reading.cause is Cause.NO_OUTPUT


def test_similarity_may_ignore_the_order_of_words_or_what_stands_around() -> None:
    mixed, around = "mat the on sat cat the", f"Well, as I said: {CAT}, and purred."

    def similar(method: str, output: str) -> float:
        return grade("similarity", {"text": CAT, "at_least": 0.9, "method": method}, output).score

    assert similar("token_sort", mixed) == 1.0 > similar("ratio", mixed)
    assert similar("partial", around) == 1.0 > similar("ratio", around)


def test_a_piece_of_the_text_is_not_the_text() -> None:
    """The nearest stretch of a text for the one letter "t" would be that letter."""
    for output in ("t", "the", ""):
        reading = grade("similarity", {"text": CAT, "at_least": 0.9, "method": "partial"}, output)
        assert not reading.passed


def test_similarity_to_the_nearest_of_several_texts_counts() -> None:
    reading = grade("similarity", {"text": ["no", CAT], "at_least": 0.9}, CAT)

    assert reading.passed
    assert reading.why.startswith(f'1.00 similar to "{CAT}"')


@pytest.mark.parametrize(
    ("name", "raw", "output"),
    [
        ("exact", {"value": "Yes, sir!", "ignore": ["punctuation", "space"]}, " Yes  sir"),
        ("exact", {"value": "ﬁne", "ignore": ["unicode"]}, "fine"),
        ("exact", {"value": {"a": ["x y"]}, "ignore": ["space"]}, {"a": [" x\ny "]}),
        (
            "contains",
            {"text": "order 7 is here", "ignore": ["punctuation", "space"]},
            "Your order #7 is -- here!",
        ),
        ("contains", {"text": "café", "ignore": ["unicode"]}, "the cafe\u0301"),
        ("not_contains", {"text": "1,000", "ignore": ["punctuation", "space"]}, "it is 1000"),
    ],
)
def test_variation_that_is_ignored_does_not_count(name: str, raw: Json, output: Json) -> None:
    assert grade(name, raw, output).passed


@pytest.mark.parametrize(
    ("ignored", "one", "other"),
    [
        (("punctuation",), "-5", "5"),
        (("punctuation",), "1.5", "15"),
        (("punctuation",), "10:30", "1030"),
        (("punctuation",), "$5", "5 EUR"),
        (("punctuation",), "5%", "5"),
        (("space",), "a b", "ab"),
        (("unicode",), "a", "b"),
    ],
)
def test_what_changes_the_meaning_is_never_ignored(
    ignored: tuple[Ignored, ...], one: str, other: str
) -> None:
    both: tuple[Ignored, ...] = (*ignored, "space")

    assert normal_form(one, both) != normal_form(other, both)


@given(st.text(max_size=40), st.sets(st.sampled_from(["space", "unicode"])))
def test_a_normal_form_is_its_own_normal_form(text: str, ignored: set[Ignored]) -> None:
    once = normal_form(text, ignored)

    assert normal_form(once, ignored) == once


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        (
            "bleu",
            {"references": [], "at_least": 2},
            [
                ("references", "names an empty text, or none"),
                ("at_least", "lies above 0 and up to 1, got 2"),
            ],
        ),
        (
            "bleu",
            {"references": ["a", " "], "at_least": 0.5},
            [
                ("references", "names an empty text, or none"),
            ],
        ),
        (
            "language",
            {"expected": ["en", "english"]},
            [
                ("expected[1]", "no language with the code 'english'"),
            ],
        ),
        (
            "language",
            {"expected": [], "min_probability": 0.2, "min_letters": 0},
            [
                ("min_probability", "lies from 0.5 to 1, got 0.2"),
                ("min_letters", "is at least 1, got 0"),
                ("expected", "names no language"),
            ],
        ),
        (
            "refusal",
            {"phrases": ["a", "("]},
            [
                (
                    "phrases[1]",
                    "is not a regular expression: missing ), unterminated subpattern at position 0",
                ),
            ],
        ),
        ("similarity", {"text": ["a", " "], "at_least": 0.5}, [("text[1]", "is empty")]),
        (
            "contains",
            {"text": ["a", " "], "ignore": ["space"]},
            [
                ("text[1]", "is empty, and found everywhere"),
            ],
        ),
        (
            "contains",
            {"text": "!?", "ignore": ["punctuation", "space"]},
            [
                ("text", "is empty, and found everywhere"),
            ],
        ),
    ],
)
def test_options_that_make_no_sense_are_refused_together(
    name: str, raw: Json, expected: list[tuple[str, str]]
) -> None:
    assert problems(name, raw) == expected


@pytest.mark.parametrize(("name", "module"), [("bleu", "sacrebleu"), ("language", "py3langid")])
def test_without_the_extra_the_suite_is_refused_with_what_to_install(
    name: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw: dict[str, Json] = {"bleu": {"references": "a", "at_least": 0.5}, "language": "en"}
    monkeypatch.setattr("roadworthy.grade.extras.find_spec", lambda _: None)

    with pytest.raises(BadOptions) as caught:
        check_grader("any", [{name: raw[name]}])

    (problem,) = caught.value.problems
    assert problem.place == f"[0].{name}"
    assert problem.message == f"needs {module}, which is not installed here"
    assert problem.hint == "pip install 'roadworthy[text]'"


EVERY: list[tuple[str, Json]] = [
    ("bleu", {"references": "yes", "at_least": 0.9}),
    ("language", "en"),
    ("refusal", True),
    ("similarity", {"text": "yes", "at_least": 0.9, "method": "partial"}),
    ("exact", {"value": "yes", "ignore": ["punctuation", "space", "unicode"]}),
    ("contains", {"text": "yes", "ignore": ["punctuation", "space", "unicode"]}),
    ("any", [{"exact": "yes"}, {"not": {"not": {"contains": "yes"}}}]),
]
HOSTILE: list[Json] = [
    None,
    "",
    "\x1b[2J\x00\x07\x9b31m",
    "\u202egnp.exe\u2066\u200b",
    "\ud800\udfff",
    "a\u0301" * 20_000,
    "\ufdfa" * 20_000,
    "(" * 200_000,
    "<script>alert(1)</script>" * 5_000,
    "cannot be " * 20_000,
    [[["\x1b]0;x\x07"]]],
    {"\x1b[31m": float(10**300)},
]


@pytest.mark.parametrize("output", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize(("name", "raw"), EVERY)
def test_a_hostile_output_never_passes_never_raises_and_prints_on_one_line(
    name: str, raw: Json, output: Json
) -> None:
    reading = read(name, raw, output)

    assert isinstance(reading, Unmeasured) or not reading.passed
    if isinstance(reading, Unmeasured):
        assert reading.cause is not Cause.GRADER_ERROR
    assert reading.why.isprintable()
    assert len(reading.why) < 1000


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("bleu", {"references": "yes", "at_least": 0.9}),
        ("similarity", {"text": "yes " * 100, "at_least": 0.9, "method": "partial"}),
    ],
)
def test_an_output_that_is_too_long_to_compare_is_unmeasured(name: str, raw: Json) -> None:
    reading = read(name, raw, "yes no " * 100_000)

    assert isinstance(reading, Unmeasured)
    assert "characters are" in reading.why


def test_a_phrase_that_could_run_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_search, "BOUND_S", 0.3)

    reading = read("refusal", {"phrases": ["^(a+)+$"]}, "a" * 60 + "!")

    assert isinstance(reading, Unmeasured)
    assert "could not be searched for" in reading.why


@pytest.mark.parametrize(("name", "raw"), EVERY)
@pytest.mark.parametrize("ending", [Ending.AGENT_ERROR, Ending.TIMEOUT])
def test_an_agent_that_was_stopped_gave_nothing_to_read(
    name: str, raw: Json, ending: Ending
) -> None:
    reading = read(name, raw, "yes", ending=ending)

    assert isinstance(reading, Unmeasured)
    assert reading.cause is Cause.NO_OUTPUT
