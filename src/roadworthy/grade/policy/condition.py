"""A condition over what happened: calls, messages, the call at hand, and what the case says.

Everything that is written in one condition must hold. What nobody can know makes it unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from roadworthy.base.codec import Json
from roadworthy.grade.policy.reference import Facts, Moment
from roadworthy.grade.policy.scene import Scene
from roadworthy.grade.policy.terms import hold, term_problems
from roadworthy.grade.policy.tool_names import Tools, names_tool
from roadworthy.grade.policy.truth import Truth, all_of, any_of, negated
from roadworthy.grade.regex import pattern_problem
from roadworthy.records.grader_spec import OptionProblem
from roadworthy.records.span import SpanId
from roadworthy.records.trajectory import ToolCall, parsed_arguments


class CallCondition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A call of `tool` that succeeded; of several that fit, the last one's result counts.

    `same` names arguments whose values are those of the call at hand; where the earlier call has
    no such argument, its result's value is taken.
    """

    tool: Tools
    arguments: dict[str, Json] = {}
    result: dict[str, Json] = {}
    same: tuple[str, ...] = ()
    failed: bool = False  # true: a call that failed is meant


class SaidCondition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message of a role in which `pattern` is found."""

    pattern: str
    by: Literal["user", "assistant", "system"] = "user"


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of what is set must hold."""

    called: CallCondition | None = None
    said: SaidCondition | None = None
    arguments: dict[str, Json] = {}  # of the call at hand
    facts: dict[str, Json] = {}
    attributes: dict[str, Json] = {}
    all: tuple["Condition", ...] | None = None
    any: tuple["Condition", ...] | None = None
    not_: "Condition | None" = msgspec.field(default=None, name="not")

    def problems(self, place: str) -> Iterator[OptionProblem]:
        """Everything that is wrong with the condition as written."""
        if self == Condition():
            yield OptionProblem(place=place, message="asks for nothing")
        for name in ("arguments", "facts", "attributes"):
            yield from term_problems(getattr(self, name), f"{place}.{name}")
        if self.called is not None:
            yield from term_problems(self.called.arguments, f"{place}.called.arguments")
            yield from term_problems(self.called.result, f"{place}.called.result")
        if self.said is not None and (wrong := pattern_problem(self.said.pattern)) is not None:
            yield OptionProblem(place=f"{place}.said.pattern", message=wrong)
        for name, inner in (("all", self.all), ("any", self.any)):
            for position, one in enumerate(inner or ()):
                yield from one.problems(f"{place}.{name}[{position}]")
        if self.not_ is not None:
            yield from self.not_.problems(f"{place}.not")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The part of a scene in which something must have happened, and the call at hand, if any."""

    scene: Scene
    facts: Facts
    since: int = 0
    until: int
    call: ToolCall | None = None

    @property
    def moment(self) -> Moment:
        """The end of the window."""
        return Moment(self.scene, self.until, self.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether a condition holds, and the spans that show it."""

    truth: Truth
    spans: tuple[SpanId, ...] = ()


def turning_points(condition: Condition, scene: Scene) -> list[int]:
    """Where the condition may come to hold: at the start, after what it speaks of."""
    return sorted({0, *_mentioned(condition, scene)})


def _mentioned(condition: Condition, scene: Scene) -> Iterator[int]:
    if condition.called is not None:
        tool = condition.called.tool
        yield from (place + 1 for place, call in scene.calls if names_tool(tool, call.tool))
    if condition.said is not None and scene.told:
        found = scene.saying(condition.said.pattern, condition.said.by)
        yield from (place + 1 for place, _ in found)
    inner = (*(condition.all or ()), *(condition.any or ()))
    for one in inner if condition.not_ is None else (*inner, condition.not_):
        yield from _mentioned(one, scene)


def answered(condition: Condition, window: Window) -> Answer:
    """Look for `condition` in the window."""
    parts = [*_simple(condition, window)]
    if condition.all is not None:
        parts += [answered(one, window) for one in condition.all]
    if condition.any is not None:
        parts.append(_any([answered(one, window) for one in condition.any]))
    if condition.not_ is not None:
        inner = answered(condition.not_, window)
        parts.append(Answer(truth=negated(inner.truth), spans=inner.spans))
    spans = tuple(span for part in parts for span in part.spans)
    return Answer(truth=all_of(part.truth for part in parts), spans=spans)


def _any(answers: list[Answer]) -> Answer:
    truth = any_of(answer.truth for answer in answers)
    spans = tuple(span for one in answers if one.truth is truth for span in one.spans)
    return Answer(truth=truth, spans=spans)


def _simple(condition: Condition, window: Window) -> Iterator[Answer]:
    at = window.moment
    if condition.called is not None:
        yield _called(condition.called, window)
    if condition.said is not None:
        yield _said(condition.said, window)
    if condition.arguments:
        given = None if window.call is None else parsed_arguments(window.call.arguments)
        absent = None if window.call is None else False
        yield Answer(truth=hold(condition.arguments, given, at, absent=absent))
    if condition.facts:
        yield Answer(truth=hold(condition.facts, dict(window.facts), at, absent=None))
    if condition.attributes:
        yield Answer(truth=_attributes(condition.attributes, at))


def _attributes(asked: Mapping[str, Json], at: Moment) -> Truth:
    """Names of attributes hold dots, so they are no paths."""
    truths: list[Truth] = []
    for name, constraint in asked.items():
        value = at.scene.attribute(name)
        truths.append(
            None if value is None else hold({"it": constraint}, {"it": value}, at, absent=None)
        )
    return all_of(truths)


def _said(asked: SaidCondition, window: Window) -> Answer:
    if not window.scene.told:
        return Answer(truth=None)
    found = window.scene.saying(asked.pattern, asked.by)
    spans = tuple(one.span for at, one in found if window.since <= at < window.until)
    return Answer(truth=bool(spans), spans=spans)


def _called(asked: CallCondition, window: Window) -> Answer:
    """The last call that fits; where it is unknown whether a later one does, nothing is known."""
    for place, call in reversed(_candidates(asked, window)):
        if not window.since <= place < window.until:
            continue
        if not names_tool(asked.tool, call.tool) or (call.error is not None) is not asked.failed:
            continue
        at = Moment(window.scene, place, window.facts)
        fits = hold(asked.arguments, call.arguments, at, absent=False)
        if fits is not False:
            truth = fits and hold(asked.result, call.result, at, absent=None)
            return Answer(truth=truth, spans=(call.span,))
    return Answer(truth=None if asked.same and window.call is None else False)


def _candidates(asked: CallCondition, window: Window) -> Sequence[tuple[int, ToolCall]]:
    if not asked.same:
        return window.scene.calls
    if window.call is None:
        return ()
    return window.scene.alike(asked.tool, asked.same, window.call)
