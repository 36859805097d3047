"""The pass rate of a run as its judges tell it, and as it is once their errors are taken out.

Where some of the run's own trials were labelled at random, labels and verdicts are put together
(`stats.corrected`). Where none was, the error that a calibration measured elsewhere in the suite
is carried over (`stats.prevalence.rogan_gladen`), each case counted once. Else there is no
corrected rate, and the reason stands in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from roadworthy.app.app import App
from roadworthy.app.calibration.truth import answers_of, random_items, truths
from roadworthy.app.judging.grader_check import JUDGED
from roadworthy.base.errors import StatisticsError
from roadworthy.records.calibration import Calibration
from roadworthy.records.decision import Rate
from roadworthy.records.label import trial_item
from roadworthy.records.reading import Grade
from roadworthy.records.run import Run
from roadworthy.records.trial_result import TrialResult

LEVEL = 0.95
ROGAN_GLADEN = "rogan_gladen"


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
                rubric = str(entry.reading.details.get("rubric", ""))
                of_judge = self._verdicts.setdefault(entry.instrument, _Verdicts(rubric))
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
    rate, method, why_not = _corrected(verdicts, known, calibration)
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
    """What people say of each judged trial, where one of them was shown it at random."""
    labels = app.store.labels.list(question=verdicts.rubric)
    at_random = random_items(labels)
    known = truths(answers_of(labels))
    items = [trial_item(run.id, case, repeat) for case, repeat in verdicts.items]
    return [known.get(item) if item in at_random else None for item in items]


def _corrected(
    verdicts: _Verdicts, known: Sequence[bool | None], calibration: Calibration | None
) -> tuple[Rate | None, str | None, str | None]:
    from roadworthy.stats.corrected import corrected_rate  # noqa: PLC0415 - loads scipy

    if all(truth is None for truth in known):
        return _carried_over(verdicts, calibration)
    try:
        found = corrected_rate(
            verdicts.passed, known, clusters=[case for case, _ in verdicts.items], level=LEVEL
        )
    except StatisticsError as error:
        return None, None, _why(error)
    rate = Rate(
        value=found.value, low=found.low, high=found.high, measured=found.judged, level=LEVEL
    )
    return rate, found.method.value, None


def _carried_over(
    verdicts: _Verdicts, calibration: Calibration | None
) -> tuple[Rate | None, str | None, str | None]:
    from roadworthy.stats.confusion import Table  # noqa: PLC0415 - loads scipy
    from roadworthy.stats.prevalence import Answers, rogan_gladen  # noqa: PLC0415

    if calibration is None or not calibration.confusion.items:
        return None, None, "no trial of this run is labelled, and the judge was never calibrated"
    counts = calibration.confusion
    table = Table(counts.true_pass, counts.false_pass, counts.true_fail, counts.false_fail)
    cases = len({case for case, _ in verdicts.items})
    passed = round(cases * sum(verdicts.passed) / len(verdicts.passed))
    try:
        value, (low, high) = rogan_gladen(Answers(passed, cases - passed), table, LEVEL)
    except StatisticsError as error:
        return None, None, _why(error)
    rate = Rate(value=value, low=low, high=high, measured=len(verdicts.passed), level=LEVEL)
    return rate, ROGAN_GLADEN, None


def _why(error: StatisticsError) -> str:
    return error.message if error.hint is None else f"{error.message}; {error.hint}"
