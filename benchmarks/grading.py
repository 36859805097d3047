"""Grading recorded trials: the tau-bench file of 200 trajectories (5,308 messages).

Every grader of outputs and paths that needs no case of its own, then the airline policy with its
14 rules, over traces whose paths were never read before; then `eval regrade` with all of it in
one process: loading traces, grading, writing the readings, and the report.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

from measuring import ROOT, Broken, Figure, Options, options, parser, report
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.import_traces import import_file
from roadworthy.app.regrading.plan import RegradeRequest
from roadworthy.app.regrading.regrade import regrade
from roadworthy.base.codec import Json
from roadworthy.grade.grade_trial import BuiltGrader, grade_trial
from roadworthy.grade.registry import build, check_grader
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.reading import Cause, Unmeasured
from roadworthy.records.trial import Trial
from roadworthy.scaffold.data_files import TAU_BENCH_AIRLINE, data_path
from roadworthy.suite.policy import load_suite_graders
from roadworthy.suite.suite_folder import SUITE_FILE

POLICY: Final = ROOT / "tests" / "data" / "airline-policy"
RUN: Final = "gpt-4o"
GOAL_S: Final = 1.0
QUICK_TRIALS: Final = 5
GRADERS: Final[dict[str, Json]] = {
    "completed": {},
    "contains": "reservation",
    "not_contains": ["password", "Traceback"],
    "regex": r"(?i)\b(?:reservation|flight|refund)\b",
    "exact": "Your reservation was cancelled.",
    "similarity": {"text": "Your reservation was cancelled.", "at_least": 0.5},
    "trajectory": {
        "calls": [{"tool": "get_user_details"}, {"tool": "get_reservation_details"}],
        "mode": "subsequence",
    },
    "limits": {"max_calls": 30},
    "loop": {},
    "repeated_write": {},
    "tool_errors": {},
    "recorded_outcome": {},
}


def main() -> None:
    asked = parser(__doc__ or "", runs=5)
    report("grading", options(asked.parse_args()), measure)


def measure(asked: Options) -> Sequence[Figure]:
    with tempfile.TemporaryDirectory() as place, App(Path(place)) as app:
        import_file(app, data_path(TAU_BENCH_AIRLINE), as_run=RUN, format_name=None, strict=True)
        most = QUICK_TRIALS if asked.quick else None
        plain = [_built(name, raw) for name, raw in GRADERS.items()]
        rules = [(spec, build(spec)) for spec in _policy()]
        return [
            _figure(f"{len(plain)} output and trajectory graders", app, plain, asked.runs, most),
            _figure(f"airline policy, {len(rules)} rules", app, rules, asked.runs, most),
            _regrading(app, asked.runs),
        ]


def _policy() -> tuple[GraderSpec, ...]:
    return load_suite_graders(POLICY / SUITE_FILE, check_grader)


def _built(name: str, raw: Json) -> BuiltGrader:
    spec = GraderSpec(grader=name, options=check_grader(name, raw))
    return spec, build(spec)


def _figure(
    what: str, app: App, graders: Sequence[BuiltGrader], runs: int, most: int | None
) -> Figure:
    values = [_graded_s(_trials(app)[:most], graders) for _ in range(runs)]
    return Figure(name=f"200 trajectories, {what}", unit="s", values=values, at_most=GOAL_S)


def _trials(app: App) -> list[Trial]:
    """With their traces, none of which was looked into yet."""
    return [
        replace(one.trial, trace=app.store.traces.load(str(one.trial.trace_id)))
        for one in app.store.runs.results(RUN, grading=0)
    ]


def _graded_s(trials: Sequence[Trial], graders: Sequence[BuiltGrader]) -> float:
    async def work() -> None:
        for trial in trials:
            for entry in await grade_trial(graders, trial):
                match entry.reading:
                    case Unmeasured(cause=Cause.GRADER_ERROR, why=why):
                        raise Broken(why)

    begun = perf_counter()
    asyncio.run(work())
    return perf_counter() - begun


def _regrading(app: App, runs: int) -> Figure:
    values = []
    for _ in range(runs):
        begun = perf_counter()
        found = asyncio.run(regrade(app, RUN, RegradeRequest(suite=str(POLICY))))
        values.append(perf_counter() - begun)
        if not found.in_force or found.ungraded:
            raise Broken(f"not every trial was graded: {found.ungraded}")
    name = "200 trajectories, eval regrade by the policy, store and report included"
    return Figure(name=name, unit="s", values=values)


if __name__ == "__main__":
    main()
