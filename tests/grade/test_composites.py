"""`not`, `all`, `any` and `weighted`: three-valued logic, bounds, and what is told of the parts."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.codec import Json
from roadworthy.grade import Cause, Grade, Grader, Reading, Trial, Unmeasured
from roadworthy.grade.compose.all_any import AllOf, AnyOf
from roadworthy.grade.compose.negation import Not
from roadworthy.grade.compose.weighted import Weighted, WeightedPart
from roadworthy.grade.grade_trial import grade_trial
from roadworthy.grade.judge.rubric_grader import bind
from roadworthy.grade.judge.spent import spent_on
from roadworthy.grade.part import Part
from roadworthy.grade.registry import BUILT_IN, build, check_grader
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.reading import TrialReading
from roadworthy.records.trial import Ending
from roadworthy.testing import a_call, a_trial, span_ids
from roadworthy.testing.judge_fakes import ScriptedJudge, ScriptedJudges

LIMIT = 1e-9


@dataclass(frozen=True, kw_only=True)
class Says:
    """Gives the reading that it is told to."""

    reading: Reading
    name: ClassVar[str] = "says"
    version: ClassVar[int] = 1

    async def grade(self, trial: Trial) -> Reading:
        return self.reading


OPEN = Unmeasured(cause=Cause.NO_TRACE, why="the trial left no spans to read")
GOOD = Grade(passed=True, score=1.0, why="it is there")
BAD = Grade(passed=False, score=0.0, why="it is missing")


def part(reading: Reading) -> Part:
    return Part(name="says", options={}, grader=Says(reading=reading))


def read(grader: Grader) -> Reading:
    return asyncio.run(grader.grade(a_trial(calls=None)))


def every(*readings: Reading) -> AllOf:
    return AllOf(graders=tuple(part(one) for one in readings))


def either(*readings: Reading) -> AnyOf:
    return AnyOf(graders=tuple(part(one) for one in readings))


def weighted(at_least: float, *parts: tuple[float, Reading, bool]) -> Weighted:
    made = [
        WeightedPart(part=part(reading), weight=weight, required=required)
        for weight, reading, required in parts
    ]
    return Weighted(graders=tuple(made), at_least=at_least)


def truth(reading: Reading) -> bool | None:
    return reading.passed if isinstance(reading, Grade) else None


async def graded(name: str, raw: Json, trial: Trial) -> TrialReading:
    spec = GraderSpec(grader=name, options=check_grader(name, raw))
    (entry,) = await grade_trial([(spec, build(spec))], trial)
    return entry


scores = st.floats(0, 1)
grades = st.builds(Grade, passed=st.booleans(), score=scores, why=st.just("so"))
readings = st.one_of(grades, st.just(OPEN))
some_readings = st.lists(readings, min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("readings", "all_of", "any_of"),
    [
        ((GOOD, GOOD), True, True),
        ((GOOD, BAD), False, True),
        ((BAD, BAD), False, False),
        ((GOOD, OPEN), None, True),
        ((BAD, OPEN), False, None),
        ((OPEN, OPEN), None, None),
    ],
)
def test_what_is_unmeasured_counts_only_where_it_could_change_the_outcome(
    readings: tuple[Reading, ...], all_of: bool | None, any_of: bool | None
) -> None:
    assert truth(read(every(*readings))) is all_of
    assert truth(read(either(*readings))) is any_of


@given(readings)
def test_not_turns_a_grade_round_and_leaves_the_unmeasured_as_it_is(reading: Reading) -> None:
    turned = read(Not(grader=part(reading)))

    if isinstance(reading, Unmeasured):
        assert isinstance(turned, Unmeasured)
        assert turned.cause is reading.cause
    else:
        assert isinstance(turned, Grade)
        assert turned.passed is not reading.passed
        assert turned.score == pytest.approx(1 - reading.score)


@given(some_readings)
def test_none_holds_exactly_when_all_fail(found: list[Reading]) -> None:
    """De Morgan's law, on verdicts and on scores."""
    not_any = read(Not(grader=Part(name="any", options={}, grader=either(*found))))
    turned = [read(Not(grader=part(one))) for one in found]
    all_not = read(every(*turned))

    assert truth(not_any) is truth(all_not)
    if isinstance(not_any, Grade) and isinstance(all_not, Grade):
        assert not_any.score == pytest.approx(all_not.score)


@given(
    st.lists(st.tuples(st.floats(0.01, 100), readings, st.booleans()), min_size=1, max_size=6),
    st.floats(0.01, 1),
    st.lists(grades, min_size=6, max_size=6),
)
def test_a_weighted_grade_stays_whatever_the_unmeasured_parts_turn_out_to_be(
    parts: list[tuple[float, Reading, bool]], at_least: float, later: list[Grade]
) -> None:
    before = read(weighted(at_least, *parts))
    filled = [
        (weight, turned if isinstance(found, Unmeasured) else found, required)
        for (weight, found, required), turned in zip(parts, later, strict=False)
    ]
    after = read(weighted(at_least, *filled))

    assert isinstance(after, Grade)
    if isinstance(before, Grade):
        assert before.passed is after.passed
        assert before.score <= after.score + LIMIT


@given(st.lists(st.tuples(st.floats(0.01, 100), grades), min_size=1, max_size=6))
def test_a_weighted_score_lies_between_the_lowest_and_the_highest(
    parts: list[tuple[float, Grade]],
) -> None:
    whole = read(weighted(0.5, *((weight, one, False) for weight, one in parts)))

    assert isinstance(whole, Grade)
    measured = [one.score for _, one in parts]
    assert min(measured) - LIMIT <= whole.score <= max(measured) + LIMIT


def test_a_part_that_is_required_fails_the_whole_and_one_that_is_not_only_weighs() -> None:
    good, bad = (9.0, GOOD), (1.0, BAD)

    assert truth(read(weighted(0.8, (*good, False), (*bad, False)))) is True
    failed = read(weighted(0.8, (*good, False), (*bad, True)))
    assert truth(failed) is False
    assert failed.why == "required, and fails: says 2: it is missing"
    assert truth(read(weighted(0.8, (*good, False), (1.0, OPEN, True)))) is None


def test_weight_that_is_unmeasured_leaves_the_whole_open_only_when_it_could_decide() -> None:
    assert truth(read(weighted(0.5, (1, GOOD, False), (3, OPEN, False)))) is None
    assert truth(read(weighted(0.9, (1, BAD, False), (3, OPEN, False)))) is False
    passed = read(weighted(0.7, (3, GOOD, False), (1, OPEN, False)))
    assert isinstance(passed, Grade)
    assert (passed.passed, passed.score) == (True, 0.75)
    assert passed.why == "0.75 earned, at least 0.7 expected; 25% of the weight is unmeasured"


def test_ten_tenths_make_a_whole() -> None:
    assert truth(read(weighted(1.0, *((0.1, GOOD, False) for _ in range(10))))) is True


@pytest.mark.parametrize(
    ("raw", "output", "why"),
    [
        ({"all": ["completed", {"contains": "a"}]}, "a", "all 2 hold"),
        (
            {"all": ["completed", {"contains": "a"}]},
            "b",
            'contains: "a" is not in the output (0 of 1 found)',
        ),
        ({"any": [{"exact": "a"}, {"number": 3}]}, "3", "number: the output states 3"),
        (
            {"any": [{"exact": "a"}, {"exact": "b"}]},
            "c",
            'none of 2 holds: exact 1: expected "a", got "c"; exact 2: expected "b", got "c"',
        ),
        (
            {"not": {"contains": "sorry"}},
            "sorry!",
            "this must not hold, and does: contains: the expected text is in the output",
        ),
    ],
)
async def test_the_reason_says_which_part_decided(raw: Json, output: str, why: str) -> None:
    assert isinstance(raw, dict)
    ((name, options),) = raw.items()

    assert (await graded(name, options, a_trial(output=output))).reading.why == why


async def test_evidence_is_joined_and_every_part_is_told_with_its_version() -> None:
    trial = a_trial(calls=[a_call("pay", error="no", step=1), a_call("pay", step=2)])

    entry = await graded("all", [{"limits": {"max_calls": 1}}, "tool_errors"], trial)

    assert isinstance(entry.reading, Grade)
    assert set(entry.reading.evidence) <= set(span_ids(trial))
    assert len(entry.reading.evidence) == 2
    assert entry.reading.parts == {"limits": 0.0, "tool_errors": 0.5}
    told = entry.reading.details["parts"]
    assert isinstance(told, list)
    assert [row["grader"] for row in told if isinstance(row, dict)] == [
        f"{name}@{BUILT_IN.get(name).version}" for name in ("limits", "tool_errors")
    ]


async def test_a_part_that_raises_has_measured_nothing_and_the_others_still_count() -> None:
    slow: Json = {"similarity": {"text": "x" * 1000, "at_least": 0.5, "method": "partial"}}
    trial = a_trial(output="y" * 100_000)

    assert truth((await graded("all", [slow, "completed"], trial)).reading) is None
    assert truth((await graded("any", [slow, "completed"], trial)).reading) is True


async def test_an_agent_that_was_stopped_leaves_a_combination_of_output_graders_unmeasured() -> (
    None
):
    trial = a_trial(ending=Ending.TIMEOUT)

    reading = (await graded("not", {"any": [{"contains": "a"}, {"exact": "b"}]}, trial)).reading

    assert isinstance(reading, Unmeasured)
    assert reading.cause is Cause.NO_OUTPUT
    assert reading.why.startswith("left open by any: left open by contains: the agent ran out of")


async def test_a_new_version_of_a_grader_inside_makes_readings_of_the_whole_incomparable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options: Json = {"graders": [{"not": {"contains": "a"}}]}
    before = await graded("any", options, a_trial())
    again = await graded("any", options, a_trial())

    monkeypatch.setattr("roadworthy.grade.contains.Contains.version", 2)
    after = await graded("any", options, a_trial())

    assert before.options == again.options != ""
    assert (before.grader, before.version) == (after.grader, after.version)
    assert before.options != after.options


async def test_ways_of_writing_the_same_parts_are_comparable() -> None:
    short = await graded("any", [{"contains": "a"}, "loop"], a_trial())
    full = await graded("any", {"graders": [{"contains": {"text": "a"}}, {"loop": {}}]}, a_trial())

    assert short.options == full.options


def judged(score: float) -> tuple[ScriptedJudge, ScriptedJudges]:
    judge = ScriptedJudge(says=lambda *_: score)
    return judge, ScriptedJudges(judges=[judge])


RUBRIC: Json = {"rubric": {"rubric": "test"}}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("not", {"grader": RUBRIC}),
        ("all", {"graders": ["completed", RUBRIC]}),
        ("any", {"graders": [{"exact": "other"}, {"not": RUBRIC}]}),
        ("weighted", {"graders": [{"grader": {"all": [RUBRIC]}}], "at_least": 0.5}),
    ],
)
async def test_a_judge_inside_is_bound_asked_and_named_as_the_instrument(
    name: str, options: dict[str, Json]
) -> None:
    judge, judges = judged(1.0)
    spec = GraderSpec(grader=name, options=options)
    alone = bind(build(GraderSpec(grader="rubric", options={"rubric": "test"})), judges)

    (entry,) = await grade_trial([(spec, bind(build(spec), judges))], a_trial())

    assert isinstance(entry.reading, Grade)
    assert len(judge.asked) == 1
    assert entry.instrument == getattr(alone, "instrument", None) != ""


async def test_without_judges_a_part_that_needs_them_is_unmeasured() -> None:
    reading = (await graded("all", ["completed", RUBRIC], a_trial())).reading

    assert isinstance(reading, Unmeasured)
    assert reading.cause is Cause.JUDGE_UNAVAILABLE


@pytest.mark.parametrize(("name", "output", "asked"), [("any", "yes", 0), ("any", "no", 1)])
async def test_a_judge_is_asked_only_while_the_outcome_is_open(
    name: str, output: str, asked: int
) -> None:
    judge, judges = judged(1.0)
    spec = GraderSpec(grader=name, options={"graders": [RUBRIC, {"exact": "yes"}]})

    (entry,) = await grade_trial([(spec, bind(build(spec), judges))], a_trial(output=output))

    assert truth(entry.reading) is True
    assert len(judge.asked) == asked


def test_what_judges_inside_spent_is_added_up() -> None:
    spent: dict[str, Json] = {"spent": {"tokens": 100, "cost_usd": 0.25}}
    costly = Grade(passed=True, score=1.0, why="so", details=spent)
    whole = read(every(costly, GOOD, costly))

    entry = TrialReading(grader="all", version=1, reading=whole, instrument="test")

    assert (spent_on([entry]).input_tokens, spent_on([entry]).cost_usd) == (200, 0.5)
