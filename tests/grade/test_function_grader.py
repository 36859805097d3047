"""A plain function as a grader: options by its keyword arguments, reasons by its docstring."""

from collections.abc import Callable
from typing import Any

import pytest

from roadworthy.base.codec import Json
from roadworthy.grade import Cause, Grade, Reading, Trial, Unmeasured, as_grader, registry
from roadworthy.grade.grade_trial import grade_trial
from roadworthy.grade.grader import Grader
from roadworthy.grade.options import build_grader, full_options
from roadworthy.records.grader_spec import BadOptions, GraderSpec
from roadworthy.records.trial import Ending
from roadworthy.testing import a_trial


@as_grader(version=3, needs="output", shorthand="limit")
def shouting(trial: Trial, *, limit: int = 3, mark: str = "!") -> bool:
    """The output has at most `limit` exclamation marks.

    Any other sign can be counted instead.
    """
    return str(trial.output).count(mark) <= limit


@as_grader(version=1, needs="trace")
async def used(trial: Trial, *, tool: str) -> Reading:
    """The agent called a tool."""
    assert trial.trace is not None
    for call in trial.trace.trajectory.agent_calls:
        if call.tool == tool:
            return Grade(passed=True, score=1.0, why="it did", evidence=(call.span,))
    return Grade(passed=False, score=0.0, why="it did not")


def asked(kind: Any, raw: Json) -> Grader:
    made: type[Grader] = kind
    return build_grader(made, full_options(made, raw))


def problems(kind: Any, raw: Json) -> list[tuple[str, str]]:
    with pytest.raises(BadOptions) as caught:
        asked(kind, raw)
    return [(one.place, one.message) for one in caught.value.problems]


async def test_a_function_that_says_yes_or_no_gives_its_docstring_as_the_reason() -> None:
    grader = shouting(limit=1)

    assert await grader.grade(a_trial(output="Done!")) == Grade(
        passed=True,
        score=1.0,
        why="holds: The output has at most `limit` exclamation marks",
    )
    failed = await grader.grade(a_trial(output="Done!!"))
    assert failed.why == "does not hold: The output has at most `limit` exclamation marks"


async def test_an_async_function_gives_its_own_reading() -> None:
    reading = await used(tool="pay").grade(a_trial(calls=[("pay", {})]))

    assert isinstance(reading, Grade)
    assert reading.passed
    assert len(reading.evidence) == 1


def test_it_is_a_grader_with_name_version_and_docs() -> None:
    kind: Any = shouting

    assert (shouting.name, shouting.version) == ("shouting", 3)
    assert isinstance(shouting(), Grader)
    assert kind.__doc__.startswith("The output has at most")
    assert kind.__module__ == __name__
    assert shouting(limit=2) == shouting(limit=2) != shouting(limit=3)


@pytest.mark.parametrize(
    ("raw", "output", "passed"),
    [(None, "a!!!", True), (2, "a!!!", False), ({"limit": 0, "mark": "?"}, "a!", True)],
)
async def test_its_options_are_read_from_a_suite(raw: Json, output: str, passed: bool) -> None:
    reading = await asked(shouting, raw).grade(a_trial(output=output))

    assert isinstance(reading, Grade)
    assert reading.passed is passed


def test_wrong_options_are_found_by_their_types_all_at_once() -> None:
    assert problems(shouting, {"limit": "x", "marks": "?"}) == [
        ("marks", "no such option"),
        ("limit", "expected a whole number, got text"),
    ]
    assert problems(used, {}) == [("tool", "is missing")]


async def test_where_there_is_nothing_to_look_at_the_function_is_not_asked() -> None:
    no_output = await shouting().grade(a_trial(ending=Ending.TIMEOUT))
    no_trace = await used(tool="pay").grade(a_trial(calls=None))

    assert isinstance(no_output, Unmeasured)
    assert no_output.cause is Cause.NO_OUTPUT
    assert isinstance(no_trace, Unmeasured)
    assert no_trace.cause is Cause.NO_TRACE


@pytest.mark.parametrize("result", [None, 1, "yes"])
async def test_a_function_that_gives_no_finding_has_measured_nothing(result: Any) -> None:
    @as_grader(version=1)
    def vague(trial: Trial) -> bool:
        return result  # type: ignore[no-any-return]  # that is the point

    spec = GraderSpec(grader="vague")
    (entry,) = await grade_trial([(spec, vague())], a_trial())

    assert isinstance(entry.reading, Unmeasured)
    assert entry.reading.cause is Cause.GRADER_ERROR


def _no_arguments() -> bool:
    return True


def _only_options(*, trial: Trial) -> bool:
    return bool(trial)


def _by_place(trial: Trial, limit: int = 3) -> bool:
    return bool(trial) and limit > 0


def _gathers(trial: Trial, **more: int) -> bool:
    return bool(trial) and bool(more)


def _untyped(trial: Trial, *, limit=3) -> bool:  # type: ignore[no-untyped-def]  # noqa: ANN001 - the point
    return bool(trial) and limit > 0


def _taken(trial: Trial, *, version: int = 3) -> bool:
    return bool(trial) and version > 0


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (_no_arguments, "takes no trial as its first argument"),
        (_only_options, "takes no trial as its first argument"),
        (_by_place, "write 'limit' after a *"),
        (_gathers, "write 'more' after a *"),
        (_untyped, "option 'limit' has no type"),
        (_taken, "'version' is a grader's own"),
    ],
)
def test_a_function_that_no_suite_could_ask_is_refused_where_it_is_written(
    function: Callable[..., bool], why: str
) -> None:
    with pytest.raises(TypeError, match=why.replace("*", r"\*")):
        as_grader(version=1)(function)


def test_a_bare_value_needs_an_option_to_go_to() -> None:
    with pytest.raises(TypeError, match="no option 'limits' for a bare value"):
        as_grader(version=1, shorthand="limits")(_no_options)


def _no_options(trial: Trial) -> bool:
    return bool(trial)


def test_a_function_without_the_decorator_is_refused_with_what_to_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Entry:
        name, value = "plain", "package:plain"

        def load(self) -> object:
            return _no_options

    monkeypatch.setattr(registry, "_offered", lambda: {"plain": Entry()})

    with pytest.raises(BadOptions) as caught:
        registry.find_grader("plain")

    assert caught.value.problems[0].hint == "put @as_grader(version=1) over a function"
