"""What a grading of stored trials will hold them to, worked out before any trial is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.imported_run import GRADER
from roadworthy.app.judging.grader_check import grader_check
from roadworthy.app.regrading.question import Question, asked_digest, question
from roadworthy.app.regrading.regraded_run import graded_run
from roadworthy.app.suites import load, suite_folder
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.base.registry import nearest
from roadworthy.records.case import Case
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.run import Budget, PlannedCase, RunOrigin
from roadworthy.store.ports import RunRow
from roadworthy.suite.policy import load_suite_graders
from roadworthy.suite.suite_folder import SUITE_FILE

_WHY = {
    Question.CHANGED: "what the case asks has changed since the trial",
    Question.UNPROVED: (
        "what the case asks may have changed since the trial; nothing proves that it has not"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegradeRequest:
    """What `eval regrade` was asked; `None` takes the run's own suite and the settings' limits."""

    suite: str | None = None  # name, or folder
    cases: Sequence[str] = ()  # only these; none means all
    note: str = ""
    budget: Budget | None = None  # for judges
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegradePlan:
    """The cases of a new grading; each is in exactly one of the mappings below, or imported."""

    row: RunRow
    folder: Path  # of the suite whose graders read
    cases: tuple[PlannedCase, ...]  # as the grading holds them
    asked: Mapping[str, Case]  # those that are read by today's graders
    blind: frozenset[str] = frozenset()  # of these, whose looks at the end state may be others
    refused: Mapping[str, str]  # those that no grader may read, with the reason
    kept: frozenset[str]  # those whose readings stay as they are

    @property
    def imported(self) -> bool:
        """Whether somebody else ran the trials: then the suite's cases are not theirs."""
        return self.row.run.origin is RunOrigin.IMPORTED

    @property
    def graders(self) -> Mapping[str, tuple[GraderSpec, ...]]:
        """What reads each case."""
        return {case.id: case.graders for case in self.cases}


def plan_regrade(app: App, row: RunRow, request: RegradeRequest) -> RegradePlan:
    """Plan a grading of the run by the suite's files as they are now.

    Raises:
        BadFile: with everything that is wrong in the suite.
        BadRequest: an imported run, and no suite was named.
        UnknownName: no such suite, or no such case in the run.
    """
    _refuse_unknown(row, request.cases)
    now = graded_run(app, row)
    folder = _folder(app, row, request, None if now.grading is None else now.grading.source)
    plan = _plan_imported if row.run.origin is RunOrigin.IMPORTED else _plan_executed
    return plan(app, row, request, now.run.cases, folder)


def _folder(app: App, row: RunRow, request: RegradeRequest, latest: str | None) -> Path:
    """Of the suite that was named, else that graded the run last, else that it was run from."""
    named = request.suite or latest
    if named is None and row.run.origin is RunOrigin.IMPORTED:
        raise BadRequest(
            f"run {row.run.id} was imported, so it has no suite of its own",
            hint="name the suite whose graders and policy it is to be held to: --suite",
        )
    return suite_folder(app, named or row.run.source or row.run.suite)


def _plan_imported(
    app: App, row: RunRow, request: RegradeRequest, now: Sequence[PlannedCase], folder: Path
) -> RegradePlan:
    """Graders and policy of the suite's own file, beside what the source recorded."""
    found = load_suite_graders(folder / SUITE_FILE, grader_check(app, folder))
    recorded = GraderSpec(grader=GRADER)
    specs = (recorded, *(spec for spec in found if spec != recorded))
    if len(specs) == 1:
        raise BadRequest(
            f"the suite {folder.name} has no graders of its own",
            hint="`graders` and `policy` of suite.yaml read an imported run; its cases do not",
        )
    chosen = set(request.cases or (case.id for case in now))
    cases = (replace(case, graders=specs) if case.id in chosen else case for case in now)
    kept = frozenset(case.id for case in now) - chosen
    return RegradePlan(row=row, folder=folder, cases=tuple(cases), asked={}, refused={}, kept=kept)


def _plan_executed(
    app: App, row: RunRow, request: RegradeRequest, now: Sequence[PlannedCase], folder: Path
) -> RegradePlan:
    suite = {case.id: case for case in load(app, str(folder)).cases}
    then = {case.id: case for case in row.run.cases}
    chosen = set(request.cases or then) & set(suite)
    looks = _looks(app, row, chosen)
    found = {
        name: question(then[name], suite[name], looks=looks.get(name, ()))
        for name in then
        if name in chosen
    }
    refused = {name: _WHY[one] for name, one in found.items() if one in _WHY}
    asked = {name: suite[name] for name in found if name not in refused}
    graders = {name: suite[name].graders for name in found}
    return RegradePlan(
        row=row,
        folder=folder,
        cases=tuple(_planned(case, asked.get(case.id), graders.get(case.id)) for case in now),
        asked=asked,
        blind=frozenset(name for name, one in found.items() if one is Question.SAME_UNSEEN),
        refused=refused,
        kept=frozenset(then) - chosen,
    )


def _planned(
    case: PlannedCase, today: Case | None, graders: tuple[GraderSpec, ...] | None
) -> PlannedCase:
    """A refused case keeps its digest: its trials answered the question of then."""
    if graders is None:
        return case
    if today is None:
        return replace(case, graders=graders)
    return replace(case, digest=today.digest, asked=asked_digest(today), graders=graders)


def _looks(app: App, row: RunRow, chosen: set[str]) -> Mapping[str, set[str]]:
    """Names of what was looked at after trials of each case."""
    seen: dict[str, set[str]] = {}
    for result in app.store.runs.results(row.run.id, grading=0):
        if result.trial.case in chosen and result.trial.end_state:
            names = {observation.name for observation in result.trial.end_state}
            seen.setdefault(result.trial.case, set()).update(names)
    return seen


def _refuse_unknown(row: RunRow, names: Sequence[str]) -> None:
    known = [case.id for case in row.run.cases]
    for name in names:
        if name not in known:
            raise UnknownName(
                f"run {row.run.id} has no case {name!r}", hint=nearest(name, known) or None
            )
