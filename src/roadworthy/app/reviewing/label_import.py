"""Labels that exist already, into the store: checked as a whole, then stored as a whole."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.reviewing.items import strata
from roadworthy.app.reviewing.label_file import FileDefaults, FileLabel, TrialPlace, read_labels
from roadworthy.base.errors import BadFile, Problem, UnknownName
from roadworthy.base.printable import printable
from roadworthy.records.label import Label, Labeller
from roadworthy.records.run import Run


class ImportedLabels(msgspec.Struct, frozen=True, kw_only=True):
    """What `review import` did; those that were `known` are left as they were."""

    file: str
    read: int
    new: int
    known: int
    made_by_model: int
    annotators: tuple[str, ...]
    questions: tuple[str, ...]


def import_labels(app: App, path: Path, defaults: FileDefaults) -> ImportedLabels:
    """Read a file of labels and store them; a file with any mistake changes nothing.

    A label of a trial takes suite, strata and trace from the run, where the file says none.

    Raises:
        BadFile: with everything that is wrong in it.
        BadRequest: it cannot be read.
    """
    labels = _placed(app, path, read_labels(path, defaults))
    new = app.store.labels.add(labels)
    return ImportedLabels(
        file=str(path),
        read=len(labels),
        new=new,
        known=len(labels) - new,
        made_by_model=sum(label.made_by is Labeller.MODEL for label in labels),
        annotators=tuple(sorted({label.annotator for label in labels})),
        questions=tuple(sorted({label.question for label in labels})),
    )


def _placed(app: App, path: Path, entries: Sequence[FileLabel]) -> list[Label]:
    names = dict.fromkeys(entry.trial.run for entry in entries if entry.trial is not None)
    places = {name: _Place(app, name) for name in names}
    placed, problems = [], []
    for entry in entries:
        try:
            placed.append(_of_trial(entry, places))
        except UnknownName as error:
            problem = Problem(file=path, line=entry.line, message=error.message, hint=error.hint)
            problems.append(problem)
    if problems:
        raise BadFile(problems)
    return placed


def _of_trial(entry: FileLabel, places: Mapping[str, "_Place"]) -> Label:
    if entry.trial is None:
        return entry.label
    return places[entry.trial.run].label(entry.label, entry.trial)


class _Place:
    """A run, with the traces of its trials; looked up once for a file."""

    def __init__(self, app: App, name: str) -> None:
        self._run: Run | UnknownName
        try:
            self._run = app.store.runs.load(name).run
        except UnknownName as error:
            self._run = error
            return
        self._cases = {case.id: case for case in self._run.cases}
        results = app.store.runs.results(name)
        self._traces = {(one.trial.case, one.trial.repeat): one.trial.trace_id for one in results}

    def label(self, label: Label, trial: TrialPlace) -> Label:
        """The label with what the run says. Raises `UnknownName`."""
        if isinstance(self._run, UnknownName):
            raise self._run
        if trial.case not in self._cases or trial[1:] not in self._traces:
            said = printable(repr(trial.case), limit=60)
            raise UnknownName(
                f"run {self._run.id} has no trial {trial.repeat} of case {said}",
                hint="repeats count from 0",
            )
        return replace(
            label,
            domain=label.domain or self._run.suite,
            slices=label.slices or strata(self._cases[trial.case]),
            trace_id=label.trace_id or self._traces[trial[1:]],
        )
