"""What a version can do and cannot: its pass rate by tier, category, difficulty and tag.

A run's plan knows tiers and tags. Categories and difficulties are those of the suite's files
today, of cases that still ask what was run; a case that was changed since has none. One case
may stand in several groups, so groups are no parts of a whole.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from roadworthy.app.app import App
from roadworthy.app.judging.grader_check import grader_check
from roadworthy.base.ids import natural_key
from roadworthy.gate.rates import pass_rate
from roadworthy.records.decision import Rate
from roadworthy.records.evidence import CaseEvidence
from roadworthy.records.record import Record
from roadworthy.records.run import Run
from roadworthy.suite.coverage_facets import Facets, facets_of, facets_of_tags
from roadworthy.suite.load import find_suites
from roadworthy.suite.suite_folder import read_suite_folder

LEVEL: Final = 0.95
BY: Final = ("category", "difficulty", "persona", "fault", "variant", "tier", "tags")
MOST_GROUPS: Final = 50
"""Of one dimension, those with the most cases: tags may be as many as cases."""


class ProfileLine(Record, frozen=True, kw_only=True, omit_defaults=False):
    """One group of cases; the rate is the mean of its cases' rates."""

    by: str
    value: str
    cases: int
    unmeasured: int  # cases without a single verdict
    rate: Rate


def capability_profile(
    app: App, run: Run, cases: Sequence[CaseEvidence]
) -> tuple[ProfileLine, ...]:
    """Groups by dimension in the order of `BY`, then by value; none where all cases are alike."""
    known = _facets(app, run)
    groups: dict[tuple[str, str], list[CaseEvidence]] = {}
    for case in cases:
        for name in BY:
            for value in known.get(case.case, {}).get(name, ()):
                groups.setdefault((name, value), []).append(case)
    lines = []
    for name in BY:
        of_name = {value: held for (by, value), held in groups.items() if by == name}
        if len(of_name) == 1 and len(next(iter(of_name.values()))) == len(cases):
            continue  # every case has it: that is the pass rate of the run
        largest = sorted(of_name, key=lambda value: (-len(of_name[value]), natural_key(value)))
        shown = sorted(largest[:MOST_GROUPS], key=natural_key)
        lines += [_line(name, value, of_name[value]) for value in shown]
    return tuple(lines)


def _line(by: str, value: str, cases: Sequence[CaseEvidence]) -> ProfileLine:
    return ProfileLine(
        by=by,
        value=value,
        cases=len(cases),
        unmeasured=sum(not case.measured for case in cases),
        rate=pass_rate(cases, level=LEVEL),
    )


def _facets(app: App, run: Run) -> Mapping[str, Facets]:
    """What is known of each case of the run."""
    of_files = _facets_of_files(app, run.suite)
    found: dict[str, Facets] = {}
    for one in run.cases:
        of_file = of_files.get((one.id, one.digest), {})
        of_plan = {name: tuple(values) for name, values in facets_of_tags(one.tags).items()}
        found[one.id] = {**of_file, **of_plan, "tier": (one.tier,)}
    return found


def _facets_of_files(app: App, suite: str) -> dict[tuple[str, str], Facets]:
    """By id and digest; cases whose files cannot be read are left out."""
    folder = next((one for one in find_suites(app.project) if one.name == suite), None)
    if folder is None:
        return {}
    read = read_suite_folder(folder, grader_check(app, folder))
    return {(one.case.id, one.case.digest): facets_of(one) for one in read.cases}
