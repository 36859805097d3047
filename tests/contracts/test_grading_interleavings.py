"""Whatever order gradings are begun, added to and finished in, beside new trials: both stores
tell exactly what was added, and their counts are those of what they tell."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from roadworthy.base.errors import BadRequest, DuplicateName, UnknownName
from roadworthy.records.grading import Grading
from roadworthy.records.reading import (
    Cause,
    Grade,
    TrialReading,
    TrialVerdict,
    Unmeasured,
    trial_verdict,
)
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.ports import Store
from roadworthy.store.sql import open_store
from roadworthy.testing import MemoryStore, a_run, a_trial

Place: TypeAlias = tuple[str, int]
Readings: TypeAlias = tuple[TrialReading, ...]

CASES = ("a", "b")
PLACES = st.tuples(st.sampled_from(CASES), st.integers(0, 3))
NUMBERS = st.integers(1, 4)
FOUND = st.lists(
    st.builds(
        TrialReading,
        grader=st.sampled_from(["exact", "tone"]),
        version=st.integers(1, 3),
        reading=st.one_of(
            st.builds(Grade, passed=st.booleans(), score=st.floats(0, 1), why=st.just("so")),
            st.builds(Unmeasured, cause=st.sampled_from(Cause), why=st.just("so")),
        ),
        required=st.booleans(),
    ),
    max_size=3,
).map(tuple)


class Gradings(RuleBasedStateMachine):
    """Two stores beside a dictionary that says what they must tell."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        kept = open_store(Path(self.folder.name) / "store.db")
        with kept.database.raw() as connection:
            connection.execute("PRAGMA synchronous = OFF")  # what is asked here is order
        self.stores: list[Store] = [MemoryStore(), kept]
        self.told: dict[int, dict[Place, Readings]] = {0: {}}
        self.finished: set[int] = set()
        for store in self.stores:
            store.runs.create(a_run())

    @rule(place=PLACES, found=FOUND)
    def make_a_trial(self, place: Place, found: Readings) -> None:
        trial = a_trial(None, case=place[0], repeat=place[1])
        new = [
            store.runs.append([TrialResult(trial=trial, readings=found)]) for store in self.stores
        ]
        assert new == [place not in self.told[0]] * 2
        self.told[0].setdefault(place, found)

    @rule(number=NUMBERS)
    def begin(self, number: int) -> None:
        grading = Grading(run="run", number=number, started_at=1.0, cases=())
        for store in self.stores:
            if number in self.told:
                with pytest.raises(DuplicateName):
                    store.runs.begin_grading(grading)
            else:
                store.runs.begin_grading(grading)
        self.told.setdefault(number, {})

    @precondition(lambda self: len(self.told) > 1)
    @rule(number=NUMBERS, readings=st.dictionaries(PLACES, FOUND, max_size=6))
    def add(self, number: int, readings: dict[Place, Readings]) -> None:
        refusal = self.refusal(number, readings)
        for store in self.stores:
            if refusal is None:
                new = store.runs.append_readings("run", number, readings)
                assert new == len(readings.keys() - self.told[number].keys())
            else:
                with pytest.raises(refusal):
                    store.runs.append_readings("run", number, readings)
        if refusal is None:
            self.told[number] = {**readings, **self.told[number]}

    def refusal(self, number: int, places: Iterable[Place]) -> type[Exception] | None:
        if number not in self.told or (
            number not in self.finished and not self.told[0].keys() >= set(places)
        ):
            return UnknownName
        return BadRequest if number in self.finished else None

    @precondition(lambda self: len(self.told) > 1)
    @rule(number=NUMBERS)
    def finish(self, number: int) -> None:
        for store in self.stores:
            if number in self.told:
                store.runs.finish_grading("run", number, at=float(number))
            else:
                with pytest.raises(UnknownName):
                    store.runs.finish_grading("run", number, at=1.0)
        self.finished |= {number} & self.told.keys()

    @invariant()
    def each_grading_tells_what_was_added_to_it(self) -> None:
        for store in self.stores:
            for number, told in self.told.items():
                found = {
                    (one.trial.case, one.trial.repeat): one.readings
                    for one in store.runs.results("run", grading=number)
                }
                assert found == {place: told.get(place, ()) for place in self.told[0]}
                if number:
                    assert store.runs.graded("run", number) == told.keys()

    @invariant()
    def the_counts_are_those_of_the_newest_finished_grading(self) -> None:
        in_force = max(self.finished, default=0)
        told = self.told[in_force]
        verdicts = {place: trial_verdict(told.get(place, ())) for place in self.told[0]}
        for store in self.stores:
            row = store.runs.load("run")
            results = [one.verdict for one in store.runs.results("run")]
            assert Counter(results) == Counter(verdicts.values())
            assert row.grading == in_force
            assert (row.passed, row.failed, row.unmeasured) == in_order(results)
            for case in CASES:
                of_case = [verdict for (one, _), verdict in verdicts.items() if one == case]
                history = store.runs.case_history("suite", case)
                counted = [(one.passed, one.failed, one.unmeasured) for one in history]
                assert counted == ([in_order(of_case)] if of_case else [])

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        self.folder.cleanup()


def in_order(verdicts: list[TrialVerdict]) -> tuple[int, ...]:
    order = (TrialVerdict.PASSED, TrialVerdict.FAILED, TrialVerdict.UNMEASURED)
    return tuple(verdicts.count(verdict) for verdict in order)


TestGradings = Gradings.TestCase
TestGradings.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
