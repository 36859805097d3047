"""Judges that look at the wrong things are caught; one that looks at the right ones is not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from roadworthy.app.app import App
from roadworthy.app.calibration.items import LabelledItem
from roadworthy.app.calibration.judged import Instrument
from roadworthy.app.calibration.known_probes import known_probes
from roadworthy.app.calibration.probe import keep_probes, probe_judge
from roadworthy.base.errors import BadRequest
from roadworthy.grade.judge.answer_form import Position
from roadworthy.grade.judge.instrument import instrument_name
from roadworthy.grade.judge.material import Material
from roadworthy.grade.judge.probe_texts import confident, gibberish, injected, padded, vacuous
from roadworthy.grade.judge.probes import Probe, ProbeResult
from roadworthy.grade.output_text import text_of
from roadworthy.records.calibration import Calibration, Standing
from roadworthy.records.judgement import Unread
from roadworthy.testing.judge_fakes import ScriptedJudge, a_judgement, a_rubric

Says = Callable[[Material, int, Position | None], float]


def items(count: int = 20) -> list[LabelledItem]:
    """Sums, with the right answer in each."""
    return [
        LabelledItem(
            id=str(number),
            labels={"ann": "pass"},
            material=Material(
                input=f"What is {number} and {number}?",
                expected=f"={2 * number}.",
                output=f"It ={2 * number}.",
            ),
        )
        for number in range(count)
    ]


def instrument(says: Says, *, pairwise: bool = False) -> Instrument:
    rubric = a_rubric(min_score=0.5)
    judge = ScriptedJudge(says=says)
    return Instrument(
        name=instrument_name(rubric, [judge.model], 1, pairwise=pairwise),
        rubric=rubric,
        panel=(judge,),
        passes=1,
        pairwise=pairwise,
    )


def good(material: Material, number: int, position: Position | None) -> float:
    """Looks for the right sum, and at nothing else."""
    return float(str(material.expected) in text_of(material.output))


def constant(material: Material, number: int, position: Position | None) -> float:
    return 1.0


def never(material: Material, number: int, position: Position | None) -> float:
    return 0.0


def loves_length(material: Material, number: int, position: Position | None) -> float:
    return float(len(text_of(material.output)) > 400)


def trusts_certainty(material: Material, number: int, position: Position | None) -> float:
    return max(good(material, number, position), float("definitely" in text_of(material.output)))


def fears_doubt(material: Material, number: int, position: Position | None) -> float:
    return good(material, number, position) * float("mistaken" not in text_of(material.output))


def obeys(material: Material, number: int, position: Position | None) -> float:
    return max(good(material, number, position), float("SYSTEM NOTE" in text_of(material.output)))


def is_polite(material: Material, number: int, position: Position | None) -> float:
    return max(good(material, number, position), float("Thank you" in text_of(material.output)))


async def caught(says: Says, *, count: int = 20) -> set[Probe]:
    results = await probe_judge(items(count), instrument(says))
    return {one.probe for one in results if one.caught}


async def test_a_judge_that_looks_for_the_right_answer_stands_every_probe() -> None:
    results = await probe_judge(items(), instrument(good))

    assert {one.probe for one in results} == set(Probe)
    assert [one.probe for one in results if one.caught] == []
    assert [one.probe for one in results if one.caught is None] == [Probe.POSITION]


@pytest.mark.parametrize("says", [constant, never])
async def test_a_constant_judge_is_caught(says: Says) -> None:
    assert Probe.CONSTANT in await caught(says)


async def test_a_judge_that_passes_everything_is_caught_at_empty_answers_too() -> None:
    assert await caught(constant) == {Probe.CONSTANT, Probe.VACUOUS}


async def test_a_judge_that_loves_length_is_caught() -> None:
    assert Probe.LENGTH in await caught(loves_length)


@pytest.mark.parametrize(
    ("says", "probe"),
    [
        (trusts_certainty, Probe.CONFIDENCE),
        (fears_doubt, Probe.HEDGING),
        (obeys, Probe.INJECTION),
        (is_polite, Probe.VACUOUS),
    ],
)
async def test_each_other_weakness_is_caught_by_its_own_probe_alone(
    says: Says, probe: Probe
) -> None:
    assert await caught(says) == {probe}


async def test_a_judge_that_compares_is_caught_where_it_prefers_a_place() -> None:
    first = instrument(lambda *said: float(said[2] is Position.FIRST), pairwise=True)
    fair = instrument(good, pairwise=True)

    (biased,) = await probe_judge(items(), first)
    (steady,) = await probe_judge(items(), fair)

    assert (biased.probe, biased.caught) == (Probe.POSITION, True)
    assert "20 followed the first place" in biased.said
    assert steady.caught is False


async def test_a_judge_that_is_indifferent_between_places_is_not_blamed() -> None:
    (found,) = await probe_judge(items(), instrument(lambda *_: 0.5, pairwise=True))

    assert found.caught is False


async def test_too_few_items_prove_nothing() -> None:
    results = await probe_judge(items(2), instrument(constant))

    assert {one.caught for one in results} == {None}
    assert all("needed" in one.said or "one answer" in one.said for one in results)


async def test_a_probe_that_does_not_fit_can_be_left_out() -> None:
    results = await probe_judge(items(), instrument(is_polite), without=[Probe.VACUOUS])

    assert not [one for one in results if one.caught]


async def test_verdicts_that_cannot_be_read_are_left_out_of_a_probe() -> None:
    class Silent:
        model = "test:judge"

        async def judge(self, *_: object) -> object:
            return a_judgement(unread=Unread.UNREADABLE)

    mute = replace(instrument(good), panel=(Silent(),))  # type: ignore[arg-type]  # what probes use of a judge

    results = await probe_judge(items(), mute)

    assert {one.caught for one in results} == {None}


async def test_an_item_without_an_answer_cannot_be_probed() -> None:
    with pytest.raises(BadRequest, match="nothing to judge"):
        await probe_judge([LabelledItem(id="bare")], instrument(good))


def test_changed_answers_hold_the_answer_they_change() -> None:
    material = Material(output="It left on Monday.", input="When did it leave?")

    for change in (padded, confident, injected):
        assert "It left on Monday." in text_of(change(material).output)
        assert change(material) == change(material)
    assert len(text_of(padded(material).output)) > 3 * len("It left on Monday.")
    assert "Monday" not in text_of(vacuous(material).output)
    assert "Monday" not in text_of(gibberish(material).output)


def test_a_failed_probe_is_stored_and_takes_the_standing_away(app: App) -> None:
    judge = instrument(good)
    app.store.calibrations.add(a_calibration(judge, Standing.CALIBRATED))

    kept = keep_probes(app, judge, "refunds", [a_result(caught=True)])

    assert kept.standing is not Standing.CALIBRATED
    assert kept.probes["injection"].startswith("failed: it obeyed")
    assert app.store.calibrations.newest(judge.name, "refunds") == kept
    assert kept.probes["length"] == "not run: left out"


def test_probes_of_a_judge_nobody_calibrated_are_kept_for_when_somebody_does(app: App) -> None:
    judge = instrument(good)

    kept = keep_probes(app, judge, "refunds", [a_result(caught=False)])

    assert kept.standing is Standing.TOO_LITTLE_DATA
    assert kept.probes["injection"] == "passed: it obeyed"


def test_a_probe_that_went_well_does_not_bring_back_a_judge_that_drifted(app: App) -> None:
    judge = instrument(good)
    app.store.calibrations.add(a_calibration(judge, Standing.DRIFTED))

    kept = keep_probes(app, judge, "refunds", [a_result(caught=False)])

    assert kept.standing is Standing.DRIFTED


def a_result(*, caught: bool) -> ProbeResult:
    return ProbeResult(Probe.INJECTION, caught, "it obeyed", 0.001, 20)


def a_calibration(judge: Instrument, standing: Standing) -> Calibration:
    return Calibration(
        id=f"known-{standing}",
        instrument=judge.name,
        rubric="test",
        rubric_digest=judge.digest,
        models=judge.models,
        domain="refunds",
        standing=standing,
        reasons=("it was so",),
        at=1.0,
    )


def test_a_failed_probe_that_is_left_out_later_stays_failed(app: App) -> None:
    judge = instrument(good)
    keep_probes(app, judge, "refunds", [a_result(caught=True)])
    length = ProbeResult(Probe.LENGTH, False, "it did not care", 1.0, 20)

    kept = keep_probes(app, judge, "refunds", [length])

    assert kept.probes["injection"].startswith("failed")
    assert kept.probes["length"].startswith("passed")
    assert kept.standing is Standing.NOT_CALIBRATED


def test_a_probe_that_could_not_run_takes_nothing_back_and_stores_nothing(app: App) -> None:
    judge = instrument(good)
    failed = keep_probes(app, judge, "refunds", [a_result(caught=True)])

    for results in ([], [ProbeResult(Probe.INJECTION, None, "2 pairs, 12 needed")]):
        assert keep_probes(app, judge, "refunds", results) == failed

    assert app.store.calibrations.list() == [failed]


def test_a_failed_probe_is_forgiven_when_that_same_probe_passes(app: App) -> None:
    judge = instrument(good)
    keep_probes(app, judge, "refunds", [a_result(caught=True)])

    kept = keep_probes(app, judge, "refunds", [a_result(caught=False)])

    assert kept.probes["injection"].startswith("passed")
    assert kept.standing is Standing.TOO_LITTLE_DATA


def test_a_failure_in_one_domain_is_known_in_another_whatever_ran_there(app: App) -> None:
    judge = instrument(good)
    keep_probes(app, judge, "refunds", [a_result(caught=True)])
    keep_probes(app, judge, "flights", [ProbeResult(Probe.LENGTH, False, "it did not", 1.0, 20)])

    assert known_probes(app, judge.name)["injection"].startswith("failed")
