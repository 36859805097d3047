"""When a case has shown that it passes reliably, and when that it is flaky."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import InvalidRecord, StatisticsError
from roadworthy.gate.graduation import Ruling, allowed_failures, flaky, reliable
from roadworthy.gate.graduation_evidence import HORIZON, NEEDED, RunCounts, evidence_for

DAY = 86_400.0
TAU_BENCH = Path(__file__).parents[3] / "shared/data/tau-trajectories/tau-bench"
Trials = tuple[int, int]


def runs(*outcomes: Trials, versions: Sequence[str] = (), unmeasured: int = 0) -> list[RunCounts]:
    """One run a day with (passed, failed) trials, each of a version of its own by default."""
    return [
        RunCounts(
            run=f"run-{day}",
            started_at=day * DAY,
            version=versions[day] if versions else f"v{day}",
            passed=passed,
            failed=failed,
            unmeasured=unmeasured,
        )
        for day, (passed, failed) in enumerate(outcomes)
    ]


def ruled_reliable(
    past: Sequence[RunCounts], *, threshold: float | None = 0.95, whole: bool = True
) -> Ruling:
    return reliable(past, threshold=threshold, min_measured=0.9, whole=whole)


def ruled_flaky(past: Sequence[RunCounts], *, threshold: float | None = 0.95) -> Ruling:
    return flaky(past, threshold=threshold, whole=True)


def runs_until(passing: Trials, *, threshold: float) -> int:
    """Runs that all go alike until the case is reliable."""
    for count in range(1, HORIZON + 1):
        if ruled_reliable(runs(*[passing] * count), threshold=threshold).holds:
            return count
    return 0


def test_fifteen_runs_of_three_passes_make_a_standard_case_reliable() -> None:
    assert runs_until((3, 0), threshold=0.95) == 15


def test_a_critical_case_takes_more_passes() -> None:
    assert runs_until((3, 0), threshold=0.99) == 72


def test_what_it_rests_on_is_said_with_the_runs() -> None:
    ruling = ruled_reliable(runs(*[(3, 0)] * 15))

    assert ruling.holds
    assert ruling.e_value >= NEEDED
    assert ruling.why.startswith("45 of 45 trials passed in 15 runs of 15 versions: ")
    assert (ruling.counts.first_run, ruling.counts.last_run) == ("run-0", "run-14")


def test_what_is_missing_is_said_as_passes() -> None:
    past = [(3, 0)] * 12
    ruling = ruled_reliable(runs(*past))
    more = int(ruling.why.split("about ")[1].split(" ")[0])

    assert not ruling.holds
    assert 36 + more in range(42, 46)


def test_old_failures_are_forgiven_by_enough_passes_after_them() -> None:
    late = ruled_reliable(runs(*[(0, 3)] * 10, *[(3, 0)] * 26))

    assert late.holds
    assert late.counts.first_run == "run-10"
    assert not ruled_reliable(runs(*[(0, 3)] * 10, *[(3, 0)] * 16)).holds


def test_a_case_that_failed_in_the_newest_run_waits() -> None:
    ruling = ruled_reliable(runs(*[(3, 0)] * 60, (2, 1)))

    assert not ruling.holds
    assert "failed in the newest run, run-60" in ruling.why


def test_many_passes_in_one_afternoon_are_not_enough() -> None:
    past = [
        RunCounts(run=f"r{n}", started_at=n * 60.0, version="v", passed=10, failed=0)
        for n in range(20)
    ]

    assert "two days" in ruled_reliable(past).why


def test_one_large_run_is_not_enough() -> None:
    assert "at least 3 runs" in ruled_reliable(runs((500, 0))).why


def test_trials_that_could_not_be_measured_may_hide_failures() -> None:
    ruling = ruled_reliable(runs(*[(3, 0)] * 30, unmeasured=1))

    assert not ruling.holds
    assert "30 unmeasured" in ruling.why


def test_nothing_measured_is_no_ruling_by_default() -> None:
    assert ruled_reliable([]).why == "it has not been run as it is asked today"
    assert not ruled_flaky([]).holds
    assert not ruled_reliable(runs(*[(0, 0)] * 5, unmeasured=3)).holds


def test_a_tier_without_a_threshold_rules_nothing() -> None:
    assert not ruled_reliable(runs(*[(3, 0)] * 90), threshold=None).holds
    assert not ruled_flaky(runs(*[(1, 2)] * 90), threshold=None).holds


def test_a_cut_history_weighs_its_first_run_like_any_other() -> None:
    past = runs(*[(3, 0)] * 16)

    assert ruled_reliable(past).holds
    assert not ruled_reliable(past, whole=False).holds
    assert ruled_reliable(runs(*[(3, 0)] * 30), whole=False).holds


def test_only_the_last_hundred_runs_count() -> None:
    recent = runs(*[(3, 0)] * HORIZON)
    older = runs(*[(0, 3)] * 50, *[(3, 0)] * HORIZON)

    assert ruled_reliable(older).counts.passed == ruled_reliable(recent, whole=False).counts.passed


def test_passing_and_failing_in_several_versions_is_flaky() -> None:
    ruling = ruled_flaky(runs(*[(2, 1)] * 8))

    assert ruling.holds
    assert "passes and fails within a version" in ruling.why


def test_a_broken_case_is_not_flaky() -> None:
    assert not ruled_flaky(runs(*[(3, 0)] * 10, *[(0, 3)] * 10)).holds


def test_a_case_that_wavers_only_since_the_newest_version_may_be_the_agents_doing() -> None:
    versions = ["old"] * 5 + ["new"] * 8
    ruling = ruled_flaky(runs(*[(3, 0)] * 5, *[(1, 2)] * 8, versions=versions))

    assert not ruling.holds
    assert ruling.e_value >= NEEDED
    assert "may be the agent's doing" in ruling.why


def test_a_case_that_wavers_in_the_only_version_there_is_is_flaky() -> None:
    assert ruled_flaky(runs(*[(2, 1)] * 10, versions=["v"] * 10)).holds


def test_a_failure_now_and_then_that_the_tier_allows_is_not_flaky() -> None:
    assert not ruled_flaky(runs(*[(3, 0)] * 19, (2, 1), *[(3, 0)] * 20)).holds


def ever_holds(rate: float, *, rule: str, threshold: float, seed: int, repeats: int = 3) -> bool:
    """Look after every one of a hundred runs of a case with this true pass rate."""
    rng = Random(seed)
    past: list[RunCounts] = []
    for day in range(HORIZON):
        passed = sum(rng.random() < rate for _ in range(repeats))
        past += [
            RunCounts(
                run=f"r{day}",
                started_at=day * DAY,
                version=f"v{day // 4}",
                passed=passed,
                failed=repeats - passed,
            )
        ]
        looked = (
            ruled_reliable(past, threshold=threshold)
            if rule == "reliable"
            else ruled_flaky(past, threshold=threshold)
        )
        if looked.holds:
            return True
    return False


@pytest.mark.parametrize(
    ("rate", "rule", "threshold"),
    [(0.90, "reliable", 0.95), (0.98, "reliable", 0.99), (0.95, "flaky", 0.95)],
)
def test_looking_after_each_of_a_hundred_runs_errs_in_at_most_one_of_twenty(
    rate: float, rule: str, threshold: float
) -> None:
    seen = [ever_holds(rate, rule=rule, threshold=threshold, seed=seed) for seed in range(120)]

    assert sum(seen) / len(seen) <= 0.05


@pytest.mark.parametrize(("rate", "rule"), [(0.99, "reliable"), (0.8, "flaky")])
def test_what_is_so_is_found(rate: float, rule: str) -> None:
    seen = [ever_holds(rate, rule=rule, threshold=0.95, seed=seed) for seed in range(20)]

    assert sum(seen) >= 19


def test_expected_evidence_is_at_most_one_where_the_rate_is_ruled_out() -> None:
    """Exact: over all outcomes of four runs of two trials, at the boundary."""
    allowed, total = 0.1, 0.0
    chances = {(2, 0): 0.81, (1, 1): 0.18, (0, 2): 0.01}
    outcomes = list(chances)
    for a in outcomes:
        for b in outcomes:
            for c in outcomes:
                past = runs(a, b, c)
                chance = chances[a] * chances[b] * chances[c]
                found = evidence_for((0.01, 0.03), past, against=allowed, whole=True)
                total += chance * found.e_value

    assert total == pytest.approx(0.5 + 0.5 * 3 / HORIZON)


@given(
    outcomes=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=40),
    threshold=st.one_of(st.none(), st.floats(0, 1)),
    more=st.integers(1, 5),
)
def test_a_ruling_is_finite_and_more_passes_never_speak_against_a_case(
    outcomes: list[Trials], threshold: float | None, more: int
) -> None:
    before = ruled_reliable(runs(*outcomes), threshold=threshold)
    after = ruled_reliable(runs(*outcomes, (more, 0)), threshold=threshold)
    wavering = ruled_flaky(runs(*outcomes), threshold=threshold)

    assert 0 <= before.e_value <= after.e_value < float("inf")
    assert 0 <= wavering.e_value < float("inf")
    assert not (before.holds and wavering.holds and not outcomes)


@given(threshold=st.floats(0, 1))
def test_some_failures_are_always_allowed_and_never_more_than_half(threshold: float) -> None:
    assert 0.02 <= allowed_failures(threshold) <= 0.5


def test_absurd_counts_and_rates_are_refused() -> None:
    with pytest.raises(InvalidRecord):
        RunCounts(run="r", started_at=0.0, version="v", passed=-1, failed=0)
    with pytest.raises(StatisticsError):
        evidence_for((0.0,), [], against=0.1, whole=True)
    with pytest.raises(StatisticsError):
        evidence_for((0.2,), runs(*[(1, 0)] * (HORIZON + 1)), against=0.1, whole=True)


def test_of_recorded_trials_only_wavering_tasks_are_flaky_and_none_is_reliable() -> None:
    """tau-bench airline: 50 tasks, four trials of one version each."""
    files = sorted(TAU_BENCH.glob("*airline*.json")) if TAU_BENCH.is_dir() else []
    if not files:
        pytest.skip(f"the published trajectories are not here: {TAU_BENCH}")
    past: dict[int, list[RunCounts]] = {}
    for entry in json.loads(files[0].read_text()):
        passed = int(entry["reward"] == 1.0)
        past.setdefault(entry["task_id"], []).append(
            RunCounts(
                run=f"trial-{entry['trial']}",
                started_at=entry["trial"] * DAY,
                version="gpt-4o",
                passed=passed,
                failed=1 - passed,
            )
        )
    wavering = {task for task, seen in past.items() if 0 < sum(r.passed for r in seen) < len(seen)}
    found = {task for task, seen in past.items() if ruled_flaky(seen).holds}

    assert len(past) == 50
    assert found
    assert found < wavering
    assert not any(ruled_reliable(seen).holds for seen in past.values())
