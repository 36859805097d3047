"""Which cases changed, at any look: exact means, false findings by simulation."""

from itertools import product
from math import comb
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import StatisticsError
from roadworthy.stats.e_values import Pairs, e_benjamini_hochberg, fell, rose
from roadworthy.stats.flaky import flakiness
from roadworthy.stats.severe import broke_severely, false_alarm, flips_needed

RATES = (0.0, 0.02, 0.3, 0.5, 0.75, 0.98, 1.0)


def mean_of_fell(before: float, after: float, n: int) -> float:
    def chance(k: int, rate: float) -> float:
        return comb(n, k) * rate**k * (1 - rate) ** (n - k)

    return sum(
        chance(first, before) * chance(second, after) * fell(Pairs(first, second, n))
        for first, second in product(range(n + 1), repeat=2)
    )


@pytest.mark.parametrize("n", [1, 2, 5, 9])
@pytest.mark.parametrize(("before", "after"), [(b, a) for b in RATES for a in RATES if a >= b])
def test_a_case_that_did_not_fall_gives_no_evidence_on_average(
    before: float, after: float, n: int
) -> None:
    assert mean_of_fell(before, after, n) <= 1 + 1e-12


def test_a_case_that_fell_gives_evidence() -> None:
    assert [round(fell(Pairs(n, 0, n))) for n in (3, 4, 5)] == [35, 124, 454]
    assert mean_of_fell(0.9, 0.1, 5) > 20


@given(n=st.integers(1, 20), data=st.data())
def test_each_further_failure_makes_a_fall_likelier_and_a_rise_less_so(
    n: int, data: st.DataObject
) -> None:
    before = data.draw(st.integers(0, n))
    after = data.draw(st.integers(1, n))
    assert fell(Pairs(before, after - 1, n)) > fell(Pairs(before, after, n))
    assert rose(Pairs(before, after - 1, n)) < rose(Pairs(before, after, n))
    assert rose(Pairs(before, after, n)) == fell(Pairs(after, before, n))


@given(st.lists(st.floats(0, 1e6), max_size=20), st.floats(0.01, 0.5))
def test_findings_are_the_largest_values_and_each_reaches_its_share(
    values: list[float], level: float
) -> None:
    found = e_benjamini_hochberg(values, level)
    kept = [value for value, called in zip(values, found, strict=True) if called]
    rest = [value for value, called in zip(values, found, strict=True) if not called]
    assert all(value * len(kept) * level >= len(values) * (1 - 1e-9) for value in kept)
    assert not kept or not rest or min(kept) > max(rest)


def test_false_findings_stay_within_their_share_at_whatever_look_one_stops() -> None:
    """30 flaky cases, 6 of them broken; one stops when most are called, the worst one can do."""
    rng, level, shares = Random(7), 0.1, []
    rates = [0.5 + 0.016 * place for place in range(30)]
    for _ in range(300):
        pairs, worst = [Pairs(0, 0, 0)] * 30, 0.0
        for _ in range(12):
            pairs = [
                Pairs(
                    one.before + (rng.random() < rate),
                    one.after + (rng.random() < (0.1 if place < 6 else rate)),
                    one.n + 1,
                )
                for place, (one, rate) in enumerate(zip(pairs, rates, strict=True))
            ]
            called = e_benjamini_hochberg([fell(one) for one in pairs], level)
            worst = max(worst, sum(called[6:]) / max(1, sum(called)))
        shares.append(worst)
    assert sum(shares) / len(shares) <= level


def test_values_that_are_none_are_refused() -> None:
    for wrong in ([-1.0], [float("nan")]):
        with pytest.raises(StatisticsError):
            e_benjamini_hochberg(wrong, 0.1)
    with pytest.raises(StatisticsError):
        fell(Pairs(3, 0, 2))


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8, 0.95])
def test_a_flaky_critical_case_hardly_ever_fails_the_gate_alone(rate: float) -> None:
    chance = false_alarm(rate, pairs=20, critical=5, level=0.01)
    assert 0 <= chance <= 0.01 / 5


def test_one_critical_case_is_called_after_four_complete_flips_and_one_of_five_after_six() -> None:
    assert flips_needed(critical=1, level=0.01) == 4
    assert flips_needed(critical=5, level=0.01) == 6
    assert not broke_severely(Pairs(3, 0, 3), critical=1, level=0.01)


def test_the_chance_of_a_false_alarm_is_that_of_a_simulation() -> None:
    rng, called = Random(5), 0
    for _ in range(4_000):
        before = after = 0
        for n in range(1, 9):
            before, after = before + (rng.random() < 0.5), after + (rng.random() < 0.5)
            if broke_severely(Pairs(before, after, n), critical=1, level=0.1):
                called += 1
                break
    exact = false_alarm(0.5, pairs=8, critical=1, level=0.1)
    assert called / 4_000 == pytest.approx(exact, abs=3 * (exact / 4_000) ** 0.5)


def test_a_rule_without_critical_cases_or_with_an_impossible_rate_is_refused() -> None:
    with pytest.raises(StatisticsError):
        broke_severely(Pairs(1, 0, 1), critical=0, level=0.01)
    with pytest.raises(StatisticsError):
        false_alarm(1.2, pairs=3, critical=1, level=0.01)


def test_one_failure_among_passes_proves_some_flakiness_and_many_prove_it_matters() -> None:
    assert flakiness(2, 3, 0.9).is_flaky(0.0)
    assert not flakiness(2, 3, 0.9).is_flaky(0.1)
    assert flakiness(6, 12, 0.9).is_flaky(0.2)


@pytest.mark.parametrize("successes", [0, 14])
def test_few_agreeing_trials_show_nothing_and_fourteen_show_a_steady_case(successes: int) -> None:
    assert flakiness(successes, 14, 0.9).is_steady(0.2)
    few = flakiness(min(successes, 3), 3, 0.9)
    assert not few.is_steady(0.2)
    assert not few.is_flaky(0.0)


@given(n=st.integers(1, 50), data=st.data())
def test_success_and_failure_are_flaky_alike_and_the_interval_holds_what_was_seen(
    n: int, data: st.DataObject
) -> None:
    won = data.draw(st.integers(0, n))
    found, turned = flakiness(won, n, 0.9), flakiness(n - won, n, 0.9)
    assert found.interval == pytest.approx(turned.interval)
    assert 0 <= found.interval.low <= found.rarer <= found.interval.high <= 0.5
