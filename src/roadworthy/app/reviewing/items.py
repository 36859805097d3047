"""The items of a review: trials with an answer, named so that the name tells nothing of them.

An item's name is the question and 16 hex digits made from run, case and repeat. Nobody reads a
version out of it, and it stays the same for ever.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from roadworthy.app.app import App
from roadworthy.app.reviewing.questions import Questions
from roadworthy.app.reviewing.scope import SCANNED
from roadworthy.base.errors import UnknownName
from roadworthy.base.ids import hex_digest
from roadworthy.base.printable import printable
from roadworthy.grade.judge.instrument import rubric_digest
from roadworthy.grade.output_text import text_of
from roadworthy.grade.review_sampling import Candidate
from roadworthy.grade.review_signals import signals
from roadworthy.records.label import trial_item
from roadworthy.records.record import Record
from roadworthy.records.rubric import Rubric
from roadworthy.records.run import PlannedCase, Run
from roadworthy.records.trial import Ending, Trial
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.ports import RunRow

_NAME: Final = re.compile(r"([a-z][a-z0-9_-]{0,59})-([0-9a-f]{16})")
_MOST_KEPT: Final = 128  # runs whose candidates are kept


class Item(Record, frozen=True, kw_only=True):
    """A trial and the question that is put to it."""

    question: str
    run: Run
    planned: PlannedCase
    result: TrialResult

    @property
    def key(self) -> str:
        """As `Label.item` has it."""
        return trial_item(self.run.id, self.planned.id, self.result.trial.repeat)


def item_name(item: str, question: str) -> str:
    """The name under which an annotator meets an item."""
    return f"{question}-{_hidden(item)}"


def load_item(app: App, name: str) -> Item:
    """The item of that name. Raises `UnknownName`."""
    shape = _NAME.fullmatch(name)
    if shape is None:
        raise _unknown(name)
    run, planned, repeat = _place(app, name, shape[2])
    for result in app.store.runs.results(run.id, case=planned.id):
        if result.trial.repeat == repeat and can_be_labelled(result.trial):
            return Item(question=shape[1], run=run, planned=planned, result=result)
    raise _unknown(name)


def _place(app: App, name: str, hidden: str) -> tuple[Run, PlannedCase, int]:
    for row in app.store.runs.list(limit=SCANNED):
        for planned in row.run.cases:
            for repeat in range(planned.repeats):
                if _hidden(trial_item(row.run.id, planned.id, repeat)) == hidden:
                    return row.run, planned, repeat
    raise _unknown(name)


def _unknown(name: str) -> UnknownName:
    said = printable(repr(name), limit=90)
    return UnknownName(f"no item called {said}", hint="`roadworthy review next` names one")


def _hidden(item: str) -> str:
    return hex_digest(b"review\0" + item.encode("utf-8", "surrogatepass"))[:16]


def can_be_labelled(trial: Trial) -> bool:
    """Whether the agent gave an answer by itself; nothing else is put to judges either."""
    return trial.ending is Ending.COMPLETED and bool(text_of(trial.output).strip())


def candidates(app: App, rows: Sequence[RunRow], question: str) -> Sequence[Candidate]:
    """Every trial of these runs that the question can be put to."""
    questions = Questions(app)
    kept = _kept.setdefault(app, _Kept())
    return [
        one
        for row in rows
        if (rubric := questions.rubric(row.run, question)) is not None
        for one in kept.of(app, row, rubric)
    ]


class _Kept:
    """Candidates of the runs looked at last. Trials are only added, so counts tell what is new."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[object, ...], Sequence[Candidate]] = OrderedDict()
        self._lock = Lock()

    def of(self, app: App, row: RunRow, rubric: Rubric) -> Sequence[Candidate]:
        counts = (row.passed, row.failed, row.unmeasured, row.grading)
        key = (row.run.id, len(row.run.cases), *counts, rubric.name, rubric_digest(rubric))
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = tuple(_candidates(app, row.run, rubric))
        with self._lock:
            self._known[key] = found
            while len(self._known) > _MOST_KEPT:
                self._known.popitem(last=False)
        return found


_kept: WeakKeyDictionary[App, _Kept] = WeakKeyDictionary()


def _candidates(app: App, run: Run, rubric: Rubric) -> Iterator[Candidate]:
    planned = {case.id: case for case in run.cases}
    for result in app.store.runs.results(run.id):
        if result.trial.case in planned and can_be_labelled(result.trial):
            yield candidate(planned[result.trial.case], result, rubric)


def candidate(planned: PlannedCase, result: TrialResult, rubric: Rubric) -> Candidate:
    """What sampling knows of one trial."""
    found = signals(result.readings, rubric)
    trial = result.trial
    return Candidate(
        item=trial_item(trial.run, trial.case, trial.repeat),
        disagreement=found.disagreement,
        uncertainty=found.uncertainty,
        strata={**strata(planned), "verdict": result.verdict.value},
    )


def strata(planned: PlannedCase) -> dict[str, str]:
    """What the plan of a run says of a case: tier, kind, and each of its tags."""
    return {
        "tier": planned.tier,
        "kind": planned.kind.value,
        **{f"tag {tag}": "yes" for tag in planned.tags},
    }
