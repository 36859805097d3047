"""Checking graders that need judges when a suite is loaded, rubric and judges included.

The options in full form get the rubric's `digest`, so that a case whose rubric changed is
another case, and a run that was planned with one rubric is not finished with another.
"""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from roadworthy.app.app import App
from roadworthy.app.judging.rubrics import load_rubric
from roadworthy.app.settings import FILE_NAME
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadFile, BadRequest
from roadworthy.base.registry import nearest
from roadworthy.grade.judge.instrument import rubric_digest
from roadworthy.grade.judge.rubric_grader import Pairwise, RubricGrader
from roadworthy.grade.registry import check_grader
from roadworthy.records.grader_spec import BadOptions, CheckGrader, OptionProblem
from roadworthy.records.rubric import Reference, Rubric

JUDGED: Final = frozenset({RubricGrader.name, Pairwise.name})
NO_EXTRA: Final = "needs what is not installed here"
INSTALL: Final = "pip install 'roadworthy[judge]'"


def grader_check(app: App, folder: Path) -> CheckGrader:
    """Checks graders of the suite in `folder`; reads each rubric once."""
    return _Check(app, folder)


class _Check:
    """A `CheckGrader` that knows the project's judges and the suite's rubrics."""

    def __init__(self, app: App, folder: Path) -> None:
        self._app = app
        self._folder = folder
        self._rubrics: dict[tuple[str, str], Rubric] = {}

    def __call__(self, name: str, raw: Json) -> dict[str, Json]:
        options = check_grader(name, raw, inner=self)
        return self._complete(name, options) if name in JUDGED else options

    def _complete(self, name: str, options: dict[str, Json]) -> dict[str, Json]:
        problems = [*_extra(), *_judges(self._app, options)]
        try:
            rubric = self._rubric(str(options["rubric"]), str(options.get("digest", "")))
        except BadFile as error:
            problems += [OptionProblem(place="rubric", message=str(one)) for one in error.problems]
        except BadRequest as error:
            problem = OptionProblem(place="rubric", message=error.message, hint=error.hint)
            problems.append(problem)
        else:
            problems += _missing(name, options, rubric)
            options = {**options, "digest": rubric_digest(rubric)}
        if problems:
            raise BadOptions(problems)
        return options

    def _rubric(self, name: str, digest: str) -> Rubric:
        if (name, digest) not in self._rubrics:
            self._rubrics[name, digest] = load_rubric(name, self._folder, digest=digest)
        return self._rubrics[name, digest]


def _extra() -> Iterator[OptionProblem]:
    if find_spec("pydantic_ai") is None:
        yield OptionProblem(place="", message=NO_EXTRA, hint=INSTALL)


def _judges(app: App, options: dict[str, Json]) -> Iterator[OptionProblem]:
    known = list(app.settings.judges)
    for place, name in _named(options):
        if name not in known:
            hint = nearest(name, known) or f"add [judges.{name}] to {FILE_NAME}"
            message = f"no judge called {name!r} in {FILE_NAME}"
            yield OptionProblem(place=place, message=message, hint=hint)
    if [*_named(options)] or len(known) == 1:
        return
    if known:
        hint = f"name one with `judge`, or several with `panel`: {', '.join(sorted(known))}"
        yield OptionProblem(place="", message="the project has several judges", hint=hint)
    else:
        hint = 'add [judges.main] with model = "…"'
        yield OptionProblem(place="", message=f"no judge is set up in {FILE_NAME}", hint=hint)


def _named(options: dict[str, Json]) -> Iterator[tuple[str, str]]:
    if options.get("judge"):
        yield "judge", str(options["judge"])
    panel = options.get("panel")
    for index, name in enumerate(panel if isinstance(panel, list) else []):
        yield f"panel[{index}]", str(name)


def _missing(name: str, options: dict[str, Json], rubric: Rubric) -> Sequence[OptionProblem]:
    """What the rubric shows, and only the one who asks for it can give."""
    given: dict[Reference, Json] = {
        Reference.EXPECTED: options.get("expected") if name == RubricGrader.name else "",
        Reference.POLICY: options.get("policy"),
    }
    return [
        OptionProblem(place=one.value, message=f"is missing, and rubric {rubric.name} shows it")
        for one, value in given.items()
        if one in rubric.references and value is None
    ]
