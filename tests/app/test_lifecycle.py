"""What the store's runs say of cases, and which cases are missing from a suite."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from roadworthy.app.app import App
from roadworthy.app.evidence_cache import evidence_of
from roadworthy.app.judging.grader_check import grader_check
from roadworthy.app.lifecycle.history import changed_at, pasts
from roadworthy.app.lifecycle.missing import missing_since
from roadworthy.app.lifecycle.moves import graduate
from roadworthy.app.lifecycle.step_summary import markdown
from roadworthy.app.verify_case import judge
from roadworthy.base.codec import Json
from roadworthy.gate.graduation import flaky, reliable
from roadworthy.gate.graduation_evidence import RunCounts
from roadworthy.records.case import Case, Kind, Suite
from roadworthy.records.decision import Verdict
from roadworthy.records.proof import ProofRun
from roadworthy.records.run import Run
from roadworthy.suite.read_case import ReadCase
from roadworthy.suite.suite_folder import read_suite_folder
from roadworthy.testing.builders import a_case, a_run

if TYPE_CHECKING:
    from tests.app.conftest import Project

TAU2 = Path(__file__).parents[3] / "shared/data/tau-trajectories/tau2-bench"


def the_case(project: "Project", app: App) -> ReadCase:
    folder = project.folder / "evals" / "main"
    (case,) = read_suite_folder(folder, grader_check(app, folder)).cases
    return case


def test_the_past_of_a_case_is_counted_from_its_runs(project: "Project", app: App) -> None:
    first, second = project.run(app), project.run(app)
    case = the_case(project, app)
    past = pasts(app, "main", [case])["hello"]

    assert [run.run for run in past.runs] == [first.run.id, second.run.id]
    assert [(run.passed, run.failed) for run in past.runs] == [(2, 0), (2, 0)]
    assert past.whole


def test_a_run_that_goes_on_is_no_past_yet(project: "Project", app: App) -> None:
    project.plan(app)

    assert pasts(app, "main", [the_case(project, app)])["hello"].runs == ()


def test_runs_before_the_last_change_of_kind_are_left_out(project: "Project", app: App) -> None:
    project.run(app)
    history: Json = [{"at": "2026-11-20T12:00:00Z", "change": "x", "why": "y"}]
    project.case("hello", "hello", history=history)
    assert len(pasts(app, "main", [the_case(project, app)])["hello"].runs) == 1

    history = [{"at": "2026-11-20T13:00:00+00:00", "change": "x", "why": "y"}]
    project.case("hello", "hello", history=history)
    assert pasts(app, "main", [the_case(project, app)])["hello"].runs == ()


@pytest.mark.parametrize(
    ("ats", "seconds"),
    [
        ([], 0.0),
        (["last week"], 0.0),
        (["1970-01-01T00:01:00Z", "some day"], 60.0),
        (["1970-01-01T00:01:00"], 60.0),
    ],
)
def test_a_history_written_by_hand_is_read_as_far_as_it_can_be(
    project: "Project", app: App, ats: Sequence[str], seconds: float
) -> None:
    project.case("hello", "hello", history=[{"at": at, "change": "x", "why": "y"} for at in ats])

    assert changed_at(the_case(project, app)) == seconds


def test_a_verified_candidate_that_ran_little_is_tracked_first(
    project: "Project", app: App
) -> None:
    side: Json = {
        "run": "r",
        "target": "t",
        "version": "v",
        "digest": "d",
        "passed": 0,
        "measured": 3,
    }
    proof: Json = {"red": side, "green": side, "proved_at": "x"}
    path = project.case("hello", "hello", kind="candidate", proof=proof)
    (line,) = graduate(app, case="hello", write=True)

    assert (line.kind, line.to) == ("candidate", "capability")
    assert "candidate -> capability" in path.read_text()


def test_a_candidate_without_a_proof_stays(project: "Project", app: App) -> None:
    project.case("hello", "hello", kind="candidate")
    (line,) = graduate(app, case="hello", write=True)

    assert line.to is None
    assert "no proof that holds" in line.why


def test_recorded_versions_of_one_trial_each_graduate_nothing(project: "Project", app: App) -> None:
    """tau2-bench retail, two versions: 34 of 40 each, six fixed and six broken."""
    files = [TAU2 / name for name in ("gpt-4.1_retail.json", "ft-gpt-4.1_retail.json")]
    if not all(file.exists() for file in files):
        pytest.skip(f"the published trajectories are not here: {TAU2}")
    past: dict[str, list[RunCounts]] = {}
    for day, file in enumerate(files):
        project.bring(app, file, as_run=f"run-{day}")
        row = app.store.runs.load(f"run-{day}")
        for one in evidence_of(app, row).cases:
            past.setdefault(one.case, []).append(
                RunCounts(
                    run=row.run.id,
                    started_at=day * 86_400.0,
                    version=row.run.fingerprint.digest,
                    passed=one.passed,
                    failed=one.failed,
                )
            )

    assert len(past) == 40
    assert sum(sum(run.passed for run in runs) == 1 for runs in past.values()) == 12
    for runs in past.values():
        assert not reliable(runs, threshold=0.95, min_measured=0.9, whole=True).holds
        assert not flaky(runs, threshold=0.95, whole=True).holds


def suite_of(*cases: Case) -> Suite:
    return Suite(id="suite", cases=cases)


def run_of(*cases: Case, missing: tuple[str, ...] = (), retired: tuple[str, ...] = ()) -> Run:
    return msgspec.structs.replace(a_run(cases=cases), missing=missing, retired=retired)


A, B = a_case("a"), a_case("b")


def test_a_case_that_gated_and_has_no_file_is_missing() -> None:
    assert missing_since([run_of(A, B)], suite_of(A)) == ("b",)


def test_a_case_that_was_missed_by_the_last_run_is_still_missing() -> None:
    assert missing_since([run_of(A, missing=("b",))], suite_of(A)) == ("b",)


def test_a_case_that_was_retired_or_tracked_before_it_went_is_not_missing() -> None:
    assert missing_since([run_of(A, retired=("b",)), run_of(A, B)], suite_of(A)) == ()
    tracked = a_case("b", kind=Kind.CAPABILITY)
    assert missing_since([run_of(A, tracked), run_of(A, B)], suite_of(A)) == ()


def test_a_case_under_another_name_is_not_missing_unless_it_no_longer_gates() -> None:
    renamed = msgspec.structs.replace(B, id="c")
    tracked = msgspec.structs.replace(renamed, kind=Kind.CAPABILITY)
    runs = [run_of(A, missing=("b",)), run_of(A, B)]

    assert missing_since(runs, suite_of(A, renamed)) == ()
    assert missing_since(runs, suite_of(A, tracked)) == ("b",)


def test_a_suite_without_runs_misses_nothing() -> None:
    assert missing_since([], suite_of(A)) == ()


def side(passed: int, measured: int, digest: str) -> ProofRun:
    return ProofRun(
        run=digest, target=digest, version="1", digest=digest, passed=passed, measured=measured
    )


def proved(red: tuple[int, int], green: tuple[int, int]) -> tuple[Verdict, str]:
    return judge(side(*red, "red"), side(*green, "green"), planned=red[1])


def test_three_trials_a_side_are_the_fewest_that_prove() -> None:
    assert proved((0, 3), (3, 3))[0] is Verdict.PASS
    verdict, why = proved((0, 2), (2, 2))

    assert verdict is Verdict.INCONCLUSIVE
    assert why.endswith("try more: --repeats 3")


def test_a_fault_that_shows_now_and_then_is_proved_by_more_trials() -> None:
    verdict, why = proved((4, 8), (8, 8))

    assert verdict is Verdict.PASS
    assert why == (
        "fails now and then on red (4 of 8), always passes on green; by chance at most 1 time in 26"
    )
    assert proved((2, 4), (4, 4))[1].endswith("try more: --repeats 8")


def test_one_failure_on_the_fix_is_no_proof() -> None:
    verdict, why = proved((0, 20), (19, 20))

    assert verdict is Verdict.INCONCLUSIVE
    assert why.endswith("the fix must pass every time")


def test_the_page_of_a_job_takes_no_html_or_table_from_a_reason(
    project: "Project", app: App
) -> None:
    project.case("hello", "hello")
    (line,) = graduate(app, case="hello", write=False)
    hostile = msgspec.structs.replace(line, to="retired", why="<img> | `x` \x1b[2J\n# head")
    text = markdown([hostile])

    assert "<img>" not in text
    assert "\x1b" not in text
    assert len([row for row in text.splitlines() if row.startswith("|")]) == 3
