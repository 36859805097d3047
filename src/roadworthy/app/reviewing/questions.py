"""The questions that can be put to trials: rubrics that their graders ask by, and ready ones."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from roadworthy.app.app import App
from roadworthy.app.judging.grader_check import JUDGED
from roadworthy.app.judging.rubrics import load_rubric, ready_rubrics
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.base.printable import printable
from roadworthy.base.registry import nearest
from roadworthy.records.record import Record
from roadworthy.records.rubric import Rubric
from roadworthy.records.run import PlannedCase, Run
from roadworthy.suite.load import find_suites

USUAL = "correctness"
"""The question where no grader asks one."""


class Asked(Record, frozen=True, kw_only=True):
    """A rubric, with what a case's grader shows beside the answer."""

    rubric: Rubric
    expected: Json = None
    policy: str | None = None


class Questions:
    """One look at the rubrics of the project; each file is read once."""

    def __init__(self, app: App) -> None:
        self._folders = {folder.name: folder for folder in find_suites(app.project)}
        self._loaded: dict[tuple[str, Path | None], Rubric | None] = {}

    def of_runs(self, runs: Sequence[Run]) -> Sequence[str]:
        """Names of the rubrics that graders of these runs ask by, first run first."""
        names: dict[str, None] = {}
        for run in runs:
            names |= dict.fromkeys(rubric.name for rubric in self._of_run(run))
        return tuple(names)

    def chosen(self, question: str | None, runs: Sequence[Run]) -> str:
        """The question asked for; else the first that a grader asks, else `USUAL`.

        Raises:
            UnknownName: no such rubric, neither among the ready ones nor in these runs.
        """
        asked = self.of_runs(runs)
        if question is None:
            return next(iter(asked), USUAL)
        known = list(dict.fromkeys([*asked, *ready_rubrics()]))
        if question not in known:
            said = printable(repr(question), limit=60)
            raise UnknownName(f"no rubric called {said}", hint=nearest(question, known))
        return question

    def rubric(self, run: Run, question: str) -> Rubric | None:
        """The rubric that `question` means in a run: its own, else the ready one, else none."""
        own = (rubric for rubric in self._of_run(run) if rubric.name == question)
        ready = self._load(question, None) if question in ready_rubrics() else None
        return next(own, ready)

    def asked(self, run: Run, case: PlannedCase, question: str) -> Asked | None:
        """The rubric, with what the grader of the case shows if one asks this question."""
        rubric = self.rubric(run, question)
        if rubric is None:
            return None
        for name, options in _asking(case):
            used = self._load(name, self._folders.get(run.suite))
            if used is not None and used.name == question:
                policy = options.get("policy")
                return Asked(
                    rubric=rubric,
                    expected=options.get("expected"),
                    policy=policy if isinstance(policy, str) else None,
                )
        return Asked(rubric=rubric)

    def _of_run(self, run: Run) -> Sequence[Rubric]:
        folder = self._folders.get(run.suite)
        names = dict.fromkeys(name for case in run.cases for name, _ in _asking(case))
        return [rubric for name in names if (rubric := self._load(name, folder)) is not None]

    def _load(self, name: str, folder: Path | None) -> Rubric | None:
        """A rubric, unless it is gone or broken by now."""
        if (name, folder) not in self._loaded:
            try:
                self._loaded[name, folder] = load_rubric(name, folder)
            except BadRequest:
                self._loaded[name, folder] = None
        return self._loaded[name, folder]


def _asking(case: PlannedCase) -> Iterator[tuple[str, dict[str, Json]]]:
    """Names and options of the rubrics of a case, wherever in its graders they stand."""
    for spec in case.graders:
        yield from _asking_in({spec.grader: dict(spec.options)})


def _asking_in(value: Json) -> Iterator[tuple[str, dict[str, Json]]]:
    if isinstance(value, list):
        for item in value:
            yield from _asking_in(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in JUDGED and isinstance(inner, dict) and isinstance(inner.get("rubric"), str):
                yield str(inner["rubric"]), inner
            else:
                yield from _asking_in(inner)
