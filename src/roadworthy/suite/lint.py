"""What is wrong with a suite, and what is allowed but probably not meant."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

from roadworthy.base.codec import Json, canonical
from roadworthy.base.errors import Problem
from roadworthy.records.case import Kind
from roadworthy.records.grader_spec import CheckGrader
from roadworthy.suite.graders import COMPLETED
from roadworthy.suite.lifecycle_lint import lifecycle_warnings
from roadworthy.suite.messy.parent_lint import parent_warnings
from roadworthy.suite.place import Place
from roadworthy.suite.read_case import ReadCase
from roadworthy.suite.suite_folder import CASES, RECORDINGS, SuiteFolder, read_suite_folder

Level: TypeAlias = Literal["error", "warning"]


class Lint(Problem, frozen=True, kw_only=True):
    """A problem with how much it matters: an error keeps the suite from running."""

    severity: Level


def lint_suite(folder: Path, check: CheckGrader, *, now: datetime | None = None) -> list[Lint]:
    """Errors of every file of the suite, then warnings on the files that can be read.

    Without `now`, nothing is said of what is overdue.
    """
    return lint_folder(read_suite_folder(folder, check), now=now)


def lint_folder(read: SuiteFolder, *, now: datetime | None = None) -> list[Lint]:
    """The same of a suite that has been read."""
    errors = [_lint(problem, "error") for problem in read.problems]
    return [*errors, *(_lint(problem, "warning") for problem in _warnings(read, now))]


def _lint(problem: Problem, severity: Level) -> Lint:
    return Lint(
        file=problem.file,
        message=problem.message,
        line=problem.line,
        place=problem.place,
        hint=problem.hint,
        severity=severity,
    )


def _warnings(read: SuiteFolder, now: datetime | None) -> Iterator[Problem]:
    for case in read.cases:
        yield from lifecycle_warnings(case, now)
        if case.file.kind is not Kind.RETIRED:
            yield from _on_expectations(case)
            yield from _on_proof(case)
            yield from _on_recording(case)
    yield from parent_warnings(read)
    yield from _same_inputs(read.cases)
    yield from _stray_files(read)


def _warn(case: ReadCase, place: Place, message: str, hint: str | None = None) -> Problem:
    return case.document.problem(place, message, hint=hint)


def _on_expectations(case: ReadCase) -> Iterator[Problem]:
    if all(one.grader == COMPLETED or not one.required for one in case.case.graders):
        message = "expects nothing but that the agent finishes, so any answer passes"
        yield _warn(case, (), message, "say under `expect` what a right answer or path is")


def _on_proof(case: ReadCase) -> Iterator[Problem]:
    file = case.file
    if file.kind is Kind.CANDIDATE and file.recording is None:
        message = "a candidate without a recording: its tools run live when it is proved"
        yield _warn(case, ("kind",), message)
    if file.kind is Kind.REGRESSION and file.origin and not file.proof and not file.history:
        message = "minted from a trace, and gates without proof that it can fail"
        yield _warn(case, ("kind",), message, "prove it with `roadworthy case verify`")


def _on_recording(case: ReadCase) -> Iterator[Problem]:
    recording = case.case.recording
    if recording is None:
        return
    place = ("recording",)
    if not recording.calls:
        yield _warn(case, place, "the recording is empty, so every tool call diverges")
        return
    trajectory = case.file.expect.trajectory
    if trajectory is None:
        message = "tool replies are recorded, but no trajectory is expected"
        yield _warn(case, place, message, "say under `expect.trajectory` which calls are right")
        return
    recorded = {call.tool for call in recording.calls}
    for index, call in enumerate(trajectory.calls):
        if call.tool not in recorded:
            message = f"the recording holds no reply of {call.tool}, so this call diverges"
            yield _warn(case, ("expect", "trajectory", "calls", index, "tool"), message)


def _same_inputs(cases: Iterable[ReadCase]) -> Iterator[Problem]:
    groups: dict[bytes, list[ReadCase]] = defaultdict(list)
    for case in cases:
        if case.file.kind is not Kind.RETIRED:
            replies: Json = None
            if case.case.recording is not None:  # another world makes it another question
                replies = [[c.tool, c.arguments, c.result] for c in case.case.recording.calls]
            groups[canonical([case.case.input, replies])].append(case)
    for first, *others in groups.values():
        for other in others:
            yield _warn(other, ("input",), f"asks the same as {first.case.id}")


def _stray_files(read: SuiteFolder) -> Iterator[Problem]:
    """Recordings that no case reads, and files that are no cases."""
    used = {
        (read.folder / case.file.recording).resolve() for case in read.cases if case.file.recording
    }
    named_in_bad_files = bool(read.problems)  # then nobody knows which recordings are used
    for path in _files(read.folder / RECORDINGS):
        if path.resolve() not in used and not named_in_bad_files:
            yield Problem(file=path, message="no case reads this recording")
    for path in _files(read.folder / CASES):
        if path.suffix.lower() not in {".yaml", ".yml"}:
            yield Problem(file=path, message="not a case: cases are .yaml files")


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
