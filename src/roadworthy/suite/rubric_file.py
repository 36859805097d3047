"""A rubric as people write it, and its way to the record; all mistakes at once, with lines."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from roadworthy.base.errors import BadFile, Problem
from roadworthy.base.printable import printable
from roadworthy.records.rubric import Aggregate, Criterion, Flaw, Reference, Rubric, Scale
from roadworthy.suite.check_file import check_file
from roadworthy.suite.strict_model import StrictModel
from roadworthy.suite.yaml_file import YamlFile, read_yaml

Text = Annotated[str, Field(min_length=1)]
Score = Annotated[float, Field(ge=0, le=1)]
Shown = Literal["input", "output", "expected", "documents", "transcript", "policy"]

_STEPS: Final = {"pass_fail": 2, "1..5": 5}


class CriterionFile(StrictModel):
    """One question to the judge."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    """Lower-case letters, digits and `_`."""
    question: Text
    """What the judge answers, as a question."""
    scale: Literal["pass_fail", "1..5"] = "pass_fail"
    """`pass_fail`, or `1..5` with 5 best."""
    anchors: list[Text] = []
    """What each answer means, worst first: two for `pass_fail`, five for `1..5`."""
    weight: Annotated[float, Field(gt=0, le=1000)] = 1.0
    """Its share in the score, relative to the other criteria."""
    required: bool = False
    """It must reach `min_score` by itself."""
    quotes: bool = False
    """The judge must quote what it rests on; without a quote that can be found, nothing is read."""


class PenaltiesFile(StrictModel):
    """What flaws of the answer take off the score; rules find them, in English."""

    vacuous: Score = 0.0
    """Courtesy, or the question again, and nothing else."""
    hedged: Score = 0.0
    """Most sentences leave open whether they hold."""


class RubricFile(StrictModel):
    """What a judge is asked of an answer, and what its scores add up to."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
    """Lower-case letters, digits, `_` and `-`."""
    version: str = ""
    """As you call it; what tells two rubrics apart is their content."""
    criteria: Annotated[list[CriterionFile], Field(min_length=1, max_length=20)]
    """The questions."""
    min_score: Score
    """The weighted mean of the criteria, 0 to 1, from which an answer passes."""
    aggregate: Literal["median", "majority"] = "median"
    """How several passes become one: `median` of the scores, or `majority` of the verdicts."""
    references: list[Shown] = ["input", "output"]
    """What the judge is shown; without one of these nothing is asked."""
    optional: list[Shown] = []
    """What the judge is shown where it is known."""
    domain: str = ""
    """What a judge should know of the field, in a few sentences."""
    penalties: PenaltiesFile = PenaltiesFile()
    """What flaws of the answer take off the score."""


def read_rubric(path: Path) -> Rubric:
    """The rubric in `path`.

    Raises:
        BadFile: with everything that is wrong in it.
    """
    document = read_yaml(path)
    file, problems = check_file(RubricFile, document)
    if file is not None:
        problems = [*problems, *_further(file, document)]
    if problems or file is None:
        raise BadFile(problems)
    return _record(file)


def _further(file: RubricFile, document: YamlFile) -> Iterator[Problem]:
    for name, count in Counter(criterion.name for criterion in file.criteria).items():
        if count > 1:
            message = f"{count} criteria are called {printable(name)!r}"
            yield document.problem(("criteria",), message)
    for index, criterion in enumerate(file.criteria):
        steps = _STEPS[criterion.scale]
        if criterion.anchors and len(criterion.anchors) != steps:
            message = f"{criterion.scale} has {steps} answers, got {len(criterion.anchors)} anchors"
            yield document.problem(("criteria", index, "anchors"), message, hint="worst first")
    if "output" not in file.references:
        yield document.problem(("references",), "does not name output, which is what is judged")
    for shown in file.optional:
        if shown in file.references:
            yield document.problem(("optional",), f"{shown} is among `references` already")


def _record(file: RubricFile) -> Rubric:
    penalties = {Flaw.VACUOUS: file.penalties.vacuous, Flaw.HEDGED: file.penalties.hedged}
    return Rubric(
        name=file.name,
        criteria=tuple(_criterion(one) for one in file.criteria),
        min_score=file.min_score,
        version=file.version,
        aggregate=Aggregate(file.aggregate),
        references=tuple(Reference(shown) for shown in dict.fromkeys(file.references)),
        optional=tuple(Reference(shown) for shown in dict.fromkeys(file.optional)),
        domain=file.domain,
        penalties={flaw: off for flaw, off in penalties.items() if off > 0},
    )


def _criterion(file: CriterionFile) -> Criterion:
    return Criterion(
        name=file.name,
        question=file.question,
        scale=Scale(file.scale),
        anchors=tuple(file.anchors),
        weight=file.weight,
        required=file.required,
        quotes=file.quotes,
    )
