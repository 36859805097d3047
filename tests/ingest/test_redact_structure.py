"""What names and structure tell of secrets, and what must not be taken for one."""

import json

import pytest

from roadworthy.base.codec import Json
from roadworthy.ingest.incoming_redaction import IncomingRedaction
from roadworthy.ingest.redact import Redactor
from roadworthy.records.span import Span
from roadworthy.records.trace import Trace

ONE = "[redacted:secret:1]"

NAMED: list[tuple[Json, Json]] = [
    ({"token": {"value": "abc123de"}}, {"token": {"value": ONE}}),
    ({"tokens": ["abc123xyz", "Hello"]}, {"tokens": [ONE, "Hello"]}),
    ({"passwords": ["a", "a"]}, {"passwords": [ONE, ONE]}),
    ({"api_keys": {"openai": "zz91ab"}}, {"api_keys": {"openai": ONE}}),
    (
        {"credentials": {"value": "x7y8z9w0", "type": "basic", "expires_in": 3600}},
        {"credentials": {"value": ONE, "type": "basic", "expires_in": 3600}},
    ),
    ({"password": 12345678}, {"password": ONE}),
    ({"password": 10**30}, {"password": ONE}),
    ({"client_secret_value": "q1w2e3"}, {"client_secret_value": ONE}),
    ({"passcode": "q"}, {"passcode": ONE}),
    ({"auth": "q1w2e3r4"}, {"auth": ONE}),
    ({"name": "Authorization", "value": "abc123"}, {"name": "Authorization", "value": ONE}),
    ({"key": "X-Api-Key", "value": ["abc123"]}, {"key": "X-Api-Key", "value": [ONE]}),
]

HARMLESS: list[Json] = [
    {"next_page_token": "abc123xyz", "pageToken": "x", "continuation-token": "y1234567"},
    {"max_tokens": 5000, "token_count": 5000, "input_tokens": 12345, "tokens": 1234},
    {"tokens": {"input": 1234, "output": 56}, "time_to_first_token": 1200},
    {"tokens": [15043, 3186], "pieces": ["Hello", " world"]},
    {"token": True, "password": None, "secret": 3, "auth": False},
    {"name": "color", "value": "red"},
    {"author": "q", "secretary": "q"},
]


@pytest.mark.parametrize(("value", "expected"), NAMED)
def test_what_a_name_calls_secret_goes_however_it_is_held(value: Json, expected: Json) -> None:
    redacted = Redactor().redact(value)

    assert redacted == expected
    assert Redactor().redact(redacted) == redacted


@pytest.mark.parametrize(("value", "expected"), NAMED)
def test_json_inside_text_loses_the_same(value: Json, expected: Json) -> None:
    redacted = Redactor().text(json.dumps(value))

    assert json.loads(redacted) == expected
    assert Redactor().text(redacted) == redacted


@pytest.mark.parametrize("value", [value for value, _ in NAMED])
def test_what_comes_in_loses_the_same_and_counts_it(value: Json) -> None:
    span = Span(id="01" * 8, name="a", start_ns=1, end_ns=2, attributes={"said": value})
    trace = Trace(id="07" * 16, spans=(span,), source="otlp")

    kept = IncomingRedaction(key=b"a key for tests!").redact(trace)

    assert "[redacted:secret:" in json.dumps(kept.spans[0].attributes["said"])
    assert sum(dict(kept.attributes["roadworthy.redacted"]).values()) >= 1  # type: ignore[arg-type]  # a mapping of counts


@pytest.mark.parametrize("value", HARMLESS)
def test_counts_pages_and_pieces_of_text_stay(value: Json) -> None:
    assert Redactor().redact(value) == value
    assert Redactor().text(json.dumps(value)) == json.dumps(value)


def test_no_member_is_lost_when_two_keys_become_alike() -> None:
    value: Json = {"a@b.com": 1, "redacted-1@example.invalid": 2, "A@B.com": 3}

    redacted = Redactor().redact(value)

    assert isinstance(redacted, dict)
    assert list(redacted.values()) == [1, 2, 3]
    assert redacted["redacted-1@example.invalid"] == 2
    assert Redactor().redact(redacted) == redacted


def test_numbers_too_long_to_print_and_json_too_deep_to_read_are_left() -> None:
    deep = '{"password": ' * 100_000

    assert Redactor().redact({"password": 10**5000}) == {"password": 10**5000}
    assert Redactor().text(deep) == deep


def test_what_is_learned_in_one_place_is_hidden_in_all_others() -> None:
    redactor = Redactor()
    arguments: Json = {"password": "dragonfly", "pin_token": 86421357, "passcode": "abc"}
    said = "It is dragonfly! (not dragonflys), 86421357, abc\ndragonfly-2"

    redactor.learn([said, arguments])

    assert redactor.text(said) == (
        "It is [redacted:secret:1]! (not dragonflys), [redacted:secret:2], abc\n"
        "[redacted:secret:1]-2"
    )
    assert redactor.redact({"code": 86421357}) == {"code": "[redacted:secret:2]"}
    assert redactor.text('"a\\ndragonfly"') == '"a\\n[redacted:secret:1]"'


def test_everyday_words_are_not_hidden_though_something_secret_is_called_so() -> None:
    redactor = Redactor()
    redactor.learn({"password": "required", "auth": "none"})

    assert redactor.text("none is required") == "none is required"


def test_learning_counts_nothing_and_gives_no_taken_placeholder_away() -> None:
    redactor = Redactor()
    redactor.learn(["a@x.org", "redacted-1@example.invalid"])

    assert redactor.marks == {}
    assert redactor.text("A@x.org") == "redacted-2@example.invalid"
    assert redactor.marks == {"email": 1}


def test_what_was_learned_does_not_break_a_longer_secret_apart() -> None:
    redactor = Redactor()
    redactor.learn({"password": "abc123"})

    assert redactor.text("sk-abc123-0123456789abcdef") == "[redacted:api-key:1]"
