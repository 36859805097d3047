"""Asking for graders by name: options in every form, and everything wrong with them at once."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint, EntryPoints
from typing import ClassVar

import pytest
from ruamel.yaml import YAML

from roadworthy.base.codec import Json
from roadworthy.grade import Grade, Grader, Reading, Trial, registry
from roadworthy.grade.registry import BUILT_IN, build, check_grader, find_grader
from roadworthy.records.grader_spec import BadOptions, CheckGrader, GraderSpec

CHECK: CheckGrader = check_grader


def problems(name: str, raw: Json) -> list[tuple[str, str, str | None]]:
    with pytest.raises(BadOptions) as caught:
        check_grader(name, raw)
    return [(p.place, p.message, p.hint) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("name", "raw", "full"),
    [
        ("exact", "yes", {"value": "yes"}),
        ("exact", 3, {"value": 3}),
        ("exact", {"status": "ok"}, {"value": {"status": "ok"}}),
        ("exact", {"value": {"value": 1}}, {"value": {"value": 1}}),
        ("contains", "a", {"text": "a"}),
        ("contains", ["a", "b"], {"text": ["a", "b"]}),
        ("not_contains", "a", {"text": "a"}),
        ("regex", "^a", {"pattern": "^a"}),
        ("number", 4.5, {"value": 4.5}),
        ("number", {"value": 4, "tolerance": 1}, {"value": 4, "tolerance": 1}),
        ("json_schema", {"type": "object"}, {"schema": {"type": "object"}}),
        ("json_schema", {"schema": {"type": "object"}}, {"schema": {"type": "object"}}),
        ("loop", None, {}),
        ("loop", {"limit": 4}, {"limit": 4}),
        ("repeated_write", {"tools": ["pay"]}, {"tools": ["pay"]}),
        ("tool_errors", {}, {}),
        ("completed", None, {}),
        ("recorded_outcome", None, {}),
    ],
)
def test_shorthand_becomes_full_options(name: str, raw: Json, full: Json) -> None:
    assert CHECK(name, raw) == full


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("exact", None, ("value", "is missing", None)),
        ("contains", [], ("text", "names no text", None)),
        ("contains", ["a", ""], ("text[1]", "is empty, and found everywhere", None)),
        ("contains", 5, ("text", "expected text or a list, got a whole number", None)),
        ("number", "x", ("value", "expected a number, got text", None)),
        ("number", True, ("value", "expected a number, got true or false", None)),
        ("number", float("nan"), ("", "is no finite number", None)),
        ("similarity", "x", ("", "takes a mapping of options", "known: text, at_least, method")),
        ("completed", "x", ("", "takes a mapping of options", "it takes none")),
        ("completed", {"x": 1}, ("x", "no such option", "it takes none")),
        ("loop", {"limt": 2}, ("limt", "no such option", "did you mean 'limit'?")),
        ("loop", {"limit": 0}, ("limit", "is at least 1, got 0", None)),
        ("tool_errors", {"max": -1}, ("max", "is at least 0, got -1", None)),
        ("limits", {}, ("", "sets no limit", "known: allowed, forbidden, max_calls, per_tool")),
        (
            "limits",
            {"allowed": []},
            ("", "sets no limit", "to allow no call at all, write max_calls: 0"),
        ),
        (
            "limits",
            {"allowed": ["a"], "forbidden": ["a"]},
            ("forbidden", "'a' is both allowed and forbidden", None),
        ),
        (
            "limits",
            {"per_tool": {"a": "x"}},
            ("per_tool.*", "expected a whole number, got text", None),
        ),
        (
            "limits",
            {"max_calls": 1.5},
            ("max_calls", "expected a whole number or nothing, got a number", None),
        ),
        ("exakt", 1, ("", "no grader called 'exakt'", "did you mean 'exact'?")),
        (
            "json_schema",
            {"type": "objekt"},
            ("schema.type", "'objekt' is not valid under any of the given schemas", None),
        ),
        (
            "json_schema",
            {"$ref": "https://x.example/s"},
            ("schema.$ref", "refers to 'https://x.example/s', and nothing is fetched", None),
        ),
        (
            "json_schema",
            {"$ref": "#/$defs/x"},
            ("schema.$ref", "refers to '#/$defs/x', which the schema does not hold", None),
        ),
    ],
)
def test_an_option_that_is_wrong_is_named_with_what_to_do(
    name: str, raw: Json, expected: tuple[str, str, str | None]
) -> None:
    assert problems(name, raw) == [expected]


def test_a_pattern_that_does_not_compile_is_found_when_the_suite_is_loaded() -> None:
    ((place, message, _),) = problems("regex", "(")

    assert place == "pattern"
    assert message.startswith("is not a regular expression: ")


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = problems(
        "trajectory",
        {
            "mode": "sub_sequence",
            "calls": [
                {"tol": "get"},
                {"tool": "pay"},
                {"tool": 5},
            ],
            "min_score": 2,
            "order": True,
        },
    )

    assert wrong == [
        ("order", "no such option", "did you mean 'mode'?"),
        (
            "mode",
            "expected one of strict, subsequence, any_order, subset, got 'sub_sequence'",
            "did you mean 'subsequence'?",
        ),
        ("calls[0].tol", "no such option", "did you mean 'tool'?"),
        ("calls[2].tool", "expected text, got a whole number", None),
        ("min_score", "lies above 0 and up to 1, got 2", None),
    ]


def test_a_wrong_choice_hides_no_other_error() -> None:
    calls: Json = [{"tool": "pay", "arguments": {"n": {"$betwen": [1, 2]}}}]

    assert [place for place, _, _ in problems("trajectory", {"mode": "any", "calls": calls})] == [
        "mode",
        "calls[0].arguments.n",
    ]


def test_constraints_are_checked_with_the_rest() -> None:
    calls: Json = [
        {"tool": "", "arguments": {"n": {"$betwen": [1, 2]}, "m": {"$between": [2, 1]}}},
        {"tool": "a", "arguments": {"x": {"$regex": "("}, "y": {"$any": True, "$absent": True}}},
        {"tool": "a", "arguments": {"x": [{"id": {"$any": True}}], "y": {"$approx": 3}}},
        {
            "tool": "a",
            "arguments": {"x": {"$one_of": []}, "y": {"$contains": ""}, "z": {"$any": 1}},
        },
    ]

    wrong = problems("trajectory", {"mode": "strict", "calls": calls, "min_score": 0})

    assert [place for place, _, _ in wrong] == [
        "calls[0].tool",
        "calls[0].arguments.n",
        "calls[0].arguments.m.$between",
        "calls[1].arguments.x.$regex",
        "calls[1].arguments.y",
        "calls[2].arguments.x[0].id",
        "calls[2].arguments.y.$approx",
        "calls[3].arguments.x.$one_of",
        "calls[3].arguments.y.$contains",
        "calls[3].arguments.z.$any",
        "min_score",
    ]
    assert wrong[1][2] == "did you mean '$between'?"


def test_an_expectation_that_nothing_can_fail_is_refused() -> None:
    for mode in ("subsequence", "any_order"):
        ((place, _, _),) = problems("trajectory", {"mode": mode, "calls": []})
        assert place == "calls"
    assert check_grader("trajectory", {"mode": "strict", "calls": []})


def test_options_may_come_straight_from_yaml() -> None:
    raw = YAML().load("value: 1.50\ntolerance: 0.1\n")

    options = check_grader("number", raw)

    assert options == {"value": 1.5, "tolerance": 0.1}
    assert type(options["value"]) is float


def test_a_yaml_date_or_a_number_as_a_key_is_refused_by_name() -> None:
    assert problems("exact", YAML().load("on: {day: 2026-01-02}"))[0][:2] == (
        "on.day",
        "is a date; put it in quotes to mean text",
    )
    assert problems("exact", YAML().load("{1: 2}"))[0][1].startswith("has the name '1'")


def test_options_that_contain_themselves_are_refused() -> None:
    raw: list[Json] = []
    raw.append(raw)

    assert problems("exact", raw)[0][1] == "is nested deeper than 64"


def test_every_grader_is_built_from_its_checked_options_and_carries_its_name() -> None:
    for name, kind in BUILT_IN.items():
        assert kind.name == name
        assert kind.version >= 1
    grader = build(GraderSpec(grader="loop", options=check_grader("loop", {"limit": 5})))
    assert isinstance(grader, Grader)
    assert grader.name == "loop"


@dataclass(frozen=True, kw_only=True)
class Polite:
    """A third party's grader."""

    least: int = 1
    name: ClassVar[str] = "polite"
    version: ClassVar[int] = 3

    def __post_init__(self) -> None:
        if self.least < 0:
            raise ValueError("least counts from 0")

    async def grade(self, trial: Trial) -> Reading:
        count = str(trial.output).count("please")
        return Grade(passed=count >= self.least, score=1.0, why=f"{count} times please")


def offer(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    points = [EntryPoint(n, v, "roadworthy.graders") for n, v in values.items()]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: EntryPoints(points))
    registry._offered.cache_clear()
    monkeypatch.setattr(EntryPoint, "load", _load)


def _load(entry: EntryPoint) -> object:
    if entry.value == "polite:Polite":
        return Polite
    if entry.value == "polite:count":
        return len
    raise ImportError("no module named rude")


def test_an_installed_package_may_offer_graders(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, polite="polite:Polite")

    assert check_grader("polite", {"least": 2}) == {"least": 2}
    assert problems("polite", {"least": "x"})[0][0] == "least"
    assert problems("polite", {"least": -1}) == [("", "least counts from 0", None)]
    assert problems("polit", None)[0][2] == "did you mean 'polite'?"


def test_an_offered_grader_that_cannot_be_loaded_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer(monkeypatch, rude="rude:Rude", count="polite:count")

    assert "'rude' (rude:Rude) cannot be loaded" in problems("rude", None)[0][1]
    assert "is no class with name, version and grade" in problems("count", None)[0][1]


def test_packages_are_not_searched_for_a_built_in_name(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, exact="rude:Rude")

    assert find_grader("exact") is BUILT_IN.get("exact")


@pytest.fixture(autouse=True)
def _forget_offers() -> None:
    registry._offered.cache_clear()
