"""Secrets and addresses leave; everything else stays."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.base.codec import Json
from roadworthy.ingest.redact import Redactor
from roadworthy.ingest.secret_names import names_a_secret
from roadworthy.ingest.secret_patterns import is_card_number

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"

SECRETS = {
    "mail jo.doe+x@mail.example.com now": "mail redacted-1@example.invalid now",
    "sk-proj-abcDEF123456789012345678": "[redacted:api-key:1]",
    "sk-ant-api03-AbCd1234EfGh5678IjKl": "[redacted:api-key:1]",
    "x ghp_abcdefghijklmnopqrstuvwx1234 y": "x [redacted:api-key:1] y",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv": "[redacted:api-key:1]",
    "xoxb-123456789012-abcdef": "[redacted:api-key:1]",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc": "[redacted:api-key:1]",
    "Authorization: Bearer abc123def456": "Authorization: Bearer [redacted:bearer-token:1]",
    "authorization: Basic dXNlcjpwYXNz": "authorization: Basic [redacted:authorization:1]",
    f"a {KEY} b": "a [redacted:private-key:1] b",
    "id AKIAIOSFODNN7EXAMPLE": "id [redacted:aws-key:1]",
    "aws_secret_access_key = wJalrXUt/K7": "aws_secret_access_key = [redacted:secret:1]",
    "eyJhbGciOi.eyJzdWIiOi.SflKxw": "[redacted:jwt:1]",
    "postgres://app:p4ss@db/x": "postgres://app:[redacted:url-password:1]@db/x",
    "https://h/?token=abc123xyz&x=1": "https://h/?token=[redacted:secret:1]&x=1",
    "password=hunter2": "password=[redacted:secret:1]",
    "password: hunter2": "password: [redacted:secret:1]",
    "DB_PASSWORD='a b c'": "DB_PASSWORD='[redacted:secret:1]'",
    '{"api_key": "a1b2\\"c3", "n": 1}': '{"api_key": "[redacted:secret:1]", "n": 1}',
    '{\\"password\\": \\"x y\\"}': '{\\"password\\": \\"[redacted:secret:1]\\"}',
    "card 4111 1111 1111 1111.": "card [redacted:card-number:1].",
    "card 378282246310005": "card [redacted:card-number:1]",
}

HARMLESS = [
    "",
    "Please choose a password: it must be long.",
    "the bearer of certificates",
    "risk-management-and-strategy-plan",
    "basic economy flights cost $54",
    "order 4111111111111112 of 2024-05-16T12:00:00",
    "gift_card_7219449 and certificate_7504069",
    "https://example.org:8080/path?page=2",
    '{"token": "", "x": "y"}',
    "max_tokens=512",
    "@someone said 3.14159265358979",
]


@pytest.mark.parametrize(("text", "expected"), SECRETS.items())
def test_a_secret_is_replaced_and_the_rest_stays(text: str, expected: str) -> None:
    assert Redactor().text(text) == expected


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays(text: str) -> None:
    redactor = Redactor()

    assert redactor.text(text) == text
    assert redactor.marks == {}


def test_equal_values_get_equal_placeholders_and_different_ones_do_not() -> None:
    redactor = Redactor()

    assert redactor.text("a@x.org b@x.org a@x.org") == (
        "redacted-1@example.invalid redacted-2@example.invalid redacted-1@example.invalid"
    )
    assert redactor.redact({"email": "b@x.org"}) == {"email": "redacted-2@example.invalid"}


def test_a_card_is_the_same_however_it_is_spaced() -> None:
    redactor = Redactor()

    assert (
        redactor.redact(["4111-1111-1111-1111", 4111111111111111])
        == ["[redacted:card-number:1]"] * 2
    )


def test_members_named_like_secrets_lose_their_text() -> None:
    value: Json = {
        "Authorization": "Bearer abcd1234efgh",
        "apiKey": "x1y2z3",
        "X-Auth-Token": ["a1b2c3", {"note": "lost-f00d"}],
        "password": "",
        "token": None,
        "max_tokens": 5,
        "tokens": "kept",
    }

    assert Redactor().redact(value) == {
        "Authorization": "Bearer [redacted:bearer-token:1]",
        "apiKey": "[redacted:secret:1]",
        "X-Auth-Token": ["[redacted:secret:2]", {"note": "[redacted:secret:3]"}],
        "password": "",
        "token": None,
        "max_tokens": 5,
        "tokens": "kept",
    }


def test_keys_are_redacted_too() -> None:
    assert Redactor().redact({"a@x.org": 1}) == {"redacted-1@example.invalid": 1}


def test_marks_count_different_values_by_kind() -> None:
    redactor = Redactor()
    redactor.redact(["a@x.org", "b@x.org", "a@x.org", {"secret": "s3cr3t-s"}])

    assert redactor.marks == {"email": 2, "secret": 1}


def test_the_given_value_is_left_as_it_is() -> None:
    value: Json = {"a": ["a@x.org"]}
    Redactor().redact(value)

    assert value == {"a": ["a@x.org"]}


def test_json_inside_text_stays_json() -> None:
    inner = json.dumps({"password": 'a"b\\c', "email": "a@x.org", "n": 1})

    assert json.loads(Redactor().text(inner)) == {
        "password": "[redacted:secret:1]",
        "email": "redacted-1@example.invalid",
        "n": 1,
    }


def test_values_nested_without_end_are_walked() -> None:
    value: Any = "a@x.org"
    for _ in range(100_000):
        value = [value]

    value = Redactor().redact(value)

    for _ in range(100_000):
        value = value[0]
    assert value == "redacted-1@example.invalid"


FRAGMENTS = st.lists(
    st.sampled_from([*SECRETS, *SECRETS.values(), *HARMLESS, "=", ":", '"', "\\", "\n", " ", "@"])
    | st.text(max_size=5),
    max_size=8,
).map("".join)


@settings(max_examples=300)
@given(text=FRAGMENTS)
def test_redacting_twice_changes_nothing(text: str) -> None:
    redactor = Redactor()
    once = redactor.text(text)

    assert redactor.text(once) == once
    assert Redactor().text(once) == once


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | FRAGMENTS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["a", "password", "apiKey"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_redacting_a_value_twice_changes_nothing(value: Json) -> None:
    once = Redactor().redact(value)

    assert repr(Redactor().redact(once)) == repr(once)


REPEATED = (
    ["a", "a.", "a@", "@a.", "1", "1 ", "4111111111111111", "%", "_", " ", "\\"],
    ["eyJaaaaaa.", "://a:", "password=", 'pwd:"', "token: ", "bearer ", "authorization:"],
    ["-----BEGIN A ", "-----BEGIN PRIVATE KEY-----", "sk-", "SG.aaaaaaaaaaaaaaaaaaaa"],
    ["[redacted:email:1]", "redacted-1@example.invalid"],
)


@pytest.mark.parametrize("unit", [unit for units in REPEATED for unit in units])
def test_hostile_text_takes_linear_time(unit: str) -> None:
    """A quadratic pattern would take minutes on this much."""
    text = unit * (300_000 // len(unit))
    began = time.perf_counter()
    Redactor().text(text)

    assert time.perf_counter() - began < 10


def test_card_numbers_need_an_issuer_a_length_and_a_check_digit() -> None:
    assert is_card_number("4111 1111 1111 1111")
    assert not is_card_number("4111 1111 1111 1112")
    assert not is_card_number("35246668444258")
    assert not is_card_number("0000000000000000")


def test_names_of_secrets_are_known_in_every_style() -> None:
    assert all(map(names_a_secret, ["API_KEY", "apiKey", "x-api-key", "clientSecret", "pwd"]))
    assert not any(map(names_a_secret, ["tokens", "max_tokens", "key", "secretary", "author"]))
