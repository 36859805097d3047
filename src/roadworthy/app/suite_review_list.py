"""The list of cases to retire, for a person to read, shorten and confirm; and retirement.

A list names each case with the digest it had when it was reviewed: one that was changed since
is not retired on an old reason. All cases are worked out before the first file is written, each
file is replaced whole, and applying a list again does only what is left.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from roadworthy.app.app import App
from roadworthy.app.suite_history import read_folder
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadFile, BadRequest, Problem
from roadworthy.base.registry import nearest
from roadworthy.gate.spring_cleaning.proposal import Advice, CaseReview, SuiteReview
from roadworthy.records.case import Case, Kind
from roadworthy.records.record import Record
from roadworthy.suite.case_file import Text
from roadworthy.suite.check_file import check_file
from roadworthy.suite.lifecycle import Change, Move, plan_move
from roadworthy.suite.strict_model import StrictModel
from roadworthy.suite.suite_folder import CASES
from roadworthy.suite.yaml_file import YamlFile, read_yaml
from roadworthy.suite.yaml_text import comment, yaml_text

_HEAD: Final = (
    "Cases to retire. Take out those that stay, reword the reasons as you like, then:",
    "roadworthy suite review --apply <this file>",
)
_BY: Final = "suite review"


class ListedCase(StrictModel):
    """One case to retire."""

    case: Text
    """Its id."""
    digest: Text
    """What it asked and expected when it was reviewed."""
    why: Text
    """The reason; it goes into the case's history."""


class ReviewList(StrictModel):
    """What a person confirmed."""

    suite: Text
    """Name of the suite."""
    retire: Annotated[list[ListedCase], Field(max_length=100_000)]
    """The cases."""


class Retirement(Record, frozen=True, kw_only=True, omit_defaults=False):
    """The documented shape of `suite review --apply --json`."""

    suite: str
    retired: tuple[str, ...]
    already: tuple[str, ...]  # that were retired before


class Retiring:
    """Retirements that were worked out; nothing is written until `write`."""

    def __init__(self, suite: str, changes: dict[str, Change], already: Sequence[str]) -> None:
        self.suite = suite
        self.cases = tuple(changes)
        self._changes = changes
        self._already = tuple(already)

    def write(self) -> Retirement:
        """Change the files. Raises `BadRequest` for one that was changed meanwhile."""
        for change in self._changes.values():
            change.write()
        return Retirement(suite=self.suite, retired=self.cases, already=self._already)


def listed(review: SuiteReview) -> ReviewList:
    """The cases that a review would retire."""
    found = [listed_case(one) for one in review.cases if one.advice is Advice.RETIRE]
    return ReviewList(suite=review.suite, retire=found)


def listed_case(one: CaseReview) -> ListedCase:
    """A case with the reason that goes into its file."""
    rules = ", ".join(
        dict.fromkeys(ground.rule.replace("_", " ") for ground in one.grounds if ground.strong)
    )
    return ListedCase(case=one.case, digest=one.digest, why=f"{rules}: {one.because}")


def write_list(review: SuiteReview, path: Path) -> ReviewList:
    """Write the list to a new file.

    Raises:
        BadRequest: there is a file already, or it cannot be written.
    """
    found = listed(review)
    text = comment(list(_HEAD)) + yaml_text(_written(found))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadRequest(f"{path} is there already", hint="name a new file") from None
    except OSError as error:
        raise BadRequest(f"{path} cannot be written: {error.strerror}") from None
    return found


def _written(found: ReviewList) -> dict[str, Json]:
    cases: list[Json] = [
        {"case": one.case, "digest": one.digest, "why": one.why} for one in found.retire
    ]
    return {"suite": found.suite, "retire": cases}


def plan_from_file(app: App, path: Path, *, suite: str | None) -> Retiring:
    """Work out the retirements of a list.

    Raises:
        BadFile: with everything that is wrong in the list, or in the suite's files.
        BadRequest: the list is of another suite than `suite`, or there is none of that name.
    """
    document = read_yaml(path)
    found, problems = check_file(ReviewList, document)
    if found is None:
        raise BadFile(problems)
    if suite is not None and Path(suite).name != found.suite:
        raise BadRequest(f"{path} lists cases of suite {found.suite}, not of {suite}")
    return plan_retirements(app, found, document)


def plan_retirements(app: App, found: ReviewList, document: YamlFile | None = None) -> Retiring:
    """Work out the retirements of cases that a person confirmed; `document` is where they stand.

    Raises:
        BadFile: with every case that is unknown, named twice, or was changed since.
        BadRequest: a case's file cannot be changed without changing more.
    """
    read, suite = read_folder(app, found.suite)
    known = {case.id: case for case in suite.cases}
    place = document or YamlFile(file=read.folder, value=None, lines={})
    problems = list(_problems(found.retire, known, place))
    if problems:
        raise BadFile(problems)
    gone = [one for one in found.retire if known[one.case].kind is Kind.RETIRED]
    at = app.clock()
    changes = {
        one.case: plan_move(
            read.folder / CASES / f"{one.case}.yaml",
            Move(kind=Kind.RETIRED, why=one.why, by=_BY, at=at),
        )
        for one in found.retire
        if one not in gone
    }
    return Retiring(suite.id, changes, [one.case for one in gone])


def _problems(
    listed_cases: Sequence[ListedCase], known: dict[str, Case], document: YamlFile
) -> Iterable[Problem]:
    seen: set[str] = set()
    for row, one in enumerate(listed_cases):
        place = ("retire", row, "case")
        case = known.get(one.case)
        if case is None:
            hint = nearest(one.case, list(known))
            yield document.problem(place, f"the suite has no case {one.case!r}", hint=hint)
        elif one.case in seen:
            yield document.problem(place, f"{one.case!r} is named twice")
        elif case.kind is not Kind.RETIRED and case.digest != one.digest:
            message = f"{one.case!r} was changed since it was reviewed"
            hint = "review the suite again: roadworthy suite review"
            yield document.problem(place, message, hint=hint)
        seen.add(one.case)
