"""Labels of the review queue, joined to what judges said of the same trials.

Repeats of one case in one run resemble each other: of several labelled ones the first counts, so
that no case speaks twice for one run.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.calibration.items import LabelledItem, LabelledItems
from roadworthy.app.calibration.truth import FAIL, PASS, answers_of
from roadworthy.app.judging.grader_check import JUDGED
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.base.printable import printable
from roadworthy.gate.wording import names
from roadworthy.records.calibration import Standing
from roadworthy.records.label import Label, Labeller, trial_item
from roadworthy.records.reading import Cause, Grade, TrialReading
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.ports import RunRow

RUNS = 10_000


class JudgedTrials(msgspec.Struct, frozen=True, kw_only=True):
    """Labelled items with the verdicts of one judge, and who that is."""

    labelled: LabelledItems
    instrument: str
    digest: str
    models: tuple[str, ...]


def judged_trials(app: App, question: str, suite: str, instrument: str | None) -> JudgedTrials:
    """Everything in `suite` that people labelled by `question` and a judge read.

    Raises:
        UnknownName: nothing is labelled, or no judge read it, or not this one.
        BadRequest: several judges did, and none was named.
    """
    labels = app.store.labels.list(question=question)
    answers = answers_of(labels)
    found: dict[str, list[tuple[LabelledItem, TrialReading]]] = {}
    drifts = _drifts(app, suite)
    for row in app.store.runs.list(suite=suite, limit=RUNS):
        for item, entry in _of_run(app, row, question, answers):
            if row.run.started_at >= drifts.get(entry.instrument, 0.0):
                found.setdefault(entry.instrument, []).append((item, entry))
    if not answers:
        raise UnknownName(
            f"nobody has labelled {printable(question, limit=80)!r} yet",
            hint="label trials with `roadworthy review`, or give a file with --labels",
        )
    chosen = _chosen(found, instrument)
    items = _completed([item for item, _ in found[chosen]], labels)
    details = _details(found[chosen])
    return JudgedTrials(
        labelled=LabelledItems(
            items=tuple(items), source="review queue", domain=suite, question=question
        ),
        instrument=chosen,
        digest=str(details.get("digest", "")),
        models=_models(details),
    )


def _of_run(
    app: App, row: RunRow, question: str, answers: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[LabelledItem, TrialReading]]:
    run = row.run.id
    if not any(item.startswith(f"{run}/") for item in answers):
        return
    seen: set[tuple[str, str]] = set()
    for result in app.store.runs.results(run):
        item = trial_item(run, result.trial.case, result.trial.repeat)
        if item not in answers:
            continue
        for entry in _judges(result, question):
            if (result.trial.case, entry.instrument) not in seen:
                seen.add((result.trial.case, entry.instrument))
                yield _item(item, answers[item], entry), entry


def _judges(result: TrialResult, question: str) -> Iterator[TrialReading]:
    for entry in result.readings:
        asks = entry.reading.details.get("rubric") == question
        if entry.instrument and entry.grader in JUDGED and asks:
            yield entry


def _item(item: str, answers: Mapping[str, str], entry: TrialReading) -> LabelledItem:
    reading = entry.reading
    if isinstance(reading, Grade):
        verdict = PASS if reading.passed else FAIL
        return LabelledItem(id=item, labels=dict(answers), verdict=verdict)
    return LabelledItem(
        id=item, labels=dict(answers), unread=reading.cause is Cause.JUDGE_UNREADABLE
    )


def _chosen(found: Mapping[str, object], instrument: str | None) -> str:
    if not found:
        raise UnknownName(
            "no labelled trial of this suite was read by a judge of this rubric",
            hint="run the suite with the grader `rubric`, or give a file with --run-judge",
        )
    if instrument is None and len(found) > 1:
        raise BadRequest(
            f"several judges read these trials: {names(sorted(found))}",
            hint="name one with --instrument",
        )
    chosen = instrument or next(iter(found))
    if chosen not in found:
        raise UnknownName(
            f"judge {printable(chosen, limit=120)} read none of these trials",
            hint=f"these did: {names(sorted(found))}",
        )
    return chosen


def _drifts(app: App, suite: str) -> dict[str, float]:
    """When each judge drifted last: what it said in earlier runs says nothing of it any more."""
    found: dict[str, float] = {}
    for one in app.store.calibrations.list():
        if one.domain == suite and one.standing is Standing.DRIFTED:
            found[one.instrument] = max(one.at, found.get(one.instrument, 0.0))
    return found


def _completed(items: Iterable[LabelledItem], labels: Iterable[Label]) -> Iterator[LabelledItem]:
    """Items with the slices that their labels name, and how many labels a model made."""
    slices: dict[str, dict[str, str]] = {}
    models: dict[str, set[str]] = {}
    for label in labels:
        slices.setdefault(label.item, {}).update(label.slices)
        if label.made_by is Labeller.MODEL:
            models.setdefault(label.item, set()).add(label.annotator)
    for item in items:
        made = len(models.get(item.id, ()))
        yield replace(item, slices=slices.get(item.id, {}), model_labels=made)


def _details(pairs: Iterable[tuple[LabelledItem, TrialReading]]) -> Mapping[str, Json]:
    return next(entry.reading.details for _, entry in pairs)


def _models(details: Mapping[str, Json]) -> tuple[str, ...]:
    passes = details.get("passes")
    each = passes if isinstance(passes, list) else []
    found = {str(one["model"]) for one in each if isinstance(one, dict) and one.get("model")}
    return tuple(sorted(found))
