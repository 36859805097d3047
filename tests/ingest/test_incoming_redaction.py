"""Secrets are gone before a trace is stored; what was there is marked and counted."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.codec import Json, encode
from roadworthy.ingest.incoming_redaction import PERSONAL, REDACTED, IncomingRedaction
from roadworthy.ingest.redact import Redactor
from roadworthy.ingest.secret_patterns import PATTERNS
from roadworthy.records import semconv
from roadworthy.records.span import Span, SpanEvent
from roadworthy.records.trace import Trace

KEY = b"a key for tests!"
TOKEN = "ghp_abcdefghijklmnopqrstuvwx1234567890AB"
MARK = re.compile(r"\[redacted:[a-z-]+:[0-9]{1,9}\]")

SECRETS = [
    TOKEN,
    "sk-proj-abcDEF123456789012345678",
    "sk-ant-api03-AbCd1234EfGh5678IjKl",
    "glrt-abcdefghij0123456789",
    "xoxb-123456789012-abcdef",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "hf_abcdefghijklmnopqrst1234",
    "SK0123456789abcdef0123456789abcdef",
    "SG.abcdefghijklmnop1234.abcdefghijklmnop1234",
    "sq0csp-abcdefghijklmnopqrstuvwxyz1234",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSM",
    "Authorization: Bearer abc123def456",
    "BEARER abc123def456",
    "postgres://app:p4ssw0rd@db/x",
    "password=hunter2",
    "Api-Key: 'abc-123'",
    '{"client_secret": "abc123"}',
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
]


def a_trace(attributes: dict[str, Json] | None = None, **fields: object) -> Trace:
    span = Span(id="01" * 8, name="a span", start_ns=1, end_ns=2, attributes=attributes or {})
    return Trace(id="07" * 16, spans=(span,), source="otlp", **fields)  # type: ignore[arg-type]  # as given


def redacted(trace: Trace, redaction: IncomingRedaction | None = None) -> Trace:
    return (redaction or IncomingRedaction(key=KEY)).redact(trace)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_leaves_no_trace_of_itself(secret: str) -> None:
    value = re.findall(r"[\w.+/=-]{3,}", secret)[-1]
    trace = redacted(a_trace({"said": f"here: {secret}"}))

    said = trace.spans[0].attributes["said"]
    assert isinstance(said, str)
    assert MARK.search(said)
    assert value not in said or value in ("KEY-----", "x", "db/x")
    assert sum(dict(trace.attributes[REDACTED]).values()) >= 1  # type: ignore[arg-type]  # a mapping of counts


@pytest.mark.parametrize(
    "harmless",
    [
        "My parcel was to arrive on Monday, where is order A-000123?",
        "call_P09kjRKHTTJA02oB9HIe4u5t",
        "ctx-7ed9780f-3688-4fc0-b10b-2e4df2f83cf0",
        "max_tokens=512 and the key point: it works",
        "https://example.org:8080/a?b=c@d",
        "mail jo@example.com or pay with 4111 1111 1111 1111",
    ],
)
def test_harmless_text_stays_the_very_same_object(harmless: str) -> None:
    trace = a_trace({"said": harmless, "deep": [{"a": harmless}]})

    assert redacted(trace) is trace


def test_every_place_that_holds_text_is_looked_at_and_counted_on_its_span() -> None:
    event = SpanEvent(name="exception", at_ns=1, attributes={"exception.message": TOKEN})
    first = Span(
        id="01" * 8,
        name=f"GET {TOKEN}",
        start_ns=1,
        end_ns=2,
        status_message=TOKEN,
        attributes={
            semconv.INPUT_MESSAGES: [
                {"role": "user", "parts": [{"type": "text", "content": TOKEN}]}
            ],
            semconv.TOOL_ARGUMENTS: {"password": "hunter2", "items": [TOKEN]},
            TOKEN: 1,
        },
        events=(event,),
    )
    second = Span(id="02" * 8, name="clean", start_ns=1, end_ns=2)
    trace = Trace(
        id="07" * 16,
        spans=(first, second),
        source="otlp",
        name=TOKEN,
        session=TOKEN,
        attributes={"resource.a": TOKEN},
    )

    kept = redacted(trace)

    assert TOKEN.encode() not in encode(kept)
    assert b"hunter2" not in encode(kept)
    assert kept.spans[0].attributes[REDACTED] == {"api-key": 6, "secret": 1}
    assert kept.spans[1] is second
    assert kept.attributes[REDACTED] == {"api-key": 9, "secret": 1}


def test_equal_values_get_equal_marks_under_one_key_and_others_under_another() -> None:
    trace = a_trace({"a": TOKEN, "b": f"again {TOKEN}", "c": TOKEN.replace("abc", "xyz")})

    one, two = redacted(trace), redacted(trace)
    other = redacted(trace, IncomingRedaction(key=b"quite another key"))

    said = one.spans[0].attributes
    assert said["b"] == f"again {said['a']}"
    assert said["c"] != said["a"]
    assert one == two
    assert other.spans[0].attributes["a"] != said["a"]


def test_personal_data_is_redacted_where_asked() -> None:
    said: dict[str, Json] = {
        "a": "jo@example.com, 4111 1111 1111 1111",
        "b": 4111111111111111,
        "c": True,
    }
    trace = a_trace(said)
    redaction = IncomingRedaction(key=KEY, personal=("email", "card-number"))

    kept = redacted(trace, redaction)

    assert redacted(trace) is trace
    assert kept.spans[0].attributes[REDACTED] == {"card-number": 2, "email": 1}
    text = str(kept.spans[0].attributes["a"])
    assert re.fullmatch(r"redacted-\d+@example\.invalid, (\[redacted:card-number:\d+\])", text), (
        text
    )
    assert text.endswith(str(kept.spans[0].attributes["b"]))


def test_all_of_it_can_be_switched_off() -> None:
    trace = a_trace({"a": TOKEN, "password": "x"})

    assert redacted(trace, IncomingRedaction(key=KEY, secrets=False)) is trace


def test_what_was_redacted_once_stays_as_it_is() -> None:
    redaction = IncomingRedaction(key=KEY, personal=("email", "card-number"))
    once = redaction.redact(a_trace({str(n): secret for n, secret in enumerate(SECRETS)}))

    twice = redaction.redact(once)

    assert twice.spans[0].attributes == once.spans[0].attributes
    assert Redactor().redact(dict(once.spans[0].attributes)) == once.spans[0].attributes


def test_several_threads_redact_alike() -> None:
    redaction = IncomingRedaction(key=KEY)
    traces = [a_trace({"a": f"text {n % 7} {TOKEN if n % 2 else ''}"}) for n in range(200)]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(redaction.redact, traces))

    assert together == [IncomingRedaction(key=KEY).redact(trace) for trace in traces]


FILLER = st.text(alphabet=" abkKsSxyz09-_=:.\"'@\\\n/", max_size=30)


@given(before=FILLER, after=FILLER, secret=st.sampled_from(SECRETS))
def test_looking_for_words_first_never_misses_what_a_pattern_matches(
    before: str, after: str, secret: str
) -> None:
    for text in (before + secret + after, before + secret.swapcase() + after, before + after):
        for pattern in PATTERNS:
            if pattern.pattern.search(text):
                assert pattern.may_be_in(text, text.casefold()), pattern.kind


@given(
    st.recursive(
        st.text(max_size=9),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner),
        max_leaves=9,
    )
)
def test_any_value_stays_json_of_the_same_shape(value: Json) -> None:
    redaction = IncomingRedaction(key=KEY, personal=PERSONAL)

    kept = redacted(a_trace({"value": value}), redaction)

    json.loads(encode(kept.spans[0].attributes["value"]))


def test_names_of_attributes_stay_whatever_objects_they_are() -> None:
    """Decoders make a new string for every name; equal names must not be taken for redacted."""

    def a_span(number: int) -> Span:
        names = {"gen_ai.tool.name": "pay", "gen_ai.tool.call.arguments": f"sk-live{'4' * 30}"}
        fresh: dict[str, Json] = {"".join(list(name)): value for name, value in names.items()}
        return Span(
            id=f"{number:016x}", name="execute_tool pay", start_ns=1, end_ns=2, attributes=fresh
        )

    trace = Trace(id="ab" * 16, spans=tuple(a_span(n) for n in range(1, 5)), source="otlp")

    redacted = IncomingRedaction(key=b"k" * 32).redact(trace)

    for span in redacted.spans:
        assert {"gen_ai.tool.name", "gen_ai.tool.call.arguments"} <= set(span.attributes)
        assert REDACTED in span.attributes
        assert not [name for name in span.attributes if "(2)" in name]
