"""One item as an annotator sees it: what was asked, what happened, the answer, the question.

Blind: nothing here comes from a reading, a run, a version, a verdict or another annotator.
System messages are left out, since a prompt is part of a version; so are times, costs and
names of models.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final, Literal

import msgspec

from roadworthy.app.app import App
from roadworthy.app.judging.grader_check import grader_check
from roadworthy.app.reviewing.items import Item, item_name
from roadworthy.app.reviewing.questions import Questions
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.diagnose.path_steps import PathStep, Said, path_steps
from roadworthy.records.case import Case
from roadworthy.records.rubric import Rubric
from roadworthy.records.trace import Trace
from roadworthy.suite.load import find_suites, load_case
from roadworthy.suite.suite_folder import CASES

STEPS_SHOWN: Final = 800
_HIDDEN_ROLES: Final = frozenset(("system", "developer"))


class CriterionView(msgspec.Struct, frozen=True, kw_only=True):
    """One criterion of the rubric; `anchors` say what each answer means, worst first."""

    name: str
    question: str
    scale: str
    anchors: tuple[str, ...]
    required: bool


class QuestionView(msgspec.Struct, frozen=True, kw_only=True):
    """What the annotator is asked. An answer passes from `pass_mark` (0 to 1) on."""

    name: str
    pass_mark: float
    domain: str
    criteria: tuple[CriterionView, ...]


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """Something said (`role`, `text`) or a tool called (`tool` and what belongs to it)."""

    kind: Literal["said", "called"]
    role: str = ""
    text: str = ""
    tool: str = ""
    arguments: Json = None
    result: Json = None
    error: str | None = None


class ItemView(msgspec.Struct, frozen=True, kw_only=True):
    """One item. What is not known is `null`."""

    item: str
    question: QuestionView
    input: Json
    expected: Json
    policy: str | None
    steps: tuple[StepView, ...]
    steps_left_out: int
    answer: Json

    @property
    def input_is_told(self) -> bool:
        """Whether the steps begin with what the agent was asked."""
        first = next((one.text for one in self.steps if one.role == "user"), None)
        return self.input is None or first == self.input


def view_item(app: App, item: Item) -> ItemView:
    """What is shown of an item. Raises `UnknownName` where its rubric is gone."""
    asked = Questions(app).asked(item.run, item.planned, item.question)
    if asked is None:
        raise UnknownName(f"no rubric called {item.question!r} for this item")
    trace = _trace(app, item.result.trial.trace_id)
    steps = () if trace is None else tuple(_steps(trace))
    return ItemView(
        item=item_name(item.key, item.question),
        question=view_question(asked.rubric),
        input=_input(app, item, steps),
        expected=asked.expected,
        policy=asked.policy,
        steps=steps[:STEPS_SHOWN],
        steps_left_out=max(0, len(steps) - STEPS_SHOWN),
        answer=item.result.trial.output,
    )


def view_question(rubric: Rubric) -> QuestionView:
    """A rubric as an annotator reads it."""
    return QuestionView(
        name=rubric.name,
        pass_mark=rubric.min_score,
        domain=rubric.domain,
        criteria=tuple(
            CriterionView(
                name=one.name,
                question=one.question,
                scale=one.scale.value,
                anchors=one.anchors,
                required=one.required,
            )
            for one in rubric.criteria
        ),
    )


def _trace(app: App, trace_id: str | None) -> Trace | None:
    try:
        return None if trace_id is None else app.store.traces.load(trace_id)
    except UnknownName:
        return None


def _steps(trace: Trace) -> Iterator[StepView]:
    for step in path_steps(trace.trajectory):
        if not (isinstance(step, Said) and step.role.lower() in _HIDDEN_ROLES):
            yield _step(step)


def _step(step: PathStep) -> StepView:
    if isinstance(step, Said):
        return StepView(kind="said", role=step.role, text=step.text)
    return StepView(
        kind="called",
        tool=step.tool,
        arguments=step.arguments,
        result=step.result,
        error=step.error,
    )


def _input(app: App, item: Item, steps: tuple[StepView, ...]) -> Json:
    """The case's input as it was when it ran; else what the user said first, if it is known."""
    case = _case(app, item)
    if case is not None and case.digest == item.planned.digest:
        return case.input
    return next((one.text for one in steps if one.role == "user"), None)


def _case(app: App, item: Item) -> Case | None:
    """The case as its file has it now; `None`: there is none, or it cannot be read."""
    for folder in find_suites(app.project):
        files = {path.stem: path for path in (folder / CASES).glob("*.yaml")}
        if folder.name == item.run.suite and item.planned.id in files:
            with suppress(BadRequest):
                return load_case(files[item.planned.id], grader_check(app, folder))
    return None
