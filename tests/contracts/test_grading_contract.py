"""What every store promises of later gradings: added, never overwritten, in force when finished."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec
import pytest

from roadworthy.base.errors import BadRequest, DuplicateName, InvalidRecord, UnknownName
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.grading import Grading
from roadworthy.records.reading import Cause, Grade, Reading, TrialReading, TrialVerdict, Unmeasured
from roadworthy.records.run import RunOrigin, RunState
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.ports import CaseResult, Store
from roadworthy.testing import a_case, a_run, a_trial

Place: TypeAlias = tuple[str, int]

PASSED = Grade(passed=True, score=1.0, why="as expected")
FAILED = Grade(passed=False, score=0.25, why="not as expected", parts={"order": 0.25})
OPEN = Unmeasured(cause=Cause.JUDGE_UNREADABLE, why="not JSON", details={"raw": "Sure! \x1b[31m"})
A0, A1, B0 = ("a", 0), ("a", 1), ("b", 0)


def a_reading(reading: Reading = PASSED, *, grader: str = "exact") -> TrialReading:
    return TrialReading(grader=grader, version=1, reading=reading, instrument="tone@1 m:x")


def a_result(place: Place, reading: Reading = PASSED, *, run: str = "run") -> TrialResult:
    trial = a_trial(None, run=run, case=place[0], repeat=place[1])
    return TrialResult(trial=trial, readings=(a_reading(reading, grader="as it ran"),))


def a_grading(number: int = 1, *, run: str = "run") -> Grading:
    cases = [a_case(name, graders=[GraderSpec(grader="exact")]) for name in ("a", "b")]
    planned = a_run(cases=cases).cases
    return Grading(run=run, number=number, started_at=100.0, cases=planned, note="stricter")


def a_graded_run(store: Store, readings: Mapping[Place, Reading], *, run: str = "run") -> None:
    """A run of trials that all passed as they ran; grading 1 read some and is in force."""
    store.runs.create(a_run(run))
    store.runs.append([a_result(place, run=run) for place in (A0, A1, B0)])
    store.runs.begin_grading(a_grading(run=run))
    store.runs.append_readings(run, 1, {k: [a_reading(one)] for k, one in readings.items()})
    store.runs.finish_grading(run, 1, at=200.0)


def readings_of(store: Store, grading: int | None = None) -> dict[Place, tuple[TrialReading, ...]]:
    results = store.runs.results("run", grading=grading)
    return {(one.trial.case, one.trial.repeat): one.readings for one in results}


def counts(store: Store, run: str = "run") -> tuple[int, int, int, int]:
    row = store.runs.load(run)
    return row.grading, row.passed, row.failed, row.unmeasured


def test_a_run_that_was_only_graded_as_it_ran_has_no_later_gradings(any_store: Store) -> None:
    any_store.runs.create(a_run())
    any_store.runs.append([a_result(A0)])

    assert list(any_store.runs.gradings("run")) == []
    assert counts(any_store) == (0, 1, 0, 0)
    assert readings_of(any_store, 0) == readings_of(any_store) == {A0: a_result(A0).readings}


def test_gradings_are_told_by_number_finished_or_not(any_store: Store) -> None:
    any_store.runs.create(a_run())
    for number in (2, 1):
        any_store.runs.begin_grading(a_grading(number))
    any_store.runs.finish_grading("run", 2, at=300.0)

    finished = msgspec.structs.replace(a_grading(2), finished_at=300.0)
    assert list(any_store.runs.gradings("run")) == [a_grading(1), finished]


def test_a_grading_under_way_can_be_read_and_counts_for_nothing(any_store: Store) -> None:
    any_store.runs.create(a_run())
    any_store.runs.append([a_result(A0), a_result(B0)])
    any_store.runs.begin_grading(a_grading())
    found = [a_reading(FAILED, grader="z"), a_reading(OPEN, grader="a"), a_reading(grader="z")]

    assert any_store.runs.append_readings("run", 1, {A0: found}) == 1

    assert readings_of(any_store, 1) == {A0: tuple(found), B0: ()}
    assert any_store.runs.graded("run", 1) == {A0}
    assert readings_of(any_store) == readings_of(any_store, 0)
    assert counts(any_store) == (0, 2, 0, 0)


def test_a_finished_grading_gives_verdicts_counts_and_history(any_store: Store) -> None:
    a_graded_run(any_store, {A0: FAILED, A1: PASSED})

    assert counts(any_store) == (1, 1, 1, 1)
    assert [row.grading for row in any_store.runs.list()] == [1]
    assert readings_of(any_store) == {A0: (a_reading(FAILED),), A1: (a_reading(PASSED),), B0: ()}
    assert list(any_store.runs.results("run", case="b")) == [
        msgspec.structs.replace(a_result(B0), readings=())
    ]
    (history,) = any_store.runs.case_history("suite", "a")
    assert (history.passed, history.failed, history.unmeasured) == (1, 1, 0)


def test_what_was_found_as_the_run_went_stays_and_can_be_asked_for(any_store: Store) -> None:
    a_graded_run(any_store, {A0: FAILED, A1: FAILED, B0: FAILED})

    assert readings_of(any_store, 0) == {place: a_result(place).readings for place in (A0, A1, B0)}


def test_runs_with_and_without_later_gradings_are_counted_side_by_side(any_store: Store) -> None:
    a_graded_run(any_store, {A0: FAILED}, run="one")
    any_store.runs.create(msgspec.structs.replace(a_run("two"), started_at=0.0))
    any_store.runs.append([a_result(A0, run="two")])
    a_graded_run(any_store, {A0: OPEN, A1: PASSED, B0: PASSED}, run="three")

    counted = {row.run.id: counts(any_store, row.run.id) for row in any_store.runs.list()}
    history = {one.run: one for one in any_store.runs.case_history("suite", "a")}

    assert counted == {"one": (1, 0, 1, 2), "two": (0, 1, 0, 0), "three": (1, 2, 0, 1)}
    assert [(h.passed, h.failed, h.unmeasured) for _, h in sorted(history.items())] == [
        (0, 1, 1),
        (1, 0, 1),
        (1, 0, 0),
    ]
    assert isinstance(history["two"], CaseResult)


def test_the_grading_of_the_highest_number_is_in_force_whichever_ended_last(
    any_store: Store,
) -> None:
    a_graded_run(any_store, {A0: FAILED, A1: FAILED, B0: FAILED})
    for number in (2, 3, 4):
        any_store.runs.begin_grading(a_grading(number))
    any_store.runs.append_readings("run", 3, {place: [a_reading()] for place in (A0, A1, B0)})

    any_store.runs.finish_grading("run", 3, at=300.0)
    any_store.runs.finish_grading("run", 2, at=400.0)

    assert counts(any_store) == (3, 3, 0, 0)
    assert any_store.runs.case_history("suite", "a")[0].passed == 2
    assert readings_of(any_store, 1)[A0] == (a_reading(FAILED),)


def test_readings_added_twice_are_there_once_as_they_were_first(any_store: Store) -> None:
    any_store.runs.create(a_run())
    any_store.runs.append([a_result(A0), a_result(B0)])
    any_store.runs.begin_grading(a_grading())

    first = any_store.runs.append_readings("run", 1, {A0: [a_reading(FAILED)]})
    again = any_store.runs.append_readings("run", 1, {A0: [a_reading()], B0: [a_reading()]})

    assert (first, again) == (1, 1)
    assert readings_of(any_store, 1) == {A0: (a_reading(FAILED),), B0: (a_reading(),)}


def test_a_trial_read_by_no_grader_counts_as_read_and_is_unmeasured(any_store: Store) -> None:
    any_store.runs.create(a_run())
    any_store.runs.append([a_result(A0)])
    any_store.runs.begin_grading(a_grading())

    assert any_store.runs.append_readings("run", 1, {A0: []}) == 1
    assert any_store.runs.append_readings("run", 1, {A0: [a_reading()]}) == 0
    any_store.runs.finish_grading("run", 1, at=1.0)

    assert any_store.runs.graded("run", 1) == {A0}
    assert counts(any_store) == (1, 0, 0, 1)


def test_finishing_again_changes_nothing(any_store: Store) -> None:
    a_graded_run(any_store, {A0: FAILED})

    any_store.runs.finish_grading("run", 1, at=999.0)

    assert [one.finished_at for one in any_store.runs.gradings("run")] == [200.0]
    assert counts(any_store) == (1, 0, 1, 2)


def test_a_trial_made_after_a_grading_is_unmeasured_in_it_and_keeps_its_own_readings(
    any_store: Store,
) -> None:
    """A resumed run: what came later was read by the run's graders, not by those in force."""
    a_graded_run(any_store, {A0: FAILED, A1: FAILED, B0: FAILED})
    any_store.runs.begin_grading(a_grading(2))
    late = ("a", 2)

    any_store.runs.set_state("run", RunState.RUNNING, at=300.0)
    assert any_store.runs.append([a_result(late), a_result(A0)]) == 1

    assert counts(any_store) == (1, 0, 3, 1)
    assert any_store.runs.done("run") == {A0, A1, B0, late}
    assert readings_of(any_store)[late] == ()
    assert readings_of(any_store, 0)[late] == a_result(late).readings
    assert any_store.runs.case_history("suite", "a")[0].unmeasured == 1
    assert any_store.runs.append_readings("run", 2, {late: [a_reading()]}) == 1


def test_a_grading_outlives_a_plan_that_grows(any_store: Store) -> None:
    run = msgspec.structs.replace(a_run(), origin=RunOrigin.IMPORTED)
    any_store.runs.create(run)
    any_store.runs.append([a_result(A0)])
    any_store.runs.begin_grading(a_grading())
    any_store.runs.append_readings("run", 1, {A0: [a_reading(FAILED)]})
    any_store.runs.finish_grading("run", 1, at=1.0)

    any_store.runs.extend(msgspec.structs.replace(run, cases=a_grading().cases))
    any_store.runs.append([a_result(B0)])

    assert counts(any_store) == (1, 0, 1, 1)


def test_a_run_without_a_trial_goes_with_its_gradings(any_store: Store) -> None:
    any_store.runs.create(a_run())
    any_store.runs.begin_grading(a_grading())

    any_store.runs.discard("run")
    any_store.runs.create(a_run())

    assert list(any_store.runs.gradings("run")) == []
    assert any_store.stats().rows["gradings"] == 0


def test_a_number_is_taken_once_in_each_run(any_store: Store) -> None:
    for run in ("run", "other"):
        any_store.runs.create(a_run(run))
        any_store.runs.begin_grading(a_grading(run=run))

    with pytest.raises(DuplicateName, match="grading 1 of run 'run' is there already"):
        any_store.runs.begin_grading(msgspec.structs.replace(a_grading(), note="another"))

    assert [one.note for one in any_store.runs.gradings("run")] == ["stricter"]


@pytest.mark.parametrize(
    ("change", "why"),
    [({"number": 0}, "count from 1, got 0"), ({"finished_at": 5.0}, "ended before it began")],
)
def test_a_grading_that_cannot_begin_is_refused(
    any_store: Store, change: dict[str, float], why: str
) -> None:
    any_store.runs.create(a_run())

    with pytest.raises(BadRequest, match=why):
        any_store.runs.begin_grading(msgspec.structs.replace(a_grading(), **change))

    assert list(any_store.runs.gradings("run")) == []


def test_a_grading_that_could_not_be_read_back_is_refused(any_store: Store) -> None:
    any_store.runs.create(a_run())

    with pytest.raises(InvalidRecord, match="grading 1 of run 'run' cannot be stored"):
        any_store.runs.begin_grading(msgspec.structs.replace(a_grading(), started_at=float("nan")))


def test_nothing_is_added_to_a_finished_grading(any_store: Store) -> None:
    a_graded_run(any_store, {A0: FAILED})

    with pytest.raises(BadRequest, match="grading 1 of run 'run' is finished") as caught:
        any_store.runs.append_readings("run", 1, {B0: [a_reading()]})

    assert caught.value.hint == "begin another grading"
    assert any_store.runs.graded("run", 1) == {A0}


def asks_of(store: Store, run: str, number: int) -> list[Callable[[], object]]:
    return [
        lambda: store.runs.append_readings(run, number, {A0: [a_reading()]}),
        lambda: store.runs.graded(run, number),
        lambda: store.runs.finish_grading(run, number, at=1.0),
        lambda: store.runs.results(run, grading=number),
    ]


@pytest.mark.parametrize("number", [2, -1])
def test_every_question_about_an_unknown_grading_names_those_that_there_are(
    any_store: Store, number: int
) -> None:
    a_graded_run(any_store, {A0: FAILED})

    for ask in asks_of(any_store, "run", number):
        with pytest.raises(UnknownName, match=f"run 'run' has no grading {number}") as caught:
            ask()
        assert caught.value.hint == "it has 0 and 1"


def test_grading_0_is_told_and_never_added_to(any_store: Store) -> None:
    any_store.runs.create(a_run())
    any_store.runs.append([a_result(A0)])

    for ask in asks_of(any_store, "run", 0)[:3]:
        with pytest.raises(UnknownName, match="has no grading 0") as caught:
            ask()
        assert caught.value.hint == "it was graded only while it ran"
    assert readings_of(any_store, 0) == {A0: a_result(A0).readings}


def test_every_question_about_gradings_of_an_unknown_run_offers_the_nearest(
    any_store: Store,
) -> None:
    any_store.runs.create(a_run("nightly-1"))

    asks = asks_of(any_store, "nightly-2", 1)
    asks.append(lambda: any_store.runs.gradings("nightly-2"))
    asks.append(lambda: any_store.runs.begin_grading(a_grading(run="nightly-2")))

    for ask in asks:
        with pytest.raises(UnknownName, match="no run called 'nightly-2'") as caught:
            ask()
        assert caught.value.hint == "did you mean 'nightly-1'?"


def test_a_batch_with_one_unknown_trial_is_not_written_at_all(any_store: Store) -> None:
    any_store.runs.create(a_run())
    any_store.runs.append([a_result(A0)])
    any_store.runs.begin_grading(a_grading())

    with pytest.raises(UnknownName, match="run 'run' has no trial 0 of case 'b'"):
        any_store.runs.append_readings("run", 1, {A0: [a_reading()], B0: [a_reading()]})

    assert any_store.runs.graded("run", 1) == set()


def test_a_reading_that_json_cannot_hold_is_refused_with_its_batch(any_store: Store) -> None:
    any_store.runs.create(a_run())
    any_store.runs.append([a_result(A0), a_result(B0)])
    any_store.runs.begin_grading(a_grading())
    broken = Grade(passed=True, score=1.0, why="\ud800")

    with pytest.raises(InvalidRecord, match=r"a reading of 'exact' cannot be stored: .*surrogate"):
        any_store.runs.append_readings("run", 1, {A0: [a_reading()], B0: [a_reading(broken)]})

    assert any_store.runs.graded("run", 1) == set()


@pytest.mark.parametrize("case", ["", "a/0", "'; DROP TABLE trials; --", "é\u202e\0", "x" * 10_000])
def test_a_case_of_any_name_can_be_graded_again(any_store: Store, case: str) -> None:
    any_store.runs.create(a_run())
    any_store.runs.append([a_result((case, 0)), a_result((case, 1))])
    any_store.runs.begin_grading(a_grading())

    assert any_store.runs.append_readings("run", 1, {(case, 1): [a_reading(FAILED)]}) == 1

    assert any_store.runs.graded("run", 1) == {(case, 1)}
    assert readings_of(any_store, 1) == {(case, 0): (), (case, 1): (a_reading(FAILED),)}


def test_many_trials_are_graded_again_over_several_pages(any_store: Store) -> None:
    places = [(f"case {n % 7}", n // 7) for n in range(1_300)]
    any_store.runs.create(a_run())
    any_store.runs.append([a_result(place) for place in places])
    any_store.runs.begin_grading(a_grading())

    added = any_store.runs.append_readings(
        "run", 1, {place: [a_reading(FAILED if place[1] % 3 else PASSED)] for place in places}
    )
    any_store.runs.finish_grading("run", 1, at=1.0)

    assert added == 1_300
    failed = sum(bool(place[1] % 3) for place in places)
    assert counts(any_store) == (1, 1_300 - failed, failed, 0)
    told = [one.verdict for one in any_store.runs.results("run")]
    assert told.count(TrialVerdict.FAILED) == failed


def test_a_stream_tells_one_grading_although_another_comes_into_force_meanwhile(
    any_store: Store,
) -> None:
    places = [("case", n) for n in range(600)]
    any_store.runs.create(a_run())
    any_store.runs.append([a_result(place) for place in places])
    any_store.runs.begin_grading(a_grading())
    any_store.runs.append_readings("run", 1, {place: [a_reading(FAILED)] for place in places})

    reader = any_store.runs.results("run")
    next(reader)
    any_store.runs.finish_grading("run", 1, at=1.0)

    assert all(one.readings == a_result(places[0]).readings for one in reader)
