"""From what a person asks of `judge calibrate` and `judge probe` to the work itself."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from roadworthy.app.app import App
from roadworthy.app.calibration.anchors import freeze
from roadworthy.app.calibration.at_random import at_random
from roadworthy.app.calibration.calibrate import Judge, Terms, calibrate, verdict_file_judge
from roadworthy.app.calibration.items import LabelledItems
from roadworthy.app.calibration.judged import (
    Asked,
    Instrument,
    OnItem,
    instrument_of,
    judged,
    open_judges,
)
from roadworthy.app.calibration.label_import import read_labels, read_verdicts
from roadworthy.app.calibration.probe import MOST_ITEMS, Probed, keep_probes, probe_judge
from roadworthy.app.calibration.report import Calibrated
from roadworthy.app.calibration.trials import judged_trials
from roadworthy.base.errors import BadRequest
from roadworthy.grade.judge.probes import Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRequest:
    """What was asked. Labels come from `labels`, or from the queue; see `run_calibration`."""

    question: str = ""  # the rubric
    suite: str | None = None
    domain: str = ""  # where it is not the suite
    labels: Path | None = None
    verdicts: Path | None = None
    run_judge: bool = False
    instrument: str | None = None  # of several that read the trials
    asked: Asked | None = None
    terms: Terms = field(default_factory=Terms)
    anchors: int | None = None


async def run_calibration(
    app: App, request: CalibrationRequest, *, on_item: OnItem | None = None
) -> Calibrated:
    """Find labels and verdicts, then measure.

    Raises:
        BadRequest: what was asked does not fit together, or a file or judge is not to be had.
    """
    _refuse(request)
    if request.labels is None:
        return _of_queue(app, request)
    labelled = at_random(_labels(request, request.labels))
    if request.run_judge:
        return await _asked_now(app, request, labelled, on_item)
    if request.verdicts is None:
        return calibrate(app, labelled, verdict_file_judge(request.labels), request.terms)
    labelled = labelled.with_verdicts(read_verdicts(request.verdicts))
    return calibrate(app, labelled, verdict_file_judge(request.verdicts), request.terms)


async def run_probes(
    app: App,
    request: CalibrationRequest,
    *,
    items: int = MOST_ITEMS,
    without: Collection[Probe] = (),
    on_item: OnItem | None = None,
) -> Probed:
    """Probe a judge with the first `items` of a file and store what was found.

    Raises: as `run_calibration`.
    """
    if request.labels is None or request.asked is None:
        raise BadRequest(
            "probes need material to judge and a rubric",
            hint="give --labels FILE (labels themselves may be missing) and --question RUBRIC",
        )
    labelled = _labels(request, request.labels)
    judges = open_judges(app, request.suite)
    try:
        instrument = instrument_of(judges, request.asked)
        some = labelled.items[:items]
        results = await probe_judge(some, instrument, without=without, on_item=on_item)
    finally:
        await judges.close()
    return Probed(
        instrument=instrument.name,
        domain=labelled.domain,
        items=len(some),
        results=results,
        calibration=keep_probes(app, instrument, labelled.domain, results),
    )


def _refuse(request: CalibrationRequest) -> None:
    if request.labels is None and (not request.question or request.suite is None):
        raise BadRequest(
            "there are no labels to calibrate with",
            hint="give --labels FILE, or --question RUBRIC --suite NAME for the review queue",
        )
    if request.labels is None and (request.run_judge or request.verdicts is not None):
        raise BadRequest("--run-judge and --verdicts need --labels FILE")
    if request.run_judge and request.verdicts is not None:
        raise BadRequest("give either --verdicts or --run-judge")
    if request.run_judge and request.asked is None:
        raise BadRequest(
            "--run-judge needs a rubric",
            hint="--question correctness, or a path in the suite's folder with --suite",
        )
    if request.anchors is not None and not request.run_judge:
        raise BadRequest(
            "anchors are judged again later, so they need material and a judge",
            hint="give --labels FILE with material, and --run-judge",
        )


def _labels(request: CalibrationRequest, path: Path) -> LabelledItems:
    domain = request.domain or request.suite or ""
    return read_labels(path, question=request.question, domain=domain)


def _of_queue(app: App, request: CalibrationRequest) -> Calibrated:
    assert request.suite is not None  # `_refuse` saw to it
    found = judged_trials(app, request.question, request.suite, request.instrument)
    judge = Judge(found.instrument, request.question, found.digest, found.models)
    return calibrate(app, found.labelled, judge, request.terms)


async def _asked_now(
    app: App, request: CalibrationRequest, labelled: LabelledItems, on_item: OnItem | None
) -> Calibrated:
    assert request.asked is not None  # `_refuse` saw to it
    judges = open_judges(app, request.suite)
    try:
        instrument = instrument_of(judges, request.asked)
        items = await judged(labelled.items, instrument, on_item=on_item)
        labelled = msgspec.structs.replace(labelled, items=items, question=instrument.rubric.name)
        anchors = await _frozen(app, request, labelled, instrument, on_item)
    finally:
        await judges.close()
    rubric = instrument.rubric.name
    judge = Judge(instrument.name, rubric, instrument.digest, instrument.models)
    report = calibrate(app, labelled, judge, request.terms)
    return msgspec.structs.replace(report, anchors=anchors)


async def _frozen(
    app: App,
    request: CalibrationRequest,
    labelled: LabelledItems,
    instrument: Instrument,
    on_item: OnItem | None,
) -> str | None:
    if request.anchors is None or request.asked is None:
        return None
    path = await freeze(
        app,
        labelled.items,
        instrument,
        replace(request.asked, suite=request.suite),
        domain=labelled.domain,
        count=request.anchors,
        seed=request.terms.seed,
        on_item=on_item,
    )
    return str(path)
