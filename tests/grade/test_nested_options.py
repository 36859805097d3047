"""Graders inside graders as they are written: full form, and everything wrong at its own place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.base.codec import Json
from roadworthy.grade.loop import Loop
from roadworthy.grade.part import MAX_DEPTH
from roadworthy.grade.registry import build, check_grader
from roadworthy.records.grader_spec import BadOptions, GraderSpec, OptionProblem


def problems(name: str, raw: Json) -> list[tuple[str, str, str | None]]:
    with pytest.raises(BadOptions) as caught:
        check_grader(name, raw)
    return [(p.place, p.message, p.hint) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("name", "raw", "full"),
    [
        ("not", "loop", {"grader": {"loop": {}}}),
        ("not", {"contains": "a"}, {"grader": {"contains": {"text": "a"}}}),
        ("not", {"grader": {"exact": 1}}, {"grader": {"exact": {"value": 1}}}),
        (
            "any",
            ["loop", {"not": {"number": 3}}],
            {"graders": [{"loop": {}}, {"not": {"grader": {"number": {"value": 3}}}}]},
        ),
        (
            "weighted",
            {
                "graders": [
                    {"grader": "loop"},
                    {"grader": {"regex": "a"}, "weight": 2, "required": True},
                ],
                "at_least": 0.5,
            },
            {
                "graders": [
                    {"grader": {"loop": {}}, "weight": 1.0},
                    {"grader": {"regex": {"pattern": "a"}}, "weight": 2.0, "required": True},
                ],
                "at_least": 0.5,
            },
        ),
    ],
)
def test_graders_inside_come_in_full_form(name: str, raw: Json, full: Json) -> None:
    assert check_grader(name, raw) == full
    assert check_grader(name, full) == full


def test_everything_wrong_inside_is_said_at_once_at_its_own_place() -> None:
    wrong = problems(
        "any",
        [
            {"contians": "x"},
            {"regex": "("},
            {"not": {"number": "x"}},
            {"all": []},
            3,
            {"exact": 1, "loop": {}},
            {"exact": 1, "required": False},
            {
                "weighted": {
                    "graders": [
                        {"grader": {"contains": ["a", ""]}, "wieght": 2},
                        {"weight": True},
                        {"grader": "loop", "weight": 0, "required": 1},
                        "loop",
                    ],
                    "at_least": 3,
                }
            },
        ],
    )

    assert [(place, message.partition(":")[0]) for place, message, _ in wrong] == [
        ("[0].contians", "no grader called 'contians'"),
        ("[1].regex.pattern", "is not a regular expression"),
        ("[2].not.number.value", "expected a number, got text"),
        ("[3].all", "names no grader"),
        ("[4]", "is no grader"),
        ("[5]", "asks for 2 graders at once"),
        ("[6]", "takes no `required`"),
        ("[7].weighted.graders[0].wieght", "no such option"),
        ("[7].weighted.graders[0].grader.contains.text[1]", "is empty, and found everywhere"),
        ("[7].weighted.graders[1].grader", "is missing"),
        ("[7].weighted.graders[1].weight", "is no number"),
        ("[7].weighted.graders[2].weight", "lies between 1e-06 and 1e+06, got 0"),
        ("[7].weighted.graders[2].required", "is true or false"),
        ("[7].weighted.graders[3]", "is no mapping"),
        ("[7].weighted.at_least", "lies above 0 and up to 1, got 3"),
    ]
    assert wrong[0][2] == "did you mean 'contains'?"


def test_graders_inside_one_another_end_somewhere() -> None:
    raw: Json = "loop"
    for _ in range(MAX_DEPTH - 2):
        raw = {"not": raw}
    assert build(GraderSpec(grader="all", options=check_grader("all", [raw]))).name == "all"

    assert problems("all", [{"not": raw}]) == [
        ("[0]", f"holds graders deeper than {MAX_DEPTH} inside one another", None)
    ]


def test_checking_a_deep_combination_builds_no_grader_more_often_than_it_is_deep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built = 0
    original = Loop.__post_init__

    def counted(self: Loop) -> None:
        nonlocal built
        built += 1
        original(self)

    def check(name: str, raw: Json) -> dict[str, Json]:
        return check_grader(name, raw, inner=check)

    raw: Json = "loop"
    for _ in range(MAX_DEPTH - 2):
        raw = {"not": raw}
    monkeypatch.setattr(Loop, "__post_init__", counted)

    check("not", raw)

    assert 0 < built <= MAX_DEPTH


def test_the_caller_may_check_and_complete_what_stands_inside() -> None:
    """As the judges of a project do: they pin the digest of a rubric."""

    def check(name: str, raw: Json) -> dict[str, Json]:
        if name != "rubric":
            return check_grader(name, raw, inner=check)
        options = check_grader(name, raw)
        if options["rubric"] == "unknown":
            raise BadOptions([OptionProblem(place="rubric", message="there is none")])
        return options | {"digest": "abc"}

    full = check("any", [{"not": {"rubric": "tone"}}])

    assert full == {
        "graders": [{"not": {"grader": {"rubric": {"rubric": "tone", "digest": "abc"}}}}]
    }
    with pytest.raises(BadOptions) as caught:
        check("any", [{"not": {"rubric": "unknown"}}, {"regex": "("}])
    assert [one.place for one in caught.value.problems] == [
        "[0].not.rubric.rubric",
        "[1].regex.pattern",
    ]


def asked(name: str, raw: Json) -> dict[str, Json] | BadOptions:
    try:
        return check_grader(name, raw)
    except BadOptions as error:
        return error


names = st.sampled_from(
    ["not", "any", "all", "weighted", "contains", "loop", "grader", "graders", ""]
)
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), names)
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(names, st.text(max_size=3)), inner, max_size=3),
        st.fixed_dictionaries({"grader": inner, "weight": inner}),
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.sampled_from(["not", "any", "all", "weighted"]), anything)
def test_whatever_is_written_is_a_grader_or_a_list_of_problems(name: str, raw: Json) -> None:
    found = asked(name, raw)

    if isinstance(found, BadOptions):
        assert found.problems
        assert all(one.message for one in found.problems)
    else:
        assert build(GraderSpec(grader=name, options=found)).name == name
