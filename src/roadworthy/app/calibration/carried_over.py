"""The pass rate of a run by the error that a calibration measured elsewhere in its suite.

Only the error of the judge as it was when it read the run: a judge that has drifted errs
differently now, and one that was calibrated anew after a drift erred differently before it.
"""

from collections.abc import Sequence

from roadworthy.app.app import App
from roadworthy.app.calibration.figures import LEVEL, table_of
from roadworthy.base.errors import StatisticsError
from roadworthy.records.calibration import Calibration, Standing
from roadworthy.records.decision import Rate
from roadworthy.records.run import Run

ROGAN_GLADEN = "rogan_gladen"


def carried_over(
    app: App, run: Run, calibration: Calibration | None, passed: Sequence[bool], cases: int
) -> Rate | str:
    """The corrected rate of what a judge `passed` in `run`, or why there is none.

    Args:
        app: its calibrations tell of drifts.
        run: the run that was judged.
        calibration: the one that counts for the judge in the run's suite.
        passed: the judge's verdicts, at least one.
        cases: how many cases they are of; each counts once.

    Source: `stats.prevalence.rogan_gladen`.
    """
    from roadworthy.stats.prevalence import Answers, rogan_gladen  # noqa: PLC0415 - loads scipy

    if (why_not := _does_not_hold(app, run, calibration)) is not None:
        return why_not
    assert calibration is not None  # `_does_not_hold` saw to it
    passes = round(cases * sum(passed) / len(passed))
    try:
        value, (low, high) = rogan_gladen(
            Answers(passes, cases - passes), table_of(calibration.confusion), LEVEL
        )
    except StatisticsError as error:
        return in_words(error)
    return Rate(value=value, low=low, high=high, measured=len(passed), level=LEVEL)


def in_words(error: StatisticsError) -> str:
    """What is missing, and what to do."""
    return error.message if error.hint is None else f"{error.message}; {error.hint}"


def _does_not_hold(app: App, run: Run, calibration: Calibration | None) -> str | None:
    if calibration is None:
        return "no trial of this run is labelled, and the judge was never calibrated"
    if calibration.standing is Standing.DRIFTED:
        return "the judge has drifted since its error was measured; calibrate it again"
    drifts = [
        one.at
        for one in app.store.calibrations.list()
        if one.instrument == calibration.instrument and one.standing is Standing.DRIFTED
    ]
    if any(run.started_at < at <= calibration.at for at in drifts):
        return (
            "the judge drifted after this run, so the error that was measured since is another; "
            "label trials of this run"
        )
    if not calibration.confusion.items:
        return "the judge was calibrated on too few labels for its error to be known; label more"
    return None
