"""Which labels of the queue calibrate a judge, and how often a case speaks."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.calibration.calibrate import Judge, Terms, calibrate
from roadworthy.app.calibration.items import LabelledItem, LabelledItems
from roadworthy.app.calibration.one_per_case import one_per_case
from roadworthy.app.calibration.report import Calibrated
from roadworthy.app.calibration.request import CalibrationRequest, run_calibration
from roadworthy.app.calibration.split import split
from roadworthy.app.calibration.truth import answers_of, random_items
from roadworthy.base.codec import Json
from roadworthy.base.errors import UnknownName
from roadworthy.grade.review_sampling import Candidate, Drawn, SamplingPlan, draw_of, reason_of
from roadworthy.records.calibration import Standing
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.label import Label, Labeller, trial_item
from roadworthy.records.reading import Grade, TrialReading
from roadworthy.records.trial_result import TrialResult
from roadworthy.testing import a_case, a_run, a_trial

if TYPE_CHECKING:
    from tests.app.conftest import Project

NAME = "correctness@1/openai:m\N{MULTIPLICATION SIGN}1"
JUDGE = Judge(NAME, "correctness", "1", ("openai:m",))
WHOLE = Terms(held_out=1.0)
PLAN = SamplingPlan()


def a_label(item: str, value: str, **more: object) -> Label:
    fields = {"id": f"{item}{value}{more}", "question": "correctness", "annotator": "ann", **more}
    return Label(item=item, value=value, **fields)  # type: ignore[arg-type]  # fields of a label


def a_judged_run(
    app: App, name: str, passed: Sequence[bool], specs: tuple[GraderSpec, ...] = ()
) -> None:
    """A run of as many cases as there are verdicts; rubric version "1"."""
    cases = [replace(a_case(f"c{n}"), graders=specs) for n in range(len(passed))]
    app.store.runs.create(a_run(name, cases=cases))
    details = {"rubric": "correctness", "digest": "1", "passes": [{"model": "openai:m"}]}
    results = []
    for n, one in enumerate(passed):
        grade = Grade(passed=one, score=float(one), why="so", details=details)  # type: ignore[arg-type]  # JSON
        reading = TrialReading(grader="rubric", version=1, reading=grade, instrument=NAME)
        results.append(TrialResult(trial=a_trial(case=f"c{n}", run=name), readings=(reading,)))
    app.store.runs.append(results)


def label(app: App, run: str, numbers: Iterable[int], **more: object) -> None:
    """People say that every other case passes."""
    app.store.labels.add(
        [a_label(trial_item(run, f"c{n}", 0), "fail" if n % 2 else "pass", **more) for n in numbers]
    )


EVERY_OTHER = [n % 2 == 0 for n in range(100)]


async def of_queue(app: App, terms: Terms = WHOLE) -> Calibrated:
    asked = CalibrationRequest(question="correctness", suite="suite", terms=terms)
    return await run_calibration(app, asked)


# Drawn at random, or for what the judge said


def queue_labels(name: str, verdicts: Sequence[bool], truths: Sequence[bool]) -> list[Label]:
    """300 labels as the queue draws them: half the audit in its order, half across verdicts."""
    items = [trial_item(name, f"c{n}", 0) for n in range(len(verdicts))]
    strata = [{"verdict": "passed" if one else "failed"} for one in verdicts]
    candidates = [Candidate(item=i, strata=s) for i, s in zip(items, strata, strict=True)]
    drawn = [reason_of(one, "correctness", PLAN) for one in candidates]
    order = {item: draw_of(item, "correctness", PLAN.seed) for item in items}
    audit = [n for n, why in enumerate(drawn) if why is Drawn.AUDIT]
    audit.sort(key=lambda n: order[items[n]].audit)
    rest = [n for n, why in enumerate(drawn) if why is Drawn.STRATUM]
    rest.sort(key=lambda n: order[items[n]].tie)
    failed = [n for n in rest if not verdicts[n]][:75]
    passed = [n for n in rest if verdicts[n]][: 150 - len(failed)]
    return [
        a_label(items[n], "pass" if truths[n] else "fail", drawn=drawn[n].value)
        for n in (*audit[:150], *failed, *passed)
    ]


def test_a_judge_that_catches_two_in_five_is_not_calibrated_by_labels_of_the_queue(
    app: App,
) -> None:
    """60 queues of 1,200 trials, a quarter of them bad; the bar is one in two."""
    rng = Random(3)
    called = {"audit": 0, "all": 0}
    for number in range(60):
        truths = [rng.random() > 0.25 for _ in range(1_200)]
        verdicts = [rng.random() > (0.02 if good else 0.40) for good in truths]
        labels = queue_labels(f"r{number}", verdicts, truths)
        said = {trial_item(f"r{number}", f"c{n}", 0): one for n, one in enumerate(verdicts)}
        for name, items in (("audit", random_items(labels)), ("all", {*answers_of(labels)})):
            found = measured(app, [one for one in labels if one.item in items], said)
            called[name] += found is Standing.CALIBRATED

    assert called["audit"] <= 3
    assert called["all"] > 30, "the simulation shows no bias that could be kept out"


def measured(app: App, labels: Sequence[Label], said: dict[str, bool]) -> Standing:
    items = tuple(
        LabelledItem(id=item, labels=given, verdict="pass" if said[item] else "fail")
        for item, given in answers_of(labels).items()
    )
    given = LabelledItems(items=items, source="queue", domain="suite", question="correctness")
    terms = Terms(held_out=1.0, keep=False)
    return calibrate(app, given, JUDGE, terms).calibration.standing


async def test_labels_that_were_not_drawn_at_random_are_left_out_counted_and_told(
    app: App,
) -> None:
    a_judged_run(app, "run", EVERY_OTHER)
    label(app, "run", range(40), drawn="audit")
    label(app, "run", range(40, 70), drawn="stratum")
    label(app, "run", range(70, 75), drawn="disagreement")
    label(app, "run", range(75, 80))

    report = await of_queue(app)

    assert report.calibration.labelled == 40
    assert report.coverage.left_out == {"not drawn at random": 40}
    assert "40 labelled trials left out: not drawn at random" in report.notes[0]


async def test_an_audit_that_a_model_labelled_is_no_audit(app: App) -> None:
    a_judged_run(app, "run", EVERY_OTHER)
    label(app, "run", range(40), drawn="audit", made_by=Labeller.MODEL, annotator="bot")
    label(app, "run", range(40), drawn="stratum")

    report = await of_queue(app)

    assert report.calibration.labelled == 0
    assert report.calibration.standing is Standing.TOO_LITTLE_DATA


async def test_what_somebody_skipped_in_the_audit_is_not_made_random_by_another_label(
    app: App,
) -> None:
    a_judged_run(app, "run", EVERY_OTHER)
    label(app, "run", range(30), drawn="audit", skipped=True, annotator="bob")
    label(app, "run", range(30), drawn="stratum")

    report = await of_queue(app)

    assert report.coverage.left_out == {"not drawn at random": 30}


# Cases


async def test_a_case_that_was_run_seven_times_is_one_item(app: App) -> None:
    for number in range(7):
        a_judged_run(app, f"run{number}", EVERY_OTHER[:12])
        label(app, f"run{number}", range(12), drawn="audit", rubric="1")

    report = await of_queue(app, Terms(held_out=0.5))

    assert (report.coverage.labelled, report.coverage.same_case) == (12, 72)
    assert report.held_out.items + report.tuning.items == 12
    assert report.calibration.standing is Standing.TOO_LITTLE_DATA
    assert report.notes == ("72 trials left out: another trial of the same case counts",)


@given(
    cases=st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=20),
    seed=st.integers(0, 50),
    order=st.randoms(use_true_random=False),
)
def test_one_trial_speaks_for_its_case_whatever_the_order_and_the_verdicts(
    cases: list[str], seed: int, order: Random
) -> None:
    items = [LabelledItem(id=f"i{n}", case=case, verdict="pass") for n, case in enumerate(cases)]
    mixed = [replace(item, verdict=order.choice(["pass", "fail"])) for item in items]
    order.shuffle(mixed)

    kept = one_per_case(items, seed)

    assert {one.id for one in kept} == {one.id for one in one_per_case(mixed, seed)}
    assert len(kept) == cases.count("") + len({*cases} - {""})


def test_the_trials_of_a_case_fall_on_one_side_of_the_split_whichever_is_chosen() -> None:
    sides = [
        {one.case for one in split(items, share=0.5, seed=0).held_out}
        for items in (
            [LabelledItem(id=f"{run}/{n}", case=f"c{n}", labels={"a": "pass"}) for n in range(40)]
            for run in ("one", "two")
        )
    ]

    assert sides[0] == sides[1]


# Files


def a_file(project: "Project", *rows: dict[str, Json]) -> CalibrationRequest:
    return CalibrationRequest(labels=project.lines(*rows), terms=WHOLE)


async def test_a_file_that_says_how_items_were_drawn_calibrates_with_the_random_ones(
    app: App, project: "Project"
) -> None:
    rows: list[dict[str, Json]] = [
        {"item": n, "label": "pass", "verdict": "pass", "drawn": ("audit", "stratum")[n % 2]}
        for n in range(40)
    ]

    report = await run_calibration(app, a_file(project, *rows))

    assert report.coverage.labelled == 20
    assert report.coverage.left_out == {"not drawn at random": 20}
    assert len(report.notes) == 1


async def test_a_file_that_does_not_say_it_is_taken_at_its_word_and_the_report_tells(
    app: App, project: "Project"
) -> None:
    report = await run_calibration(
        app, a_file(project, {"item": 1, "label": "pass", "verdict": "pass"})
    )

    assert report.coverage.labelled == 1
    assert report.notes[0].startswith("1 item of the file taken to be drawn at random")


async def test_items_of_a_file_that_are_of_one_case_count_once(
    app: App, project: "Project"
) -> None:
    rows: list[dict[str, Json]] = [
        {"item": n, "case": n % 12, "drawn": "audit", "label": "pass", "verdict": "pass"}
        for n in range(84)
    ]

    report = await run_calibration(app, a_file(project, *rows))

    assert (report.coverage.labelled, report.coverage.same_case) == (12, 72)


# Versions of the rubric


async def test_labels_for_another_version_of_the_rubric_are_left_out_counted_and_told(
    app: App,
) -> None:
    a_judged_run(app, "run", EVERY_OTHER)
    label(app, "run", range(30), drawn="audit", rubric="1")
    label(app, "run", range(30, 50), drawn="audit", rubric="2")

    report = await of_queue(app)

    assert report.calibration.labelled == 30
    assert report.coverage.left_out == {"labelled for another version of the rubric": 20}
    assert "20 labelled trials left out" in report.notes[0]


async def test_labels_that_name_no_version_count_and_are_told(app: App) -> None:
    a_judged_run(app, "run", EVERY_OTHER)
    label(app, "run", range(30), drawn="audit")

    report = await of_queue(app)

    assert report.calibration.labelled == 30
    assert "do not say which version" in report.notes[0]


async def test_a_graders_own_pass_mark_makes_the_rubric_that_people_saw_no_other_one(
    app: App,
) -> None:
    options = {"of": [{"rubric": {"rubric": "correctness", "digest": "file", "min_score": 0.9}}]}
    a_judged_run(app, "run", EVERY_OTHER, (GraderSpec(grader="all_of", options=options),))  # type: ignore[arg-type]  # JSON
    label(app, "run", range(30), drawn="audit", rubric="file")

    report = await of_queue(app)

    assert (report.calibration.labelled, report.notes) == (30, ())


async def test_a_question_that_nobody_labelled_is_told_beside_those_that_are(app: App) -> None:
    app.store.labels.add([a_label("x", "pass", question="tone")])

    with pytest.raises(UnknownName, match="nobody has labelled") as error:
        await of_queue(app)

    assert "tone" in str(error.value.hint)


# Looks


async def test_a_third_calibration_is_told_to_be_the_third(app: App) -> None:
    a_judged_run(app, "run", EVERY_OTHER)
    reports = []
    for upto in (20, 40, 60):
        label(app, "run", range(upto - 20, upto), drawn="audit", rubric="1")
        reports.append(await of_queue(app))

    assert [one.earlier for one in reports] == [0, 1, 2]
    assert reports[0].notes == ()
    assert reports[2].notes[0].startswith("3rd calibration of this judge here")


async def test_the_same_labels_measured_again_are_the_same_look(app: App) -> None:
    a_judged_run(app, "run", EVERY_OTHER)
    label(app, "run", range(40), drawn="audit", rubric="1")

    reports = [await of_queue(app), await of_queue(app)]

    assert [one.earlier for one in reports] == [0, 0]


# People among themselves


def agreed(app: App, pairs: Sequence[tuple[str, str]]) -> Calibrated:
    items = tuple(
        LabelledItem(id=str(n), labels={"ann": first, "bob": second}, verdict="pass")
        for n, (first, second) in enumerate(pairs)
    )
    given = LabelledItems(items=items, source="test", domain="suite", question="correctness")
    return calibrate(app, given, JUDGE, WHOLE)


def test_alpha_has_its_interval_and_the_items_it_rests_on(app: App) -> None:
    pairs = [*[("pass", "pass")] * 20, *[("fail", "fail")] * 20, *[("pass", "fail")] * 5]

    report = agreed(app, pairs)

    alpha = report.people.alpha
    assert alpha is not None
    assert alpha.measured == 45
    assert alpha.value == report.calibration.alpha
    assert alpha.low is not None
    assert alpha.high is not None
    assert alpha.value is not None
    assert 0.5 < alpha.low < alpha.value < alpha.high < 1


def test_where_nothing_could_differ_there_is_no_alpha(app: App) -> None:
    report = agreed(app, [("pass", "pass")] * 20)

    assert (report.people.alpha, report.calibration.alpha) == (None, None)
