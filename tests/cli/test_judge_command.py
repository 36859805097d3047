"""`roadworthy judge` from the command line to the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from roadworthy.testing.judge_server import JudgeReply, JudgeRequest, JudgeServer, fails, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.conftest import Done, Roadworthy

DATA = Path(__file__).parents[3] / "shared/data/pandalm-judge"
AGENT = """
def answer(message):
    return "It left on Monday."
"""
CASE = {"kind": "regression", "input": "Where is my refund?", "expect": {"output": ["completed"]}}
SUITE = "repeats: 3\ngraders: [rubric: {rubric: correctness, expected: It left on Monday.}]\n"


def right(request: JudgeRequest) -> JudgeReply:
    """A judge that looks for the expected answer, and at nothing else."""
    shown = request.material
    return verdict(correct="5" if str(shown["expected"]) in str(shown["output"]) else "1")


def lenient(request: JudgeRequest) -> JudgeReply:
    return verdict(correct="5")


@pytest.fixture
def server(tmp_path: Path, roadworthy: Roadworthy) -> Iterator[JudgeServer]:
    """A project with a judge that this file plays, and 80 labelled answers."""
    with JudgeServer(right) as made:
        (tmp_path / "roadworthy.toml").write_text(
            '[targets.agent]\npython = "agent:answer"\n'
            f'[judges.main]\nmodel = "m"\nbase_url = "{made.url}"\nmax_tries = 1\n'
        )
        (tmp_path / "agent.py").write_text(AGENT)
        cases = tmp_path / "evals" / "refunds" / "cases"
        cases.mkdir(parents=True)
        (cases / "where.yaml").write_text(json.dumps(CASE))
        (cases.parent / "suite.yaml").write_text(SUITE)
        rows = [json.dumps(row(number)) for number in range(80)]
        (tmp_path / "labels.jsonl").write_text("\n".join(rows))
        yield made


def row(number: int) -> dict[str, Any]:
    is_right = number % 2 == 0
    answer = f"ID-{number:03} left." if is_right else "I do not know that."
    return {
        "item": f"q{number}",
        "labels": {"ann": "pass" if is_right else "fail"},
        "material": {
            "input": f"Where is ID-{number:03}?",
            "output": answer,
            "expected": f"ID-{number:03} left.",
        },
    }


@pytest.fixture
def calibrate(roadworthy: Roadworthy, server: JudgeServer) -> Callable[..., Done]:
    def run(*more: object) -> Done:
        return roadworthy(
            "judge", "calibrate", "--labels", "labels.jsonl", "--question", "correctness",
            "--run-judge", "--suite", "refunds", "--held-out", 1, *more,
        )  # fmt: skip

    return run


def pandalm(judge: str) -> tuple[object, ...]:
    files = (DATA / "testset-v1.json", DATA / f"{judge}-testset-v1.json")
    return ("judge", "calibrate", "--labels", files[0], "--verdicts", files[1])


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data (PandaLM)")
def test_the_command_prints_pandalms_published_figures(roadworthy: Roadworthy) -> None:
    done = roadworthy(*pandalm("gpt-3.5-turbo"))

    assert done.code == 1, done.err
    for figure in ("0.852", "0.879", "0.862", "tie 105, 1 422, 2 472", "25 unreadable verdicts"):
        assert figure in done.out
    for figure in ("974  0.716", "0.493 (", "999  0.698", "0.476 (", "'garbage' 25"):
        assert figure in done.out
    assert "NOT CALIBRATED" in done.out


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data (PandaLM)")
def test_and_those_of_the_other_judge(roadworthy: Roadworthy) -> None:
    done = roadworthy(*pandalm("pandalm-7b"))

    assert "999  0.668" in done.out
    assert "0.435 (" in done.out
    assert "unreadable" not in done.out


def test_a_judge_that_is_run_now_and_agrees_with_people_is_calibrated(
    calibrate: Callable[..., Done], server: JudgeServer
) -> None:
    done = calibrate("--json")

    assert done.code == 0, done.out + done.err
    assert done.data["calibration"]["standing"] == "calibrated"
    assert done.data["calibration"]["domain"] == "refunds"
    assert len(server.requests) == 80


def test_running_it_again_asks_nothing_again(
    calibrate: Callable[..., Done], server: JudgeServer
) -> None:
    calibrate()
    calibrate()

    assert len(server.requests) == 80


def test_a_judge_that_passes_everything_is_not(
    calibrate: Callable[..., Done], server: JudgeServer
) -> None:
    server.script = lenient

    done = calibrate()

    assert done.code == 1
    assert "NOT CALIBRATED" in done.out
    assert "misses" in done.out


def test_a_judge_that_does_not_answer_is_not_measured(
    calibrate: Callable[..., Done], server: JudgeServer
) -> None:
    server.script = lambda _: fails(400)

    done = calibrate("--json")

    assert done.code == 4
    assert done.data["coverage"]["not_judged"] == 80
    assert done.data["calibration"]["standing"] == "too_little_data"


def test_little_data_is_its_own_answer(roadworthy: Roadworthy, tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("item,label,verdict\n1,pass,pass\n2,fail,fail\n")

    done = roadworthy("judge", "calibrate", "--labels", "few.csv")

    assert done.code == 3
    assert "TOO LITTLE DATA" in done.out
    assert "label more of them" in done.out


def test_a_wrong_request_says_what_to_give(roadworthy: Roadworthy) -> None:
    done = roadworthy("judge", "calibrate")

    assert done.code == 2
    assert "--labels" in done.err


def test_a_judge_gates_once_it_is_calibrated_and_not_before(
    calibrate: Callable[..., Done], roadworthy: Roadworthy, server: JudgeServer
) -> None:
    before = roadworthy("eval", "run", "--name", "before")
    calibrate()
    after = roadworthy("eval", "run", "--name", "after")

    assert before.code == 4
    assert "may be read but not gate" in before.out
    assert "never calibrated" in before.out
    assert "100.0 %" in before.out
    assert after.code == 0, after.out


def test_a_suite_may_gate_with_it_in_writing(
    roadworthy: Roadworthy, server: JudgeServer, tmp_path: Path
) -> None:
    suite = tmp_path / "evals" / "refunds" / "suite.yaml"
    suite.write_text(SUITE + "uncalibrated_judges: labels come next week\n")

    done = roadworthy("eval", "run")

    assert done.code == 0, done.out
    assert "labels come next week" in done.out


def test_a_judge_that_drifts_stops_gating_until_it_is_calibrated_again(
    calibrate: Callable[..., Done], roadworthy: Roadworthy, server: JudgeServer
) -> None:
    calibrate("--freeze-anchors", 40)
    steady = roadworthy("judge", "check")
    server.script = lenient
    drifted = roadworthy("judge", "check")
    run = roadworthy("eval", "run")
    server.script = right
    again = calibrate("--freeze-anchors", 40)

    assert steady.code == 0, steady.out + steady.err
    assert "STEADY" in steady.out
    assert drifted.code == 1
    assert "DRIFTED" in drifted.out
    assert run.code == 4
    assert "drifted since" in run.out
    assert again.code == 0
    assert roadworthy("judge", "check").code == 0
    assert roadworthy("eval", "run").code == 0


def test_after_a_drift_calibrating_asks_the_judge_anew(
    calibrate: Callable[..., Done], roadworthy: Roadworthy, server: JudgeServer
) -> None:
    """Its answers of before would vouch for a judge that is no more."""
    calibrate("--freeze-anchors", 40)
    server.script = lenient
    roadworthy("judge", "check")

    assert calibrate().code == 1


def test_anchors_of_a_judge_that_cannot_be_asked_say_nothing(
    calibrate: Callable[..., Done], roadworthy: Roadworthy, server: JudgeServer
) -> None:
    calibrate("--freeze-anchors", 40)
    server.script = lambda _: fails(400)

    done = roadworthy("judge", "check", "--json")

    assert done.code == 4
    assert done.data[0]["state"] == "unmeasured"


def test_a_check_without_anchors_says_how_to_freeze_some(roadworthy: Roadworthy) -> None:
    done = roadworthy("judge", "check")

    assert done.code == 2
    assert "--freeze-anchors" in done.err


PROBE = ("judge", "probe", "--labels", "labels.jsonl", "--question", "correctness")


def test_probes_spare_a_judge_that_looks_for_the_right_answer(
    roadworthy: Roadworthy, server: JudgeServer
) -> None:
    done = roadworthy(*PROBE, "--items", 12)

    assert done.code == 0, done.out
    assert "CAUGHT" not in done.out


def test_probes_catch_a_constant_judge(roadworthy: Roadworthy, server: JudgeServer) -> None:
    server.script = lenient

    done = roadworthy(*PROBE, "--items", 12, "--json")

    assert done.code == 1
    caught = {one["probe"] for one in done.data["results"] if one["caught"]}
    assert "constant" in caught


def test_probes_catch_a_judge_that_loves_length(
    roadworthy: Roadworthy, server: JudgeServer
) -> None:
    server.script = lambda request: verdict(
        correct="5" if len(str(request.material["output"])) > 300 else "1"
    )

    done = roadworthy(*PROBE, "--items", 12)

    assert done.code == 1
    assert "length" in [line.split()[0] for line in done.out.splitlines() if "CAUGHT" in line]


def test_a_probed_judge_that_was_caught_does_not_gate(
    calibrate: Callable[..., Done], roadworthy: Roadworthy, server: JudgeServer
) -> None:
    calibrate()
    server.script = lambda request: (
        verdict(correct="5") if "SYSTEM NOTE" in str(request.material["output"]) else right(request)
    )

    probed = roadworthy(*PROBE, "--suite", "refunds")

    assert probed.code == 1
    assert "injection" in probed.out
    assert roadworthy("eval", "run").code == 4
    assert "injection failed" in roadworthy("judge", "show").out


def test_judges_are_listed_with_what_is_known_of_them(
    calibrate: Callable[..., Done], roadworthy: Roadworthy
) -> None:
    empty = roadworthy("judge", "show")
    roadworthy("eval", "run")
    used = roadworthy("judge", "show")
    calibrate()
    calibrate()
    known = roadworthy("judge", "show", "--json")

    assert empty.code == 0
    assert "roadworthy judge calibrate" in empty.err
    assert "never calibrated" in used.out
    assert [one["standing"] for one in known.data] == ["calibrated"]
    assert len(roadworthy("judge", "show", "--all", "--json").data) == 2


def test_what_files_say_cannot_write_to_the_terminal(
    roadworthy: Roadworthy, tmp_path: Path
) -> None:
    evil = "\x1b[2J"
    labels = {f"a{evil}": "pass", "b": "pass", "c": f"fail{evil}"}
    rows = [
        {"item": f"{n}{evil}", "labels": labels, "verdict": evil, "slices": {"x": evil}}
        for n in range(30)
    ]
    (tmp_path / "evil.jsonl").write_text("\n".join(json.dumps(one) for one in rows))

    done = roadworthy("judge", "calibrate", "--labels", "evil.jsonl", "--disagreements", 5)

    assert "\x1b" not in done.out + done.err
    assert "Traceback" not in done.err


def test_a_failed_probe_is_not_wiped_by_leaving_it_out_or_by_too_few_items(
    calibrate: Callable[..., Done], roadworthy: Roadworthy, server: JudgeServer
) -> None:
    calibrate()
    obeys = "SYSTEM NOTE"
    server.script = lambda request: (
        verdict(correct="5") if obeys in str(request.material["output"]) else right(request)
    )
    probe = (*PROBE, "--suite", "refunds")
    roadworthy(*probe)

    left_out = roadworthy(*probe, "--without", "injection")
    too_few = roadworthy(*probe, "--items", 2)
    calibrated = calibrate("--json")

    assert left_out.code == 1
    assert "stays until it passes" in left_out.out
    assert too_few.code == 4
    assert calibrated.data["calibration"]["standing"] == "not_calibrated"
    assert roadworthy("eval", "run").code == 4
