"""Labels of the review queue, joined to what judges said of the same trials.

A label counts where its trial was drawn at random and where it answers the judge's version of the
rubric. The queue's other draws look at what graders said: among trials that a judge fails, those
that people fail are more frequent, so a judge that catches little looks as if it caught much.

Not here: trials of one case (`one_per_case`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.calibration.at_random import NOT_AT_RANDOM, left_out_note
from roadworthy.app.calibration.items import LabelledItem, LabelledItems
from roadworthy.app.calibration.rubric_version import of_version, versions_asked
from roadworthy.app.calibration.truth import FAIL, PASS, answers_of, random_items
from roadworthy.app.judging.drifts import drifts_of
from roadworthy.app.judging.grader_check import JUDGED
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.base.printable import printable
from roadworthy.gate.wording import counted, names
from roadworthy.records.label import Label, Labeller, trial_item
from roadworthy.records.reading import Cause, Grade, TrialReading
from roadworthy.records.run import PlannedCase
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.ports import RunRow

RUNS = 10_000
OTHER_VERSION: Final = "labelled for another version of the rubric"


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
    if not answers_of(labels):
        raise _nobody_labelled(app, question)
    of_item = _by_item(labels)
    found: dict[str, list[_Joined]] = {}
    drifts = drifts_of(app)
    for row in app.store.runs.list(suite=suite, limit=RUNS):
        for joined in _of_run(app, row, question, of_item):
            if not drifts.touch(joined.entry, began_at=row.run.started_at):
                found.setdefault(joined.entry.instrument, []).append(joined)
    chosen = _chosen(found, instrument)
    counts = [one for one in found[chosen] if not one.left_out]
    items = _completed([one.item for one in counts], labels)
    details = found[chosen][0].entry.reading.details
    return JudgedTrials(
        labelled=LabelledItems(
            items=tuple(items),
            source="review queue",
            domain=suite,
            question=question,
            left_out=dict(Counter(one.left_out for one in found[chosen] if one.left_out)),
            told=tuple(_told(found[chosen])),
        ),
        instrument=chosen,
        digest=str(details.get("digest", "")),
        models=_models(details),
    )


class _Joined(NamedTuple):
    """A labelled trial with what a judge read of it, and why its labels calibrate nothing."""

    item: LabelledItem
    entry: TrialReading
    left_out: str
    of_unknown_version: bool


def _of_run(
    app: App, row: RunRow, question: str, of_item: Mapping[str, Sequence[Label]]
) -> Iterator[_Joined]:
    run = row.run.id
    if not any(item.startswith(f"{run}/") for item in of_item):
        return
    cases = {case.id: case for case in row.run.cases}
    seen: set[tuple[str, str]] = set()
    for result in app.store.runs.results(run):
        item = trial_item(run, result.trial.case, result.trial.repeat)
        for entry in _judges(result, question) if item in of_item else ():
            if (item, entry.instrument) not in seen:
                seen.add((item, entry.instrument))
                planned = cases.get(result.trial.case)
                yield _joined(result.trial.case, of_item[item], entry, planned)


def _by_item(labels: Iterable[Label]) -> dict[str, list[Label]]:
    """The labels of each item that a person answered."""
    found: dict[str, list[Label]] = {}
    for label in labels:
        found.setdefault(label.item, []).append(label)
    return {item: given for item, given in found.items() if answers_of(given)}


def _joined(
    case: str, given: Sequence[Label], entry: TrialReading, planned: PlannedCase | None
) -> _Joined:
    item = given[0].item
    used = str(entry.reading.details.get("digest", ""))
    kept = of_version(given, versions_asked(planned, used))
    answers = answers_of(kept).get(item, {})
    left_out = "" if item in random_items(kept) else NOT_AT_RANDOM
    return _Joined(
        _item(item, case, answers, entry),
        entry,
        left_out if answers else OTHER_VERSION,
        any(not label.rubric for label in kept),
    )


def _told(found: Sequence[_Joined]) -> Iterator[str]:
    """What was left out and why, and what nobody can know of the rest."""
    counts = Counter(one.left_out for one in found)
    if counts[NOT_AT_RANDOM]:
        yield (
            f"{left_out_note(counted(counts[NOT_AT_RANDOM], 'labelled trial'))}; label more of "
            "the audit"
        )
    if counts[OTHER_VERSION]:
        yield (
            f"{counted(counts[OTHER_VERSION], 'labelled trial')} left out: labelled for another "
            "version of the rubric than the judge was asked; label them again"
        )
    if unknown := sum(one.of_unknown_version and not one.left_out for one in found):
        yield (
            f"{counted(unknown, 'labelled trial')} counted whose labels do not say which version "
            "of the rubric they answer"
        )


def _nobody_labelled(app: App, question: str) -> UnknownName:
    others = sorted({label.question for label in app.store.labels.list()})
    label = "label trials with `roadworthy review`, or give a file with --labels"
    return UnknownName(
        f"nobody has labelled {printable(question, limit=80)!r} yet",
        hint=f"{label}; labelled are: {names(others)}" if others else label,
    )


def _judges(result: TrialResult, question: str) -> Iterator[TrialReading]:
    for entry in result.readings:
        asks = entry.reading.details.get("rubric") == question
        if entry.instrument and entry.grader in JUDGED and asks:
            yield entry


def _item(item: str, case: str, answers: Mapping[str, str], entry: TrialReading) -> LabelledItem:
    reading = entry.reading
    verdict = (PASS if reading.passed else FAIL) if isinstance(reading, Grade) else None
    unread = not isinstance(reading, Grade) and reading.cause is Cause.JUDGE_UNREADABLE
    return LabelledItem(id=item, case=case, labels=dict(answers), verdict=verdict, unread=unread)


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


def _models(details: Mapping[str, Json]) -> tuple[str, ...]:
    passes = details.get("passes")
    each = passes if isinstance(passes, list) else []
    found = {str(one["model"]) for one in each if isinstance(one, dict) and one.get("model")}
    return tuple(sorted(found))
