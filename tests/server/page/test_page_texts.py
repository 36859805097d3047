"""Texts and numbers as the page shows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.server import text
from roadworthy.server.templating import marked

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(), inner, max_size=8),
    max_leaves=20,
)


def test_hidden_characters_become_visible_and_line_breaks_stay() -> None:
    assert text.visible("a\x1b[2J\u202eb\nc\td\ud800") == "a\\x1b[2J\\u202eb\nc\td\\ud800"


def test_an_emoji_of_several_people_stays_whole() -> None:
    family = "👩\u200d👧"
    assert text.visible(family) == family


@given(st.text())
def test_whatever_is_made_visible_can_be_sent_and_is_visible_already(said: str) -> None:
    shown = text.visible(said)
    shown.encode()
    assert text.visible(shown) == shown


@given(st.text(min_size=1, max_size=80), st.integers(1, 3000), st.integers(4, 2000))
def test_folding_loses_no_character_untold(piece: str, times: int, limit: int) -> None:
    said = piece * times
    folded = text.fold(said, limit)
    assert said.startswith(folded.beginning + folded.rest)
    assert len(folded.beginning) + len(folded.rest) + folded.cut == len(said)


def test_a_text_folds_at_the_end_of_a_line_when_one_is_near() -> None:
    folded = text.fold("x" * 70 + "\n" + "y" * 200, 100)
    assert folded.beginning == "x" * 70 + "\n"


@given(json_values)
def test_every_json_value_has_a_readable_form_and_a_gist_of_one_line(value: object) -> None:
    assert isinstance(text.pretty_json(value), str)  # type: ignore[arg-type]  # it is JSON
    assert len(text.gist(value)) <= 240  # type: ignore[arg-type]


def test_json_that_hides_in_a_text_is_unpacked() -> None:
    assert text.gist('{"id": 7, "tags": ["a", "b"]}') == "id: 7, tags: [a, b]"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, ""),
        (0.0, "0 ms"),
        (1e-8, "10 ns"),
        (1e-6, "0.001 ms"),
        (0.000153, "0.15 ms"),
        (0.34, "340 ms"),
        (1.239, "1.24 s"),
        (192.4, "3 min 12 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations_read_at_a_glance(seconds: float | None, shown: str) -> None:
    assert text.duration(seconds) == shown


@pytest.mark.parametrize(
    ("dollars", "shown"),
    [
        (None, ""),
        (0.0, "$0.00"),
        (12.3, "$12.30"),
        (0.996, "$1"),
        (0.00421, "$0.0042"),
        (1e-5, "$0.00001"),
        (1e-9, "under $0.000001"),
    ],
)
def test_money_shows_the_digits_that_matter(dollars: float | None, shown: str) -> None:
    assert text.money(dollars) == shown


@pytest.mark.parametrize("seconds", [1e300, -1e300, 1e12, float("inf"), float("nan")])
def test_a_time_beyond_all_calendars_is_said_to_be_unknown(seconds: float) -> None:
    assert text.instant(seconds) == ""
    assert text.utc(seconds) == "no time we know"


def test_an_address_holds_only_what_is_set() -> None:
    assert text.query("/traces", {"tool": "a&b", "text": "", "run": None}) == "/traces?tool=a%26b"


def test_words_between_backticks_become_code_and_nothing_becomes_markup() -> None:
    assert marked("type `a <b>` & go") == "type <code>a &lt;b&gt;</code> &amp; go"
    assert marked("one ` alone <i>") == "one ` alone &lt;i&gt;"
