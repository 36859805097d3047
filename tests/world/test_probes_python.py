"""Checks in Python, in a process of their own that nothing can keep alive."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from roadworthy.records.probe_spec import ProbeSpec, PythonLook
from roadworthy.records.trial import Ending, Observation
from roadworthy.world.probes.observe import observe
from roadworthy.world.probes.subject import Subject, Surroundings

CHECKS = """
    import asyncio, os, signal, subprocess, sys, time
    from pathlib import Path

    def look(trial):
        print("this is not the answer")
        os.write(1, b"nor is this")
        return {**trial, "mode": os.environ["MODE"], "here": Path("left.txt").read_text()}

    async def later(trial):
        await asyncio.sleep(0)
        return "later"

    class Ledger:
        @staticmethod
        def balance(trial):
            return 12

    def raises(trial):
        raise ValueError("the ledger is gone\\nsecond line")

    def leaves(trial):
        sys.exit(3)

    def dies(trial):
        os.kill(os.getpid(), signal.SIGKILL)

    def vanishes(trial):
        os._exit(0)

    def hangs(trial):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path("pids").write_text(f"{os.getpid()} {child.pid}")
        time.sleep(600)

    def floods(trial):
        return "x" * 5_000_000

    def unfit(trial):
        return {1, 2}

    def not_a_number(trial):
        return float("nan")

    def deep(trial):
        value = []
        for _ in range(200):
            value = [value]
        return value
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "checks.py").write_text(dedent(CHECKS))
    (tmp_path / "json.py").write_text("raise RuntimeError('shadows the standard library')")
    (tmp_path / "left.txt").write_text("left")
    return tmp_path


async def seen(folder: Path, function: str, *, timeout_s: float = 30.0) -> Observation:
    subject = Subject(
        run="r1",
        case="c1",
        repeat=1,
        trace_id="ab" * 16,
        ending=Ending.COMPLETED,
        input={"id": 7},
        output="done",
    )
    probe = ProbeSpec(name="check", look=PythonLook(function=function), timeout_s=timeout_s)
    environment = {"MODE": "test"}
    around = Surroundings(folder=folder, environment=environment)
    (observation,) = await observe([probe], subject, around)
    return observation


async def test_a_check_gets_the_trial_its_folder_and_its_environment(folder: Path) -> None:
    found = await seen(folder, "checks:look")

    assert found.error is None
    assert found.value == {
        "run": "r1",
        "case": "c1",
        "repeat": 1,
        "trace_id": "ab" * 16,
        "ending": "completed",
        "input": {"id": 7},
        "output": "done",
        "stop": None,
        "error": None,
        "mode": "test",
        "here": "left",
    }


async def test_a_check_may_be_async_or_stand_in_a_class(folder: Path) -> None:
    assert (await seen(folder, "checks:later")).value == "later"
    assert (await seen(folder, "checks:Ledger.balance")).value == 12


@pytest.mark.parametrize(
    ("function", "why"),
    [
        ("checks:raises", "ValueError: the ledger is gone (checks.py line 20)"),
        ("checks:leaves", "SystemExit: 3 (checks.py line 23)"),
        ("checks:dies", "the check ended without an answer"),
        ("checks:vanishes", "the check ended without an answer"),
        ("checks:floods", "the answer has more than"),
        ("checks:unfit", "TypeError"),
        ("checks:not_a_number", "ValueError"),
        ("checks:deep", "what it saw nests deeper than 64 levels"),
        ("checks:missing", "AttributeError"),
        ("no_such_module:look", "ModuleNotFoundError"),
    ],
)
async def test_a_check_that_fails_in_any_way_sees_nothing(
    folder: Path, function: str, why: str
) -> None:
    found = await seen(folder, function)

    assert found.value is None
    assert found.error is not None
    assert found.error.startswith(why)


def runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
async def test_a_check_that_hangs_is_ended_with_what_it_started(folder: Path) -> None:
    found = await seen(folder, "checks:hangs", timeout_s=2.0)

    assert found.error == "it took longer than 2 s"
    assert [pid for pid in (folder / "pids").read_text().split() if runs(pid)] == []
