"""Measuring judges against people: the figures, the rule, the parts, the files."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.app.app import App
from roadworthy.app.calibration.calibrate import Judge, Terms, calibrate, verdict_file_judge
from roadworthy.app.calibration.items import LabelledItem, LabelledItems
from roadworthy.app.calibration.label_import import as_labels, read_labels, read_verdicts
from roadworthy.app.calibration.report import Calibrated
from roadworthy.app.calibration.rule import stand
from roadworthy.app.calibration.split import split
from roadworthy.app.settings import JudgingSettings
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadFile, BadRequest
from roadworthy.records.calibration import Calibration, Confusion, Standing
from roadworthy.records.decision import Rate
from roadworthy.stats.agreement import cohens_kappa

if TYPE_CHECKING:
    from tests.app.conftest import Project

DATA = Path(__file__).parents[3] / "shared/data/pandalm-judge"
needs_pandalm = pytest.mark.skipif(
    not DATA.exists(), reason="needs ../shared/data (labels and verdicts of PandaLM)"
)
JUDGE = Judge("correctness@1/openai:m\N{MULTIPLICATION SIGN}1", "correctness", "1", ("openai:m",))
WHOLE = Terms(held_out=1.0)


def an_item(name: str, says: str, judge: str | None, **more: object) -> LabelledItem:
    return LabelledItem(id=name, labels={"ann": says}, verdict=judge, **more)  # type: ignore[arg-type]  # fields of an item


def labelled(items: Sequence[LabelledItem]) -> LabelledItems:
    return LabelledItems(
        items=tuple(items), source="test", domain="refunds", question="correctness"
    )


def counts(both_pass: int, false_pass: int, both_fail: int, false_fail: int) -> LabelledItems:
    pairs = [
        *[("pass", "pass")] * both_pass,
        *[("fail", "pass")] * false_pass,
        *[("fail", "fail")] * both_fail,
        *[("pass", "fail")] * false_fail,
    ]
    return labelled([an_item(str(n), says, judge) for n, (says, judge) in enumerate(pairs)])


def measure(app: App, items: LabelledItems, terms: Terms = WHOLE) -> Calibrated:
    return calibrate(app, items, JUDGE, terms)


def pandalm(app: App, judge: str) -> Calibrated:
    verdicts = DATA / f"{judge}-testset-v1.json"
    items = read_labels(DATA / "testset-v1.json").with_verdicts(read_verdicts(verdicts))
    return calibrate(app, items, verdict_file_judge(verdicts), Terms())


def value(rate: Rate | None) -> float:
    assert rate is not None
    assert rate.value is not None
    return rate.value


@needs_pandalm
def test_the_published_agreement_of_pandalms_people_is_found(app: App) -> None:
    people = pandalm(app, "pandalm-7b").people

    assert [value(pair.kappa) for pair in people.pairs] == pytest.approx(
        [0.852, 0.879, 0.862], abs=5e-4
    )
    assert people.majority == {"tie": 105, "1": 422, "2": 472}
    assert people.undecided == 0


@needs_pandalm
def test_unreadable_verdicts_are_neither_right_nor_wrong_and_the_published_figures_stand_beside(
    app: App,
) -> None:
    report = pandalm(app, "gpt-3.5-turbo")

    whole = report.all_items
    assert (whole.items, whole.read, report.coverage.unreadable) == (999, 974, {"garbage": 25})
    assert (report.calibration.labelled, report.calibration.unreadable) == (999, 25)
    assert value(whole.agreement) == pytest.approx(0.716, abs=5e-4)
    assert value(whole.kappa) == pytest.approx(0.493, abs=5e-4)
    assert value(whole.agreement_over_all) == pytest.approx(0.698, abs=5e-4)
    assert value(whole.kappa_over_all) == pytest.approx(0.476, abs=5e-4)


@needs_pandalm
def test_the_other_judge_of_pandalm_has_its_published_figures_too(app: App) -> None:
    whole = pandalm(app, "pandalm-7b").all_items

    assert value(whole.agreement) == pytest.approx(0.668, abs=5e-4)
    assert value(whole.kappa) == pytest.approx(0.435, abs=5e-4)


@needs_pandalm
def test_a_judge_that_cannot_tell_a_tie_is_not_calibrated_and_the_tie_is_named(app: App) -> None:
    calibration = pandalm(app, "gpt-3.5-turbo").calibration

    assert calibration.standing is Standing.NOT_CALIBRATED
    assert "'tie'" in calibration.reasons[0]


def test_a_judge_that_agrees_on_61_of_100_by_passing_nearly_everything_is_not_calibrated(
    app: App,
) -> None:
    report = measure(app, counts(119, 77, 3, 1))

    assert value(report.calibration.agreement) == pytest.approx(0.61)
    assert report.calibration.standing is Standing.NOT_CALIBRATED
    assert "true-fail rate" in " ".join(report.calibration.reasons)
    assert value(report.calibration.true_pass_rate) > 0.99


def test_a_good_judge_is_calibrated_and_the_store_says_so(app: App) -> None:
    report = measure(app, counts(95, 8, 92, 5))

    assert report.calibration.standing is Standing.CALIBRATED
    assert app.store.calibrations.newest(JUDGE.instrument, "refunds") == report.calibration
    assert report.calibration.confusion == Confusion(
        true_pass=95, false_pass=8, true_fail=92, false_fail=5
    )


def test_a_dry_run_stores_nothing(app: App) -> None:
    report = measure(app, counts(95, 8, 92, 5), Terms(held_out=1.0, keep=False))

    assert not report.stored
    assert not app.store.calibrations.list()


@pytest.mark.parametrize(
    ("items", "word"),
    [
        (counts(0, 0, 0, 0), "no item"),
        (counts(40, 1, 4, 1), "5 held-out items that people call fail"),
        (counts(12, 4, 10, 3), "may or may not reach"),
    ],
)
def test_few_labels_are_too_little_data_and_no_verdict_on_the_judge(
    app: App, items: LabelledItems, word: str
) -> None:
    calibration = measure(app, items).calibration

    assert calibration.standing is Standing.TOO_LITTLE_DATA
    assert word in " ".join(calibration.reasons)


def test_labels_that_a_model_made_never_calibrate(app: App, project: "Project") -> None:
    rows: list[dict[str, Json]] = [
        {"item": n, "labels": {"bot": "pass" if n % 2 else "fail"}, "models": ["bot"]}
        for n in range(200)
    ]
    items = read_labels(project.lines(*rows))
    verdicts = {str(n): "pass" if n % 2 else "fail" for n in range(200)}

    report = measure(app, items.with_verdicts(verdicts))

    assert report.calibration.standing is Standing.TOO_LITTLE_DATA
    assert report.coverage.model_labels == 200
    assert report.notes == ("200 labels made by a model left out: only people calibrate",)


def test_a_judge_whose_verdicts_often_cannot_be_read_is_not_calibrated(app: App) -> None:
    good = counts(100, 0, 100, 0)
    torn = [an_item(f"u{n}", "pass", "well, hm") for n in range(60)]

    report = measure(app, labelled([*good.items, *torn]))

    assert report.calibration.standing is Standing.NOT_CALIBRATED
    assert report.calibration.unreadable == 60
    assert "readable share" in report.calibration.reasons[0]
    assert value(report.all_items.agreement) == 1.0


def test_items_on_which_people_are_at_odds_are_left_out_and_counted(app: App) -> None:
    odd = LabelledItem(id="odd", labels={"ann": "pass", "bob": "fail"}, verdict="pass")

    report = measure(app, labelled([*counts(30, 2, 30, 2).items, odd]))

    assert report.coverage.without_majority == 1
    assert report.all_items.items == 64


def test_a_slice_on_which_a_judge_is_clearly_worse_is_named(app: App) -> None:
    easy = [an_item(f"e{n}", "pass", "pass", slices={"level": "easy"}) for n in range(150)]
    fails = [an_item(f"f{n}", "fail", "fail", slices={"level": "easy"}) for n in range(150)]
    hard = [an_item(f"h{n}", "fail", "pass", slices={"level": "hard"}) for n in range(20)]

    report = measure(app, labelled([*easy, *fails, *hard]))

    assert [one.name for one in report.calibration.slices] == ["level=easy", "level=hard"]
    assert any("level=hard" in reason for reason in report.calibration.reasons)


def test_only_the_held_out_part_decides_and_disagreements_come_from_the_other(app: App) -> None:
    items = counts(90, 20, 80, 10)

    report = measure(app, items, Terms(held_out=0.5))

    parts = split(items.items, share=0.5, seed=0)
    assert report.calibration.held_out == report.held_out.items == len(parts.held_out) == 100
    assert {one.item for one in report.disagreements} <= {one.id for one in parts.tuning}
    assert report.disagreements


@given(
    passes=st.integers(1, 60),
    fails=st.integers(1, 60),
    share=st.floats(0.05, 1),
    seed=st.integers(0, 9),
    order=st.randoms(use_true_random=False),
)
def test_the_split_holds_out_its_share_of_each_answer_whatever_the_order(
    passes: int, fails: int, share: float, seed: int, order: Random
) -> None:
    items = list(counts(passes, fails, 0, 0).items)
    shuffled = list(items)
    order.shuffle(shuffled)

    held, rest = split(items, share=share, seed=seed)

    again = split(shuffled, share=share, seed=seed)
    assert {one.id for one in held} == {one.id for one in again.held_out}
    assert len(held) + len(rest) == len(items)
    for answer, of_answer in (("pass", passes), ("fail", fails)):
        drawn = sum(one.truth == answer for one in held)
        assert share * of_answer - 1e-6 <= drawn < share * of_answer + 1


def test_a_judge_in_truth_just_below_the_bar_is_seldom_called_calibrated() -> None:
    """4,000 draws at the very bar; two and a half in a hundred by chance, five allowed."""
    rng = Random(7)
    worst = {}
    for name, hit, reject, passes, fails in (
        ("informedness", 0.85, 0.549, 150, 150),
        ("informedness, few fails", 0.85, 0.549, 200, 40),
        ("true-fail rate", 0.97, 0.499, 120, 120),
        ("kappa", 0.90, 0.60, 300, 30),
    ):
        called = sum(
            a_draw(rng, hit, reject, passes, fails) is Standing.CALIBRATED for _ in range(1000)
        )
        worst[name] = called / 1000

    assert max(worst.values()) <= 0.05, worst


def a_draw(rng: Random, hit: float, reject: float, passes: int, fails: int) -> Standing:
    """The standing of a judge with these true rates, from a fresh set of labels."""
    true_pass = sum(rng.random() < hit for _ in range(passes))
    true_fail = sum(rng.random() < reject for _ in range(fails))
    confusion = Confusion(
        true_pass=true_pass,
        false_pass=fails - true_fail,
        true_fail=true_fail,
        false_fail=passes - true_pass,
    )
    return stand(a_draft(confusion), JudgingSettings()).standing


def a_draft(confusion: Confusion, **probes: str) -> Calibration:
    truths = [True] * (confusion.true_pass + confusion.false_fail)
    truths += [False] * (confusion.true_fail + confusion.false_pass)
    verdicts = [True] * confusion.true_pass + [False] * confusion.false_fail
    verdicts += [False] * confusion.true_fail + [True] * confusion.false_pass
    kappa, (low, high), _, n = cohens_kappa(truths, verdicts, level=0.95)
    return Calibration(
        id="x",
        instrument=JUDGE.instrument,
        rubric="correctness",
        rubric_digest="1",
        models=("openai:m",),
        domain="refunds",
        standing=Standing.TOO_LITTLE_DATA,
        reasons=(),
        at=0.0,
        labelled=confusion.items,
        held_out=confusion.items,
        confusion=confusion,
        agreement=Rate(value=0.9, low=0.8, high=0.95, measured=n),
        kappa=Rate(value=kappa, low=low, high=high, measured=n),
        probes=probes,
    )


def test_a_failed_probe_keeps_a_judge_that_agrees_with_people_from_gating() -> None:
    good = Confusion(true_pass=95, false_pass=5, true_fail=95, false_fail=5)

    fooled = stand(a_draft(good, injection="failed: it obeyed"), JudgingSettings())

    assert stand(a_draft(good), JudgingSettings()).standing is Standing.CALIBRATED
    assert fooled.standing is Standing.NOT_CALIBRATED
    assert "injection" in fooled.reasons[0]


def test_bars_are_the_projects_own() -> None:
    fair = a_draft(Confusion(true_pass=80, false_pass=20, true_fail=80, false_fail=20))

    assert stand(fair, JudgingSettings()).standing is Standing.CALIBRATED
    assert stand(fair, JudgingSettings(min_kappa=0.8)).standing is Standing.NOT_CALIBRATED


def test_longer_answers_that_pass_at_equal_labels_are_seen(app: App, project: "Project") -> None:
    rows: list[dict[str, Json]] = [
        {
            "item": n,
            "label": "pass" if n % 2 else "fail",
            "verdict": "pass" if n % 3 else "fail",
            "material": {"output": "x" * (500 if n % 3 else 50)},
        }
        for n in range(120)
    ]

    report = measure(app, read_labels(project.lines(*rows)))

    assert value(report.length_leaning) == 1.0


def test_a_share_of_nothing_is_refused(app: App) -> None:
    with pytest.raises(BadRequest, match="held-out share"):
        measure(app, counts(5, 5, 5, 5), Terms(held_out=0))


def test_free_text_is_no_category(app: App) -> None:
    items = [an_item(str(n), f"text {n}", "pass") for n in range(50)]

    with pytest.raises(BadRequest, match="50 different answers"):
        measure(app, labelled(items))


# Files


def test_json_lines_a_json_list_and_csv_say_the_same(project: "Project") -> None:
    lines = project.lines(
        {"item": "a", "labels": {"ann": "Pass", "bob": True}, "verdict": "fail"},
        {"item": "b", "labels": {"ann": "fail"}, "slices": {"level": "hard"}},
    )
    listed = project.write(
        "list.json",
        '[{"item": "a", "labels": {"ann": "Pass", "bob": true}, "verdict": "fail"},'
        ' {"item": "b", "labels": {"ann": "fail"}, "slices": {"level": "hard"}}]',
    )
    table = project.write(
        "table.csv",
        "item,label.ann,label.bob,verdict,slice.level\na,Pass,true,fail,\nb,fail,,,hard\n",
    )

    of_lines, of_list, of_table = (read_labels(path).items for path in (lines, listed, table))

    assert of_lines == of_list == of_table
    assert of_lines[0].labels == {"ann": "pass", "bob": "pass"}
    assert of_lines[1].slices == {"level": "hard"}


def test_everything_wrong_in_a_file_is_said_at_once_with_its_line(project: "Project") -> None:
    path = project.lines(
        {"item": "a", "label": "pass"},
        {"label": "pass"},
        {"item": "a", "label": "fail"},
        "{torn",
        {"item": "c", "labels": ["pass"]},
        {"item": "d", "lable": "pass"},
    )

    with pytest.raises(BadFile) as first:
        read_labels(path)
    path.write_text(path.read_text().replace("{torn\n", ""))
    with pytest.raises(BadFile) as second:
        read_labels(path)

    assert [one.line for one in first.value.problems] == [4]
    assert [one.line for one in second.value.problems] == [2, 3, 4, 5]
    assert "line 1 too" in second.value.problems[1].message
    assert all(one.hint for one in second.value.problems)


@pytest.mark.parametrize(
    "text",
    ["", "   ", "[1, 2]", '{"a": ', "\x00\x01", "item\n\x1b[2J,x\n", "[" * 100_000, "a,b\n1\n"],
)
def test_a_file_that_holds_no_labels_is_refused_in_words(project: "Project", text: str) -> None:
    path = project.folder / "bad"
    path.write_text(text)

    with pytest.raises(BadFile) as error:
        read_labels(path)
    assert "Traceback" not in str(error.value)


@given(data=st.binary(max_size=300))
def test_no_bytes_can_break_the_reader(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("labels") / "any"
    path.write_bytes(data)

    with suppress(BadFile):
        assert read_labels(path).items


def test_labels_can_be_stored_and_storing_them_again_adds_nothing(app: App) -> None:
    records = as_labels(counts(2, 1, 1, 0))

    assert app.store.labels.add(records) == 4
    assert app.store.labels.add(as_labels(counts(2, 1, 1, 0))) == 0
    assert {one.domain for one in records} == {"refunds"}


@needs_pandalm
def test_a_label_in_pandalm_of_zero_is_a_tie_and_the_responses_are_kept() -> None:
    items = read_labels(DATA / "testset-v1.json").items

    assert items[0].labels == {"annotator1": "2", "annotator2": "2", "annotator3": "2"}
    assert items[0].material is not None
    assert (
        items[0].material.output == "If you have any questions about my rate, please let me know."
    )
    assert items[0].material.other == "If you have any questions, please let me know."
    assert any("tie" in item.labels.values() for item in items)
