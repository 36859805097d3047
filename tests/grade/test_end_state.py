"""What must be true of the world after a trial, graded from what was seen and stored."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.codec import Json, decode, encode
from roadworthy.grade.end_state import EndState
from roadworthy.grade.grade_trial import grade_trial
from roadworthy.grade.registry import build, check_grader
from roadworthy.grade.value_path import at_path, parse_path
from roadworthy.records.grader_spec import BadOptions, GraderSpec
from roadworthy.records.reading import Cause, Grade, Reading, Unmeasured
from roadworthy.records.trial import Ending, Observation, Trial
from roadworthy.testing import a_trial

ORDERS: Json = [{"id": 7, "status": "cancelled", "usd": 12.5}]


def a_trial_that_left(*seen: Observation, ending: Ending = Ending.COMPLETED) -> Trial:
    return msgspec.structs.replace(a_trial(ending=ending), end_state=seen)


async def graded(expected: Json, value: Json) -> Reading:
    grader = EndState(expect={"orders": expected})
    return await grader.grade(a_trial_that_left(Observation(name="orders", value=value)))


@pytest.mark.parametrize(
    "expected",
    [
        ORDERS,
        [{"usd": 12.5, "status": "cancelled", "id": 7.0}],
        {"[0].status": "cancelled"},
        {"[0].status": {"$regex": "^cancel"}, "[0].usd": {"$between": [10, 20]}},
        {"[1]": {"$absent": True}, "[0].refund": {"$absent": True}},
        {'[0]["id"]': {"$one_of": [6, 7]}},
        {"$contains": {"id": 7, "status": "cancelled", "usd": 12.5}},
    ],
)
async def test_what_is_as_it_must_be_passes(expected: Json) -> None:
    reading = await graded(expected, ORDERS)

    assert isinstance(reading, Grade)
    assert reading.passed
    assert (reading.score, reading.parts) == (1.0, {"orders": 1.0})
    assert reading.why == "the end state is as expected (1 look)"


@pytest.mark.parametrize(
    ("expected", "value", "why"),
    [
        ([], ORDERS, 'orders: expected [], saw [{"id":7,"status":"cancelled","usd":12.5}]'),
        ({"[0].status": "open"}, ORDERS, 'orders at [0].status: expected "open", saw "cancelled"'),
        ({"[1].id": 8}, ORDERS, "orders at [1].id: expected 8, saw nothing there"),
        ({"[0].id": {"$absent": True}}, ORDERS, "orders at [0].id: expected no such argument"),
        (None, False, "orders: expected null, saw false"),
        ({"text": "x"}, {"exists": False}, 'orders at text: expected "x", saw no such file'),
        (
            {"json.total": 5},
            {"exists": True, "problem": "not JSON"},
            "orders at json.total: expected 5, saw nothing there (not JSON)",
        ),
        ({"a": 1}, {"a": "\x1b[2J"}, 'orders at a: expected 1, saw "\\x1b[2J"'),
    ],
)
async def test_what_is_not_as_it_must_be_fails_and_says_where(
    expected: Json, value: Json, why: str
) -> None:
    reading = await graded(expected, value)

    assert isinstance(reading, Grade)
    assert not reading.passed
    assert reading.why.startswith(why)
    assert reading.details["breaches"]


@pytest.mark.parametrize(
    "seen", [(), (Observation(name="orders", error="there is no database 'shop.db'"),)]
)
async def test_what_could_not_be_looked_at_is_unmeasured(seen: tuple[Observation, ...]) -> None:
    reading = await EndState(expect={"orders": []}).grade(a_trial_that_left(*seen))

    assert isinstance(reading, Unmeasured)
    assert reading.cause is Cause.NO_END_STATE
    assert reading.why.startswith("orders: ")


async def test_a_breach_that_was_seen_fails_whatever_could_not_be_seen() -> None:
    grader = EndState(expect={"orders": [], "mail": True, "log": True})
    trial = a_trial_that_left(
        Observation(name="orders", value=ORDERS),
        Observation(name="mail", value=True),
        Observation(name="log", error="it took longer than 5 s"),
    )

    reading = await grader.grade(trial)

    assert isinstance(reading, Grade)
    assert not reading.passed
    assert reading.parts == {"orders": 0.0, "mail": 1.0}
    assert reading.score == 1 / 3
    assert reading.details["unseen"] == ["log: it took longer than 5 s"]


async def test_an_agent_that_crashed_is_still_held_to_what_it_left() -> None:
    trial = a_trial_that_left(Observation(name="orders", value=[]), ending=Ending.AGENT_ERROR)

    reading = await EndState(expect={"orders": []}).grade(trial)

    assert isinstance(reading, Grade)
    assert reading.passed


async def test_a_stored_trial_is_graded_again_without_another_look() -> None:
    trial = a_trial_that_left(Observation(name="orders", value=ORDERS))
    stored = decode(Trial, encode(msgspec.structs.replace(trial, trace=None)))
    spec = GraderSpec(grader="end_state", options={"expect": {"orders": {"[0].id": 8}}})

    (reading,) = await grade_trial([(spec, build(spec))], stored)

    assert isinstance(reading.reading, Grade)
    assert not reading.reading.passed


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"expect": {}}, "expect: expects nothing"),
        ({"expect": {"orders": {}}}, "expect.orders: names no place, so it expects nothing"),
        ({"expect": {"orders": {"$regxe": "x"}}}, "expect.orders: no operator called '$regxe'"),
        ({"expect": {"orders": {"a..b": 1}}}, "expect.orders: 'a..b' is no place in a value"),
        ({"expect": {"orders": {"a": {"$between": [2, 1]}}}}, "expect.orders.a.$between: runs"),
        ({"expect": {"orders": {"$any": True, "a": 1}}}, "expect.orders: takes one operator"),
    ],
)
def test_an_expectation_that_makes_no_sense_is_refused(options: Json, problem: str) -> None:
    with pytest.raises(BadOptions) as refused:
        check_grader("end_state", options)

    assert str(refused.value).startswith(problem)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@given(text=st.text(alphabet='ab.[]"01 ', max_size=12), value=JSON)
def test_any_text_is_a_path_or_none_and_any_path_can_be_followed(text: str, value: Json) -> None:
    steps = parse_path(text)

    assert steps is None or at_path(value, steps)[1] in (True, False)


@given(keys=st.lists(st.text(alphabet="ab.- ", min_size=1, max_size=4), min_size=1, max_size=4))
def test_a_quoted_path_leads_to_what_was_put_there(keys: list[str]) -> None:
    value: Json = "here"
    for key in reversed(keys):
        value = {key: value}

    steps = parse_path("".join(f'["{key}"]' for key in keys))

    assert steps == tuple(keys)
    assert at_path(value, steps) == ("here", True)


@pytest.mark.parametrize("text", ["", ".a", "a.", "a b.", "[x]", "[-1]", "a[", '[""]', "[0]b"])
def test_what_is_no_path_is_refused(text: str) -> None:
    assert parse_path(text) is None
