"""Reading a suite's folder: every file and every problem, with nothing raised until asked.

Not here: one case (`read_case`), judging what is odd but allowed (`lint`).
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from roadworthy.base.errors import BadFile, Problem
from roadworthy.base.ids import natural_key
from roadworthy.records.case import Suite
from roadworthy.records.grader_spec import CheckGrader
from roadworthy.suite.case_id import bad_id, same_but_for_case
from roadworthy.suite.check_file import check_file
from roadworthy.suite.end_state import read_end_state
from roadworthy.suite.graders import asked_in, specs
from roadworthy.suite.policy import read_policy
from roadworthy.suite.read_case import ReadCase, SuiteDefaults, read_case
from roadworthy.suite.suite_file import SuiteFile
from roadworthy.suite.yaml_file import read_yaml

SUITE_FILE: Final = "suite.yaml"
CASES: Final = "cases"
RECORDINGS: Final = "recordings"


@dataclass(slots=True, kw_only=True)
class SuiteFolder:
    """All that could be read of a suite, and all that could not."""

    folder: Path
    file: SuiteFile | None = None
    cases: list[ReadCase] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def suite(self) -> Suite:
        """The suite as a record.

        Raises:
            BadFile: with everything that is wrong in any of its files.
        """
        if self.problems or self.file is None:
            raise BadFile(self.problems)
        return Suite(
            id=self.folder.name,
            cases=tuple(read.case for read in self.cases),
            title=self.file.title or "",
            target=self.file.target,
            repeats=self.file.repeats,
            timeout_s=self.file.timeout_s,
            tiers=self.file.all_tiers,
            min_measured=self.file.min_measured,
            uncalibrated=(self.file.uncalibrated_judges or "").strip(),
        )


def read_suite_folder(folder: Path, check: CheckGrader, *, only: Path | None = None) -> SuiteFolder:
    """Read the suite in `folder`; `only` leaves out every other case."""
    folder = folder.resolve()
    read = SuiteFolder(folder=folder)
    read.problems.extend(bad_id(folder, folder.name, "folder"))
    defaults, problems = _suite_file(folder / SUITE_FILE, check)
    read.file = defaults.file
    read.problems.extend(problems)
    for path in _case_paths(read) if only is None else [only]:
        case, problems = read_case(path, defaults, check)
        read.problems.extend(problems)
        if case is not None:
            read.cases.append(case)
    return read


def _suite_file(path: Path, check: CheckGrader) -> tuple[SuiteDefaults, list[Problem]]:
    unread = SuiteDefaults(folder=path.parent, file=None)
    if not path.exists():
        hint = "a suite is a folder evals/<suite> with suite.yaml and cases/"
        return unread, [Problem(file=path, message="no such file", hint=hint)]
    try:
        document = read_yaml(path)
    except BadFile as error:
        return unread, list(error.problems)
    if document.value is None:  # nothing but defaults
        return SuiteDefaults(folder=path.parent, file=SuiteFile()), []
    file, problems = check_file(SuiteFile, document)
    graders, found = specs(asked_in(document, problems), document, check)
    looks = read_end_state(document, check, hosts=None if file is None else file.end_state_hosts)
    policy = read_policy(document, check)
    defaults = SuiteDefaults(
        folder=path.parent,
        file=file,
        graders=[*graders, *policy.rules, *looks.graders],
        probes=tuple(looks.probes),
    )
    return defaults, [*problems, *found, *policy.problems, *looks.problems]


def _case_paths(read: SuiteFolder) -> list[Path]:
    folder = read.folder / CASES
    try:
        files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        files = []
    for path in files:
        if path.suffix.lower() in {".yml", ".yaml"} and path.suffix != ".yaml":
            hint = f"rename it to {path.stem}.yaml"
            read.problems.append(Problem(file=path, message="would never be run", hint=hint))
    paths = [path for path in files if path.suffix == ".yaml"]
    if not paths:
        hint = "write cases/<id>.yaml, or draft one with `roadworthy case mint`"
        read.problems.append(Problem(file=folder, message="the suite has no cases", hint=hint))
    read.problems.extend(same_but_for_case(paths))
    return sorted(paths, key=lambda path: natural_key(path.stem))
