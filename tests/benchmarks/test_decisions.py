"""The simulation of decisions: it adds up what `stats` adds up, and its error rates hold."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from roadworthy.stats.allotment import Seen, chances, dealt, sizes, strata
from roadworthy.stats.betting import Block, Stakes, Stratum, Tally, about_change, log_e
from roadworthy.stats.staking import lay_of, stakes

ROOT = Path(__file__).resolve().parents[2]
RUNS = 400
SIGMAS = 3 * (0.05 * 0.95 / RUNS) ** 0.5


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        return import_module("decision_simulation")
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


def test_a_simulated_block_gains_what_the_same_counts_gain_in_a_decision(
    simulation: ModuleType,
) -> None:
    question, source = about_change(0.05), np.random.default_rng(5)
    rates = np.asarray([0.5] * 5 + [0.95] * 15)
    seen = np.zeros((3, 4, 20))
    for _ in range(6):
        found = chances(Seen(*seen), paired=True)
        levels = strata(found, paired=True)
        drawn, gained = simulation.one_block(seen, rates, rates - 0.05, source)
        wanted = simulation.block_size(seen[2].sum(-1), 20)
        lay = lay_of(found, levels, dealt(levels, wanted, np.full((4, 20), np.inf)))
        low, high = stakes(found, lay, seen[2].sum(-1), question)
        for run in range(4):
            own = [
                Stratum(int(size), tally(drawn[:, run, levels[run] == number].sum(-1)))
                for number, size in enumerate(sizes(levels)[run])
                if size
            ]
            block = Block(tuple(own), Stakes(float(low[run]), float(high[run])))
            assert gained[:, run] == pytest.approx(log_e(block, question))
        seen += drawn


def tally(counts: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> Tally:
    down, up, n = (int(count) for count in counts)
    return Tally(down, n - down - up, up)


@pytest.mark.parametrize("kind", ["alike", "mixed", "turned"])
def test_errors_hold_at_every_look_and_not_only_at_the_end(
    simulation: ModuleType, kind: str
) -> None:
    """400 runs to 1,000 pairs, about 100 looks each, against 5 % and three standard errors."""
    before = {
        "alike": np.full(20, 0.9),
        "mixed": np.asarray([0.5] * 4 + [1.0] * 16),
        "turned": np.asarray([0.5] * 10 + [0.9] * 10),
    }[kind]
    turn = np.asarray([0.4] * 10 + [-0.4] * 10) if kind == "turned" else np.zeros(20)
    source = np.random.default_rng([7, len(kind)])

    def wrong(change: float, verdict: int) -> float:
        after = np.clip(before + turn + change, 0.0, 1.0)
        after += change - (after - before).mean()
        found = simulation.sequential(
            before, np.clip(after, 0, 1), source, runs=RUNS, most=1_000, ends=(verdict,)
        )
        return float((found.verdict == verdict).mean())

    assert wrong(0.0, simulation.FAIL) <= 0.05 + SIGMAS
    assert wrong(-0.05, simulation.PASS) <= 0.05 + SIGMAS


def test_a_large_drop_takes_a_third_of_the_fixed_plan_and_a_borderline_one_no_more(
    simulation: ModuleType,
) -> None:
    """The fixed plan for 20 cases at 0.9 takes 860 pairs; see the benchmark for all suites."""
    before, source = np.full(20, 0.9), np.random.default_rng(3)

    def pairs(change: float) -> float:
        found = simulation.sequential(before, before + change, source, runs=RUNS, most=3_440)
        return float(np.median(found.pairs))

    assert pairs(-0.15) < 860 / 2.5
    assert pairs(0.0) < 860 / 2
    assert pairs(-0.025) < 860 * 1.3


def test_a_suite_with_flaky_cases_against_itself_seldom_fails(simulation: ModuleType) -> None:
    before = np.asarray([0.5] * 2 + [1.0] * 38)
    found = simulation.sequential(before, before, np.random.default_rng(9), runs=200, most=2_000)
    assert (found.verdict == simulation.FAIL).mean() <= 0.05
    assert (found.verdict == simulation.PASS).mean() >= 0.95


def test_repeats_are_never_exceeded_and_used_up_before_a_run_is_given_up(
    simulation: ModuleType,
) -> None:
    before = np.asarray([0.5] * 4 + [0.9] * 16)
    found = simulation.sequential(
        before, before - 0.02, np.random.default_rng(9), runs=50, most=10_000, repeats=5
    )
    still_open = found.pairs[found.verdict == simulation.OPEN]
    assert len(still_open) > 10
    assert set(still_open.tolist()) == {5 * 20}


def test_the_benchmark_prints_every_suite_and_writes_its_figures(tmp_path: Path) -> None:
    written = tmp_path / "found.json"
    command = [sys.executable, str(ROOT / "benchmarks/decisions.py"), "--quick"]

    done = subprocess.run(
        [*command, "--json", str(written)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "pairs of trials, median/slowest tenth; 40 runs of each, seed" in done.stdout
    found = json.loads(written.read_text(encoding="utf-8"))
    assert (found["benchmark"], found["quick"]) == ("decisions", True)
    names = {figure["name"] for figure in found["figures"]}
    assert {"false FAIL at any look: worst suite", "change none: suites"} <= names
