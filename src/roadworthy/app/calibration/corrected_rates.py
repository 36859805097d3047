"""The pass rate of a run as its judges tell it, and as it is once their errors are taken out.

Where enough of the run's own trials were labelled at random, labels and verdicts are put together
(`stats.corrected`). Else the error that a calibration measured elsewhere in the suite is carried
over (`carried_over`). Else there is no corrected rate, and the reason stands in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from roadworthy.app.app import App
from roadworthy.app.calibration.carried_over import ROGAN_GLADEN, carried_over, in_words
from roadworthy.app.calibration.figures import LEVEL
from roadworthy.app.calibration.rubric_version import of_version, versions_asked
from roadworthy.app.calibration.truth import answers_of, random_items, truths
from roadworthy.app.judging.grader_check import JUDGED
from roadworthy.base.errors import StatisticsError
from roadworthy.records.calibration import Calibration
from roadworthy.records.decision import Rate
from roadworthy.records.label import Label, trial_item
from roadworthy.records.reading import Grade
from roadworthy.records.run import Run
from roadworthy.records.trial_result import TrialResult


class JudgedRate(msgspec.Struct, frozen=True, kw_only=True):
    """One judge of a run: what it passes, and how many truly pass."""

    instrument: str
    rubric: str
    standing: str  # of the judge in this suite; empty: never calibrated
    judged: int  # trials with a verdict of this judge
    passed: int
    raw: float  # share of the judged trials that it passes
    labelled: int  # of them, those that people labelled, drawn at random
    corrected: Rate | None
    method: str | None  # how `corrected` was made
    why_not: str | None  # why there is no corrected rate


@dataclass(slots=True)
class _Verdicts:
    rubric: str
    digest: str  # of the rubric as it was used
    items: list[tuple[str, int]] = field(default_factory=list)
    passed: list[bool] = field(default_factory=list)


class JudgedRates:
    """Sees every result of a run once; holds three values for each verdict of a judge."""

    def __init__(self) -> None:
        self._verdicts: dict[str, _Verdicts] = {}

    def add(self, result: TrialResult) -> None:
        """Take up what judges said of a trial."""
        for entry in result.readings:
            if entry.instrument and entry.grader in JUDGED and isinstance(entry.reading, Grade):
                said = entry.reading.details
                fresh = _Verdicts(str(said.get("rubric", "")), str(said.get("digest", "")))
                of_judge = self._verdicts.setdefault(entry.instrument, fresh)
                of_judge.items.append((result.trial.case, result.trial.repeat))
                of_judge.passed.append(entry.reading.passed)

    def rates(self, app: App, run: Run) -> tuple[JudgedRate, ...]:
        """One rate for each judge of the run, by name."""
        return tuple(
            _rate(app, run, instrument, verdicts)
            for instrument, verdicts in sorted(self._verdicts.items())
        )


def _rate(app: App, run: Run, instrument: str, verdicts: _Verdicts) -> JudgedRate:
    calibration = app.store.calibrations.newest(instrument, run.suite)
    known = _labelled(app, run, verdicts)
    rate, method, why_not = _corrected(app, run, verdicts, known, calibration)
    return JudgedRate(
        instrument=instrument,
        rubric=verdicts.rubric,
        standing="" if calibration is None else calibration.standing.value,
        judged=len(verdicts.passed),
        passed=sum(verdicts.passed),
        raw=sum(verdicts.passed) / len(verdicts.passed),
        labelled=sum(truth is not None for truth in known),
        corrected=rate,
        method=method,
        why_not=why_not,
    )


def _labelled(app: App, run: Run, verdicts: _Verdicts) -> list[bool | None]:
    """What people say of each judged trial that was drawn at random, by the judge's own rubric."""
    cases = {case.id: case for case in run.cases}
    of_item: dict[str, list[Label]] = {}
    for label in app.store.labels.list(question=verdicts.rubric):
        of_item.setdefault(label.item, []).append(label)
    known: list[bool | None] = []
    for case, repeat in verdicts.items:
        item = trial_item(run.id, case, repeat)
        all_given = of_item.get(item, ())
        given = of_version(all_given, versions_asked(cases.get(case), verdicts.digest))
        known.append(truths(answers_of(given)).get(item) if random_items(given) else None)
    return known


def _corrected(
    app: App,
    run: Run,
    verdicts: _Verdicts,
    known: Sequence[bool | None],
    calibration: Calibration | None,
) -> tuple[Rate | None, str | None, str | None]:
    """The rate, how it was made, and why there is none; too few labels take none away."""
    by_labels = _by_labels(verdicts, known)
    if isinstance(by_labels, tuple):
        return *by_labels, None
    cases = len({case for case, _ in verdicts.items})
    carried = carried_over(app, run, calibration, verdicts.passed, cases)
    if isinstance(carried, Rate):
        return carried, ROGAN_GLADEN, None
    return None, None, by_labels or carried


def _by_labels(verdicts: _Verdicts, known: Sequence[bool | None]) -> tuple[Rate, str] | str:
    """The rate and its method, or why labels give none; empty: nothing is labelled."""
    from roadworthy.stats.corrected import corrected_rate  # noqa: PLC0415 - loads scipy

    if all(truth is None for truth in known):
        return ""
    try:
        found = corrected_rate(
            verdicts.passed, known, clusters=[case for case, _ in verdicts.items], level=LEVEL
        )
    except StatisticsError as error:
        return in_words(error)
    rate = Rate(
        value=found.value, low=found.low, high=found.high, measured=found.judged, level=LEVEL
    )
    return rate, found.method.value
