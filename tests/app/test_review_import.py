"""Labels from files: every mistake at once, nothing stored with any, nothing stored twice."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from roadworthy.app.app import App
from roadworthy.app.reviewing.agreement import agreement
from roadworthy.app.reviewing.label_file import MOST_PROBLEMS, FileDefaults
from roadworthy.app.reviewing.label_import import import_labels
from roadworthy.base.errors import BadFile
from roadworthy.records.label import Labeller, trial_item
from roadworthy.records.trial_result import TrialResult
from roadworthy.testing import a_case, a_run, a_trial

if TYPE_CHECKING:
    from tests.app.conftest import Project

SHARED = Path(__file__).parents[3] / "shared" / "data" / "pandalm-judge"
NOTHING = FileDefaults()


def a_line(**fields: Any) -> dict[str, Any]:
    return {"item": "i1", "question": "tone", "annotator": "ann", "value": "pass"} | fields


def problems(app: App, path: Path, defaults: FileDefaults = NOTHING) -> list[str]:
    with pytest.raises(BadFile) as refused:
        import_labels(app, path, defaults)
    return [f"{one.line}: {one.place}: {one.message}" for one in refused.value.problems]


def test_every_field_of_a_line_is_kept(app: App, project: "Project") -> None:
    path = project.lines(
        a_line(
            value="Fail",
            made_by="model",
            rubric="ab",
            domain="refunds",
            note="no",
            drawn="audit",
            slices={"difficulty": "hard"},
            trace_id="a" * 32,
            at="2026-11-20T12:00:00+01:00",
        ),
        name="labels.jsonl",
    )

    done = import_labels(app, path, NOTHING)

    (label,) = app.store.labels.list()
    assert (done.new, done.known, done.made_by_model) == (1, 0, 1)
    assert (label.value, label.made_by, label.source) == ("fail", Labeller.MODEL, "labels.jsonl")
    assert (label.rubric, label.domain, label.note, label.drawn) == ("ab", "refunds", "no", "audit")
    assert label.slices == {"difficulty": "hard"}
    assert label.at == 1795172400.0


def test_the_same_file_again_adds_nothing(app: App, project: "Project") -> None:
    path = project.lines(a_line(), a_line(item="i2", at=5))
    import_labels(app, path, NOTHING)

    done = import_labels(app, path, NOTHING)

    assert (done.read, done.new, done.known) == (2, 0, 2)


def test_a_table_says_the_same_as_lines(app: App, project: "Project") -> None:
    path = project.write(
        "labels.csv",
        "item,question,annotator,value,skipped,note,slice.difficulty,at\n"
        'i1,tone,ann,pass,,"polite, mostly",hard,\n'
        "i2,tone,ann,,true,,,1700000000\n",
    )

    import_labels(app, path, NOTHING)

    first, second = app.store.labels.list()
    assert (first.value, first.note, first.slices) == (
        "pass",
        "polite, mostly",
        {"difficulty": "hard"},
    )
    assert (second.skipped, second.value, second.at) == (True, "", 1_700_000_000.0)


def test_the_command_says_what_lines_leave_open(app: App, project: "Project") -> None:
    path = project.lines({"item": 7, "value": True}, {"item": "8", "value": 2, "annotator": "bob"})
    defaults = FileDefaults(question="tone", annotator="ann", domain="set", made_by=Labeller.MODEL)

    import_labels(app, path, defaults)

    first, second = app.store.labels.list()
    assert (first.item, first.value, first.annotator, first.domain) == ("7", "pass", "ann", "set")
    assert (second.value, second.annotator, second.made_by) == ("2", "bob", Labeller.MODEL)


def test_all_mistakes_of_a_file_are_told_with_their_lines(app: App, project: "Project") -> None:
    path = project.lines(
        a_line(),
        "{not json",
        "[]",
        a_line(valeu="pass", repeat="x"),
        {"item": "i2", "value": "pass"},
        a_line(value=None),
        a_line(item=None),
        a_line(item="i3", at="yesterday"),
        a_line(item="i3", drawn="whim", trace_id="zz"),
        a_line(value="fail"),
        a_line(item="a\x1bb"),
    )

    found = problems(app, path)

    assert {line.partition(":")[0] for line in found} == {"2", "3", *map(str, range(4, 12))}
    assert "4: valeu: no such field" in found
    assert "5: question: is missing" in found
    assert any("such as 2026-11-20T09:30:00Z, got 'yesterday'" in one for one in found)
    assert any(one.startswith("10: None: says 'fail' of what line 1 says") for one in found)
    assert not app.store.labels.list()


def test_a_slip_in_a_field_is_offered_its_right_name(app: App, project: "Project") -> None:
    path = project.lines(a_line(anotator="x"))

    with pytest.raises(BadFile) as refused:
        import_labels(app, path, NOTHING)

    assert refused.value.problems[0].hint == "did you mean 'annotator'?"


def test_a_second_thought_needs_a_later_time(app: App, project: "Project") -> None:
    path = project.lines(a_line(at=1), a_line(value="fail", at=2))

    import_labels(app, path, NOTHING)

    assert [label.value for label in app.store.labels.list()] == ["pass", "fail"]


@pytest.mark.parametrize(
    "text", ["", "\n\n", "\x00\x00", '"' * 9, "a,b\n1,2,3\n", "\udcff", "item\n" + "x" * 200_000]
)
@pytest.mark.parametrize("name", ["odd.csv", "odd.jsonl"])
def test_what_is_no_file_of_labels_says_so(
    app: App, project: "Project", text: str, name: str
) -> None:
    path = project.folder / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    assert problems(app, path)
    assert not app.store.labels.list()


def test_a_file_that_is_all_mistakes_is_given_up(app: App, project: "Project") -> None:
    path = project.lines(*["{"] * 1000)

    assert len(problems(app, path)) == MOST_PROBLEMS


def test_a_label_of_a_trial_takes_suite_strata_and_trace_from_its_run(
    app: App, project: "Project"
) -> None:
    case = a_case("a/b")
    app.store.runs.create(a_run("r", cases=[case]))
    trial = a_trial(case="a/b", run="r")
    app.store.runs.append([TrialResult(trial=trial, readings=())])
    line = a_line(run="r", case="a/b", repeat=0)
    del line["item"]

    import_labels(app, project.lines(line), NOTHING)

    (label,) = app.store.labels.list()
    assert label.item == trial_item("r", "a/b", 0)
    assert (label.domain, label.trace_id) == ("suite", trial.trace_id)
    assert label.slices == {"tier": "standard", "kind": "regression"}


def test_labels_of_trials_that_there_are_not_are_refused_together(
    app: App, project: "Project"
) -> None:
    app.store.runs.create(a_run("r", cases=[a_case("c")]))
    lines = [
        {"question": "tone", "annotator": "ann", "value": "pass", "run": run, "case": case}
        | {"repeat": 0}
        for run, case in (("r", "c"), ("r", "other"), ("rr", "c"))
    ]

    found = problems(app, project.lines(*lines))

    assert [one.partition(":")[0] for one in found] == ["1", "2", "3"]


def _pandalm() -> Iterator[dict[str, Any]]:
    rows = json.loads((SHARED / "testset-v1.json").read_text(encoding="utf-8"))
    for row in rows:
        for annotator in (1, 2, 3):
            yield {
                "item": row["idx"],
                "annotator": f"annotator{annotator}",
                "value": row[f"annotator{annotator}"],
            }


@pytest.mark.skipif(not SHARED.exists(), reason="the published labels of PandaLM are not here")
def test_published_labels_of_three_people_come_in_with_their_agreement(
    app: App, project: "Project"
) -> None:
    path = project.lines(*_pandalm())

    done = import_labels(app, path, FileDefaults(question="better", domain="pandalm"))

    (found,) = agreement(app)
    assert (done.read, done.new) == (2997, 2997)
    assert found.items == 999
    assert [pair.items for pair in found.pairs] == [999] * 3
    assert found.alpha is not None
    assert found.alpha.value is not None
    assert 0.852 < found.alpha.value < 0.879
