"""What judges pass in a run, and what truly passes."""

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.calibration.corrected_rates import JudgedRate
from roadworthy.app.calibration.request import CalibrationRequest, run_calibration
from roadworthy.app.report import show_run
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.records.calibration import Calibration, Confusion, Standing
from roadworthy.records.label import Label, Labeller, label_id, trial_item
from roadworthy.records.reading import Grade, TrialReading
from roadworthy.records.trial_result import TrialResult
from roadworthy.testing import a_case, a_run, a_trial

if TYPE_CHECKING:
    from tests.app.conftest import Project

JUDGE = "correctness@1/openai:m\N{MULTIPLICATION SIGN}1"
CASES = 200


def a_judged_run(app: App, name: str = "run", judge: str = JUDGE) -> None:
    """200 cases: 160 truly pass. The judge passes them, and half of the others."""
    run = a_run(name, cases=[a_case(f"c{n}") for n in range(CASES)])
    app.store.runs.create(run)
    details = {"rubric": "correctness", "digest": "1", "passes": [{"model": "openai:m"}]}
    results = []
    for n in range(CASES):
        passed = n % 10 != 0
        grade = Grade(passed=passed, score=float(passed), why="so", details=details)  # type: ignore[arg-type]  # JSON
        reading = TrialReading(grader="rubric", version=1, reading=grade, instrument=judge)
        results.append(TrialResult(trial=a_trial(case=f"c{n}", run=name), readings=(reading,)))
    app.store.runs.append(results)


def truly_passes(n: int) -> bool:
    return n % 5 != 0


def label(app: App, *numbers: int, drawn: str = "audit", run: str = "run") -> None:
    app.store.labels.add([a_label(n, drawn=drawn, run=run) for n in numbers])


def a_label(n: int, *, drawn: str, run: str) -> Label:
    item, value = trial_item(run, f"c{n}", 0), "pass" if truly_passes(n) else "fail"
    return Label(
        id=label_id(item=item, question="correctness", annotator="ann", value=value, at=1.0),
        item=item,
        question="correctness",
        annotator="ann",
        value=value,
        drawn=drawn,
        at=1.0,
    )


def judged(app: App) -> JudgedRate:
    (one,) = show_run(app, "run").judged
    return one


def test_the_rate_is_corrected_by_labels_of_the_runs_own_trials(app: App) -> None:
    a_judged_run(app)
    label(app, *range(100))

    found = judged(app)

    assert (found.judged, found.passed, found.labelled) == (200, 180, 100)
    assert found.raw == pytest.approx(0.9)
    assert found.corrected is not None
    assert found.corrected.value == pytest.approx(0.8)
    assert found.corrected.low is not None
    assert found.corrected.high is not None
    assert found.corrected.low < 0.8 < found.corrected.high < 0.9
    assert found.method == "prediction_powered"
    assert found.why_not is None


def test_labels_of_items_that_were_chosen_for_what_the_judge_said_correct_nothing(
    app: App,
) -> None:
    a_judged_run(app)
    label(app, *range(100), drawn="disagreement")

    found = judged(app)

    assert (found.labelled, found.corrected) == (0, None)


def test_too_few_labels_give_no_rate_and_the_reason(app: App) -> None:
    a_judged_run(app)
    label(app, *range(5))

    found = judged(app)

    assert found.corrected is None
    assert found.why_not is not None
    assert "5 labels are too few" in found.why_not


def test_without_labels_the_error_that_was_measured_in_the_suite_is_carried_over(
    app: App,
) -> None:
    a_judged_run(app)
    app.store.calibrations.add(a_calibration(true_pass=200, true_fail=100, false_pass=100))

    found = judged(app)

    assert found.method == "rogan_gladen"
    assert found.standing == "calibrated"
    assert found.corrected is not None
    assert found.corrected.value == pytest.approx(0.8)


def test_a_few_labels_do_not_take_away_the_rate_that_none_would_have_left(app: App) -> None:
    a_judged_run(app)
    app.store.calibrations.add(a_calibration(true_pass=200, true_fail=100, false_pass=100))
    without = judged(app)
    label(app, *range(5))

    found = judged(app)

    assert (found.labelled, found.method) == (5, "rogan_gladen")
    assert found.corrected == without.corrected


def test_the_error_of_a_judge_that_has_drifted_corrects_nothing(app: App) -> None:
    a_judged_run(app)
    before = app.store.runs.load("run").run.started_at - 10
    known = a_calibration(true_pass=200, true_fail=100, false_pass=100, standing=Standing.DRIFTED)
    app.store.calibrations.add(replace(known, at=before))

    found = judged(app)

    assert found.corrected is None
    assert "drifted since" in str(found.why_not)


@pytest.mark.parametrize(("drift", "is_corrected"), [(-10.0, True), (10.0, False)])
def test_an_error_that_was_measured_after_a_drift_does_not_hold_for_runs_before_it(
    app: App, drift: float, *, is_corrected: bool
) -> None:
    a_judged_run(app)
    at = app.store.runs.load("run").run.started_at
    newest = a_calibration(true_pass=200, true_fail=100, false_pass=100)
    before = replace(newest, id="drift", standing=Standing.DRIFTED, at=at + drift)
    app.store.calibrations.add(before)
    app.store.calibrations.add(replace(newest, at=at + 20))

    found = judged(app)

    assert (found.corrected is not None) is is_corrected
    assert is_corrected or "drifted after this run" in str(found.why_not)


@pytest.mark.parametrize("drawn", ["", "stratum", "uncertainty"])
def test_labels_that_do_not_say_audit_are_no_random_draw(app: App, drawn: str) -> None:
    a_judged_run(app)
    label(app, *range(100), drawn=drawn)

    assert judged(app).labelled == 0


def test_labels_that_a_model_made_or_that_answer_another_rubric_correct_nothing(
    app: App,
) -> None:
    a_judged_run(app)
    made = [a_label(n, drawn="audit", run="run") for n in range(100)]
    app.store.labels.add([replace(one, made_by=Labeller.MODEL) for one in made[:50]])
    app.store.labels.add([replace(one, rubric="2") for one in made[50:]])

    assert judged(app).labelled == 0


def test_without_labels_and_calibration_there_is_none_and_the_report_says_why(app: App) -> None:
    a_judged_run(app)

    found = judged(app)

    assert (found.standing, found.corrected) == ("", None)
    assert "never calibrated" in str(found.why_not)


def test_the_report_shows_what_was_read_though_the_judge_may_not_gate(app: App) -> None:
    a_judged_run(app)

    report = show_run(app, "run")

    assert report.pass_rate.value == pytest.approx(0.9)
    assert report.unmeasured == 0


async def test_the_queues_labels_meet_the_verdicts_of_the_trials_they_are_of(app: App) -> None:
    a_judged_run(app)
    label(app, *range(200))

    report = await run_calibration(app, of_queue())

    assert report.calibration.instrument == JUDGE
    assert report.calibration.domain == "suite"
    assert report.calibration.models == ("openai:m",)
    assert report.all_items.confusion == Confusion(
        true_pass=160, false_pass=20, true_fail=20, false_fail=0
    )


async def test_of_several_judges_one_must_be_named(app: App) -> None:
    a_judged_run(app)
    a_judged_run(app, "again", "correctness@1/openai:other")
    label(app, *range(100))
    label(app, *range(100), run="again")

    with pytest.raises(BadRequest, match="several judges"):
        await run_calibration(app, of_queue())
    report = await run_calibration(app, of_queue("correctness@1/openai:other"))

    assert report.calibration.instrument == "correctness@1/openai:other"


async def test_what_a_judge_said_before_it_drifted_calibrates_it_no_more(app: App) -> None:
    a_judged_run(app)
    label(app, *range(200))
    app.store.calibrations.add(
        a_calibration(true_pass=1, true_fail=1, false_pass=1, standing=Standing.DRIFTED)
    )

    with pytest.raises(UnknownName, match="no labelled trial"):
        await run_calibration(app, of_queue())


async def test_without_labels_the_error_says_where_they_come_from(app: App) -> None:
    with pytest.raises(UnknownName, match="nobody has labelled") as error:
        await run_calibration(app, of_queue())

    assert "review" in str(error.value.hint)


@pytest.mark.parametrize(
    "request_",
    [
        CalibrationRequest(),
        CalibrationRequest(question="correctness"),
        CalibrationRequest(question="correctness", suite="suite", run_judge=True),
    ],
)
async def test_what_does_not_fit_together_is_refused(
    app: App, project: "Project", request_: CalibrationRequest
) -> None:
    with pytest.raises(BadRequest):
        await run_calibration(app, request_)


def of_queue(instrument: str | None = None) -> CalibrationRequest:
    return CalibrationRequest(question="correctness", suite="suite", instrument=instrument)


def a_calibration(
    *, true_pass: int, true_fail: int, false_pass: int, standing: Standing = Standing.CALIBRATED
) -> Calibration:
    return Calibration(
        id="x",
        instrument=JUDGE,
        rubric="correctness",
        rubric_digest="1",
        models=("openai:m",),
        domain="suite",
        standing=standing,
        reasons=(),
        at=1_800_000_000.0,
        confusion=Confusion(true_pass=true_pass, true_fail=true_fail, false_pass=false_pass),
    )
