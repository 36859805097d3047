"""From runs in the store to a case's next kind, as a person or a CI job types it."""

import json
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from roadworthy.app.app import App
from roadworthy.app.suites import load
from roadworthy.base.ids import hex_digest
from roadworthy.records.reading import Cause, Grade, Reading, TrialReading, Unmeasured
from roadworthy.records.run import Fingerprint, PlannedCase, Run, RunPurpose, RunState
from roadworthy.records.trial import Ending, Trial
from roadworthy.records.trial_result import TrialResult

if TYPE_CHECKING:
    from tests.cli.conftest import Roadworthy

TODAY = datetime.now(UTC)  # noqa: TID251 - the command line reads the real clock
SOON = (TODAY + timedelta(days=20)).date().isoformat()
CASE = """\
# Where orders are.
title:  Order status   # often asked
kind: %s  # for now

input: |
  Where is my order?
expect:
    output: [contains:  order]   # any state
tags: [a,   b]
"""
PASSED, FAILED, LOST = "passed", "failed", "lost"


def case_file(
    folder: Path, kind: str = "capability", *, name: str = "order", more: str = ""
) -> Path:
    """A project with one case more, of this kind."""
    path = folder / "evals" / "shop" / "cases" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    (folder / "roadworthy.toml").write_text("")
    (folder / "evals/shop/suite.yaml").write_text("repeats: 3\n")
    path.write_text(CASE % kind + more)
    return path


def reading(outcome: str) -> Reading:
    if outcome == LOST:
        return Unmeasured(cause=Cause.NO_TRACE, why="no trace")
    return Grade(passed=outcome == PASSED, score=1.0, why="as recorded")


def lived(
    folder: Path,
    *days: Sequence[str],
    versions: Sequence[str] = (),
    case: str = "order",
    purpose: RunPurpose = RunPurpose.EVALUATE,
) -> None:
    """One run a day up to yesterday, with a trial for each outcome."""
    with App(folder) as app:
        suite = load(app, "shop")
        (one,) = [found for found in suite.cases if found.id == case]
        for day, outcomes in enumerate(days):
            at = (TODAY - timedelta(days=len(days) - day)).timestamp()
            version = versions[day] if versions else f"v{day}"
            name = f"{purpose.value}-{case}-{day}"
            planned = PlannedCase(
                id=one.id, digest=one.digest, repeats=3, kind=one.kind, tier=one.tier
            )
            app.store.runs.create(
                Run(
                    id=name,
                    suite="shop",
                    target="agent",
                    fingerprint=Fingerprint(version=version, digest=hex_digest(version.encode())),
                    started_at=at,
                    seed=1,
                    cases=(planned,),
                    tiers=suite.tiers,
                    purpose=purpose,
                )
            )
            app.store.runs.append(
                [
                    TrialResult(
                        trial=Trial(
                            run=name,
                            case=one.id,
                            case_digest=one.digest,
                            repeat=repeat,
                            ending=Ending.COMPLETED,
                            started_at=at,
                            duration_s=1.0,
                        ),
                        readings=(
                            TrialReading(grader="contains", version=1, reading=reading(outcome)),
                        ),
                    )
                    for repeat, outcome in enumerate(outcomes)
                ]
            )
            app.store.runs.set_state(name, RunState.FINISHED, at=at)


GOOD = [PASSED] * 3
WAVERING = [PASSED, FAILED, PASSED]


def test_a_case_that_passes_reliably_becomes_a_regression_case(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    path = case_file(tmp_path)
    lived(tmp_path, *[GOOD] * 15)
    done = roadworthy("case", "graduate", "order")

    assert done.code == 0, done.err
    text = path.read_text()
    assert text.startswith(CASE % "regression")
    history = text.removeprefix(CASE % "regression").splitlines()
    assert history[0] == "history:"
    assert history[2:3] == ["    change: capability -> regression"]
    assert "    by: roadworthy case graduate" in history
    assert [line.strip() for line in history[history.index("    evidence:") + 1 :]][:6] == [
        "rule: reliable",
        "runs: 15",
        "versions: 15",
        "passed: 45",
        "failed: 0",
        "first_run: evaluate-order-0",
    ]


def test_a_case_with_too_few_runs_stays_and_says_how_many_are_missing(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    path = case_file(tmp_path)
    lived(tmp_path, *[GOOD] * 5)
    done = roadworthy("case", "graduate", "order")

    assert done.code == 3
    assert "order stays a capability case: 15 of 15 trials passed in 5 runs" in done.err
    assert "more passes" in done.err
    assert path.read_text() == CASE % "capability"


def test_a_dry_run_shows_the_change_and_writes_nothing(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    path = case_file(tmp_path)
    lived(tmp_path, *[GOOD] * 15)
    done = roadworthy("case", "graduate", "order", "--dry-run")

    assert done.code == 0
    assert "-kind: capability  # for now\n+kind: regression  # for now\n" in done.out
    assert path.read_text() == CASE % "capability"


def test_what_auto_proposes_git_applies_and_gives_what_write_writes(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    path = case_file(tmp_path)
    lived(tmp_path, *[GOOD] * 15)
    proposed = roadworthy("case", "graduate", "--auto")
    assert proposed.code == 0
    assert path.read_text() == CASE % "capability"

    (tmp_path / "moves.diff").write_text(proposed.out)
    subprocess.run(["git", "apply", "moves.diff"], cwd=tmp_path, check=True)
    applied = path.read_text()
    path.write_text(CASE % "capability")
    written = roadworthy("case", "graduate", "--auto", "--write", "--json")

    assert written.data[0]["written"] is True
    stamp = [line for line in applied.splitlines() if "at:" in line]
    same = [line for line in path.read_text().splitlines() if "at:" not in line]
    assert same == [line for line in applied.splitlines() if line not in stamp]


def test_in_ci_the_proposal_goes_to_the_page_of_the_job(
    roadworthy: "Roadworthy", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = case_file(tmp_path, more="# ``` <b>\n")
    lived(tmp_path, *[GOOD] * 15)
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    done = roadworthy("case", "graduate", "--auto")

    assert done.code == 0
    text = page.read_text()
    assert text.startswith("before\n## Life of the cases\n\n1 case looked at, 1 due for a change.")
    assert "| shop/order | capability | regression | 45 of 45 trials passed" in text
    assert "\n````diff\n--- a/evals/shop/cases/order.yaml\n" in text
    assert path.read_text() == CASE % "capability" + "# ``` <b>\n"


def test_a_page_of_the_job_that_cannot_be_written_is_said(
    roadworthy: "Roadworthy", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_file(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    done = roadworthy("case", "graduate", "--auto")

    assert done.code == 2
    assert "cannot be written" in done.err


def test_trials_of_a_proof_and_of_an_older_question_are_no_evidence(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    path = case_file(tmp_path)
    lived(tmp_path, *[GOOD] * 15, purpose=RunPurpose.PROVE)
    assert roadworthy("case", "graduate", "order").code == 3

    lived(tmp_path, *[GOOD] * 15)
    path.write_text((CASE % "capability").replace("contains:  order", "contains:  parcel"))
    done = roadworthy("case", "graduate", "order")

    assert done.code == 3
    assert "has not been run as it is asked today" in done.err


def test_trials_that_were_lost_are_no_passes(roadworthy: "Roadworthy", tmp_path: Path) -> None:
    case_file(tmp_path)
    lived(tmp_path, *[[PASSED, PASSED, LOST]] * 30)
    done = roadworthy("case", "graduate", "order", "--json")

    assert done.code == 3
    assert done.data["counts"]["unmeasured"] > 0
    assert done.data["to"] is None


def test_a_flaky_case_is_proposed_for_quarantine_and_written_by_nobody(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    path = case_file(tmp_path, "regression")
    lived(tmp_path, *[WAVERING] * 8)
    done = roadworthy("case", "graduate", "--auto", "--write")

    assert done.code == 0
    assert "order ought to be quarantined: 16 of 24 trials passed" in done.err
    assert "roadworthy case quarantine order --suite shop --owner NAME" in done.err
    assert path.read_text() == CASE % "regression"


def set_aside(roadworthy: "Roadworthy", *words: str, until: str = SOON) -> int:
    why = ("--owner", "ada", "--until", until, "--why", "the search times out")
    return roadworthy("case", "quarantine", "order", *why, *words).code


def test_a_quarantined_case_is_seen_with_its_owner_in_list_lint_and_verdict(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    path = case_file(tmp_path, "regression")
    lived(tmp_path, *[WAVERING] * 8)

    assert set_aside(roadworthy) == 0
    assert "\nkind: quarantined # for now\n" in path.read_text()
    assert f"quarantined until {SOON} (ada)" in roadworthy("case", "list").out
    listed = roadworthy("case", "list", "--json").data[0]
    assert (listed["owner"], listed["review_by"], listed["overdue"]) == ("ada", SOON, False)
    assert roadworthy("suite", "lint").code == 0


def test_an_overdue_quarantine_is_told_by_lint_and_list(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    more = "quarantine: {owner: ada, until: '2020-01-01', why: w}\n"
    case_file(tmp_path, "quarantined", more=more)

    assert "overdue for review" in roadworthy("suite", "lint").out
    assert "OVERDUE" in roadworthy("case", "list").out


def test_a_case_that_is_not_flaky_is_set_aside_only_with_open_eyes(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    path = case_file(tmp_path, "regression")
    lived(tmp_path, *[GOOD] * 4, [FAILED] * 3)

    assert set_aside(roadworthy) == 2
    assert path.read_text() == CASE % "regression"
    assert set_aside(roadworthy, "--unproved") == 0
    assert "regression -> quarantined" in path.read_text()


@pytest.mark.parametrize("days", [0, 91, -3])
def test_a_review_lies_within_the_next_three_months(
    roadworthy: "Roadworthy", tmp_path: Path, days: int
) -> None:
    case_file(tmp_path, "regression")
    lived(tmp_path, *[WAVERING] * 8)
    until = (TODAY + timedelta(days=days)).date().isoformat()

    assert set_aside(roadworthy, until=until) == 2


def aside_since(*, days: float) -> str:
    at = (TODAY - timedelta(days=days)).isoformat()
    return (
        "quarantine: {owner: ada, until: '2099-01-01', why: w}\n"
        f"history:\n  - {{at: '{at}', change: regression -> quarantined, why: w}}\n"
    )


def test_a_case_leaves_quarantine_for_the_gate_only_when_it_passed_reliably_since(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    path = case_file(tmp_path, "quarantined", more=aside_since(days=15.5))
    lived(tmp_path, *[WAVERING] * 8, *[GOOD] * 12)
    release = ("case", "release", "order", "--why", "the search is mended")

    refused = roadworthy(*release)
    assert refused.code == 2
    assert "not shown to be reliable since it was quarantined" in refused.err
    assert "--to capability" in refused.err
    assert roadworthy(*release, "--to", "capability").code == 0
    assert "owner" not in path.read_text()
    assert "quarantined -> capability" in path.read_text()


def test_a_release_by_rule_gates_again(roadworthy: "Roadworthy", tmp_path: Path) -> None:
    path = case_file(tmp_path, "quarantined", more=aside_since(days=15.5))
    lived(tmp_path, *[WAVERING] * 8, *[GOOD] * 15)

    assert roadworthy("case", "release", "order", "--why", "mended").code == 0
    assert "\nkind: regression   # for now\n" in path.read_text()
    assert "change: quarantined -> regression" in path.read_text()


def test_a_case_is_retired_for_a_reason_that_stays_in_its_file(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    path = case_file(tmp_path, "regression")

    assert roadworthy("case", "retire", "order").code == 2
    assert roadworthy("case", "retire", "order", "--why", " ").code == 2
    assert path.read_text() == CASE % "regression"
    assert roadworthy("case", "retire", "order", "--why", "orders moved out").code == 0
    assert "why: orders moved out" in path.read_text()
    assert roadworthy("case", "retire", "order", "--why", "again").code == 2


def test_hostile_words_reach_the_file_as_text_and_the_terminal_as_escapes(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    path = case_file(tmp_path, "regression")
    why = "x\x1b[2J\u202e\nkind: capability\n---\n"
    done = roadworthy("case", "retire", "order", "--why", why)

    assert done.code == 0
    assert "\x1b" not in done.out + done.err + path.read_text()
    assert roadworthy("case", "list", "--json").data[0]["kind"] == "retired"


@pytest.mark.parametrize(
    "words", [(), ("order", "--auto"), ("order", "--write"), ("--auto", "--write", "--dry-run")]
)
def test_words_that_contradict_each_other_are_refused(
    roadworthy: "Roadworthy", tmp_path: Path, words: tuple[str, ...]
) -> None:
    case_file(tmp_path)

    assert roadworthy("case", "graduate", *words).code == 2


AGENT = "def answer(message):\n    return 'your order'\n"


def test_a_regression_case_that_is_deleted_keeps_every_later_run_from_passing(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    other = case_file(tmp_path, "regression", name="keeps")
    other.write_text(other.read_text().replace("my order", "my parcel"))
    path = case_file(tmp_path, "regression")
    text = path.read_text()
    (tmp_path / "roadworthy.toml").write_text('[targets.agent]\npython = "agent:answer"\n')
    (tmp_path / "agent.py").write_text(AGENT)
    (tmp_path / "evals/shop/suite.yaml").write_text("repeats: 1\ntarget: agent\n")
    run = ("eval", "run", "--suite", "shop")
    assert roadworthy(*run).code == 0

    path.unlink()
    for _ in range(2):  # the second run passes on what the first one missed
        told = roadworthy(*run)
        assert told.code == 3, told.out + told.err
        assert "in no file of it any more, and may be broken unseen: order" in told.out + told.err

    path.with_name("renamed.yaml").write_text(text)
    assert roadworthy(*run).code == 0
    path.with_name("renamed.yaml").unlink()
    path.write_text(text)
    assert roadworthy("case", "retire", "order", "--why", "orders moved out").code == 0
    assert roadworthy(*run).code == 0


def test_the_json_of_a_proposal_holds_all_it_rests_on(
    roadworthy: "Roadworthy", tmp_path: Path
) -> None:
    case_file(tmp_path)
    lived(tmp_path, *[GOOD] * 15)
    (line,) = roadworthy("case", "graduate", "--auto", "--json").data

    assert (line["kind"], line["to"], line["rule"]) == ("capability", "regression", "reliable")
    assert line["e_value"] >= line["needed"] == 20.0
    assert line["counts"] == {
        "runs": 15,
        "versions": 15,
        "passed": 45,
        "failed": 0,
        "unmeasured": 0,
        "first_run": "evaluate-order-0",
        "last_run": "evaluate-order-14",
    }
    assert line["diff"]
    assert json.dumps(line)
