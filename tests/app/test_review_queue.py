"""The review queue over stored runs: which trials, by which rubric, what is kept of a label."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.judging.rubrics import load_rubric
from roadworthy.app.reviewing.review import annotator_named, label_item, next_item
from roadworthy.app.reviewing.scope import ReviewScope
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.grade.judge.instrument import rubric_digest
from roadworthy.grade.registry import check_grader
from roadworthy.grade.review_sampling import Drawn, draw_of
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.label import Labeller
from roadworthy.records.trial import Ending
from roadworthy.records.trial_result import TrialResult
from roadworthy.suite.load import load_case
from roadworthy.testing import a_case, a_run, a_trial

if TYPE_CHECKING:
    from tests.app.conftest import Project

ALL = ReviewScope()
OWN = """
    name: amount
    min_score: 1
    criteria:
      - name: says_how_much
        question: Does it name the amount?
"""


def a_rubric_grader(rubric: str = "correctness", **options: Json) -> GraderSpec:
    return GraderSpec(grader="rubric", options={"rubric": rubric, **options})


def stored(
    app: App,
    name: str = "run",
    *,
    repeats: int = 4,
    graders: Sequence[GraderSpec] = (),
    suite: str = "main",
    output: Json = "It is sent.",
    ending: Ending = Ending.COMPLETED,
) -> None:
    """A run of one case, `hello`, with so many trials."""
    case = a_case("hello", graders=graders)
    run = replace(a_run(name, cases=[case], repeats=repeats), suite=suite)
    app.store.runs.create(run)
    trials = [
        a_trial(output=output, case="hello", run=name, repeat=n, ending=ending)
        for n in range(repeats)
    ]
    app.store.runs.append([TrialResult(trial=trial, readings=()) for trial in trials])


def everything(app: App, annotator: str, scope: ReviewScope = ALL) -> list[str]:
    """Names of all items that an annotator is shown, each passed."""
    names = []
    while (found := next_item(app, scope, annotator)).item is not None:
        names.append(found.item.item)
        label_item(app, found.item.item, "pass", annotator=annotator)
    return names


def test_every_trial_with_an_answer_is_shown_once(app: App) -> None:
    stored(app, "one")
    stored(app, "two")

    names = everything(app, "ann")

    assert len(set(names)) == len(names) == 8
    assert not any("one" in name or "two" in name for name in names)


@pytest.mark.parametrize(
    ("output", "ending"),
    [("", Ending.COMPLETED), (None, Ending.COMPLETED), ("late", Ending.TIMEOUT)],
)
def test_trials_without_an_answer_are_not_shown(app: App, output: Json, ending: Ending) -> None:
    stored(app, output=output, ending=ending)

    found = next_item(app, ALL, "ann")

    assert found.item is None
    assert found.progress.left == 0


def test_a_scope_keeps_to_its_run_and_suite(app: App) -> None:
    stored(app, "one", suite="main")
    stored(app, "two", suite="other", repeats=2)

    assert len(everything(app, "ann", ReviewScope(run="two"))) == 2
    assert len(everything(app, "bob", ReviewScope(suite="main"))) == 4
    assert next_item(app, ReviewScope(run="one", suite="other"), "cy").item is None


@pytest.mark.parametrize(
    "scope",
    [ReviewScope(run="nun"), ReviewScope(suite="mani"), ReviewScope(question="corectness")],
)
def test_a_name_that_nothing_answers_to_is_an_error(app: App, scope: ReviewScope) -> None:
    stored(app)

    with pytest.raises(UnknownName) as refused:
        next_item(app, scope, "ann")

    assert refused.value.hint


def test_the_question_is_the_one_that_graders_ask(app: App, project: "Project") -> None:
    project.write("evals/main/rubrics/amount.yaml", OWN)
    asked = a_rubric_grader("rubrics/amount.yaml", expected="40 EUR", policy="Be exact.")
    stored(
        app, graders=[GraderSpec(grader="any", options={"graders": [{"rubric": asked.options}]})]
    )

    found = next_item(app, ALL, "ann")

    assert found.question == "amount"
    assert found.item is not None
    assert found.item.expected == "40 EUR"
    assert found.item.policy == "Be exact."
    assert [one.name for one in found.item.question.criteria] == ["says_how_much"]


def test_a_rubric_of_one_suite_is_not_asked_of_another(app: App, project: "Project") -> None:
    project.write("evals/main/rubrics/amount.yaml", OWN)
    stored(app, "one", graders=[a_rubric_grader("rubrics/amount.yaml")])
    stored(app, "two", suite="other")

    assert len(everything(app, "ann", ReviewScope(question="amount"))) == 4


def test_a_rubric_that_is_gone_asks_nothing(app: App) -> None:
    stored(app, graders=[a_rubric_grader("rubrics/gone.yaml")])

    assert next_item(app, ALL, "ann").question == "correctness"


def test_a_label_keeps_why_it_was_shown_and_what_was_read(app: App) -> None:
    stored(app, repeats=30, graders=[a_rubric_grader()])

    names = everything(app, "ann")

    labels = app.store.labels.list()
    shares = {label.item: draw_of(label.item, "correctness", 0).audit for label in labels}
    assert len(names) == len(labels) == 30
    for label in labels:
        assert (label.drawn == Drawn.AUDIT) is (shares[label.item] < 0.5)
        assert label.domain == "main"
        assert label.made_by is Labeller.HUMAN
        assert label.rubric == rubric_digest(load_rubric("correctness", None))
        assert label.slices == {"tier": "standard", "kind": "regression"}
        assert label.trace_id is not None
    assert {label.drawn for label in labels} == {Drawn.AUDIT, Drawn.STRATUM}


def test_saying_the_same_again_adds_nothing_and_another_answer_counts_instead(app: App) -> None:
    stored(app)
    shown = next_item(app, ALL, "ann").item
    assert shown is not None

    said = [
        label_item(app, shown.item, answer, annotator="ann").is_new
        for answer in ("pass", "pass", "fail", "pass")
    ]

    assert said == [True, False, True, True]
    assert [label.value for label in app.store.labels.list()] == ["pass", "fail", "pass"]
    assert next_item(app, ALL, "ann").progress.labelled == 1


def test_the_first_message_stands_in_for_a_case_that_has_changed(
    app: App, project: "Project"
) -> None:
    project.case("hello", "another question")
    stored(app)

    found = next_item(app, ALL, "ann").item

    assert found is not None
    assert found.input == "What is the state of my order?"


def test_what_was_asked_is_told_where_the_conversation_leaves_it_out(
    app: App, project: "Project"
) -> None:
    case = load_case(project.case("hello", "Where is it?"), check_grader)
    app.store.runs.create(replace(a_run("run", cases=[case]), suite="main"))
    trial = a_trial(None, output="Sent.", case="hello", run="run")
    app.store.runs.append([TrialResult(trial=trial, readings=())])

    found = next_item(app, ALL, "ann").item

    assert found is not None
    assert (found.input, found.steps, found.input_is_told) == ("Where is it?", (), False)


def test_the_system_prompt_is_not_shown(app: App, project: "Project") -> None:
    messages: list[Json] = [
        {"role": role, "content": text}
        for role, text in (("system", "You are v9."), ("user", "Hi"), ("assistant", "Hello"))
    ]
    line: dict[str, Json] = {"case": "greet", "messages": messages}
    project.bring(app, project.lines(line), as_run="imported")

    found = next_item(app, ALL, "ann").item

    assert found is not None
    assert [step.text for step in found.steps] == ["Hi", "Hello"]
    assert b"v9" not in msgspec.json.encode(found)


def test_recorded_runs_can_be_labelled(app: App, project: "Project", shipped: Path) -> None:
    project.bring(app, shipped, as_run="recorded")

    shown = []
    for _ in range(10):
        found = next_item(app, ALL, "ann").item
        assert found is not None
        shown.append(found)
        label_item(app, found.item, "fail", annotator="ann")

    assert all(one.answer for one in shown)
    assert {step.kind for one in shown for step in one.steps} == {"said", "called"}
    assert b"recorded" not in msgspec.json.encode(shown)


def test_who_labels_is_named_or_set(app: App, project: "Project") -> None:
    with pytest.raises(BadRequest, match="who is labelling"):
        annotator_named(app, None)
    project.write("roadworthy.toml", '[review]\nannotator = "ann"\n')

    assert annotator_named(project.app(), None) == "ann"
    assert annotator_named(project.app(), " bob ") == "bob"


@pytest.mark.parametrize("name", ["", "  ", "a\x1b[2J", "x" * 121])
def test_a_name_that_cannot_be_shown_is_refused(app: App, name: str) -> None:
    with pytest.raises(BadRequest, match="printable"):
        annotator_named(app, name)


@pytest.mark.parametrize("name", ["", "correctness", "correctness-xyz", "-" * 500, "run/hello/0"])
def test_an_item_that_there_is_not_cannot_be_labelled(app: App, name: str) -> None:
    stored(app)

    with pytest.raises(UnknownName, match="no item called"):
        label_item(app, name, "pass", annotator="ann")


def test_a_note_past_all_bounds_is_refused(app: App) -> None:
    stored(app)
    shown = next_item(app, ALL, "ann").item
    assert shown is not None

    with pytest.raises(BadRequest, match="at most 10,000"):
        label_item(app, shown.item, "pass", annotator="ann", note="x" * 10_001)

    assert not app.store.labels.list()
