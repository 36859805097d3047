"""The next block: where its draws go, what it may cost, and that it can be planned again."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import ShapeMismatch, TooFewSamples
from roadworthy.stats.betting import Side, Tally, about_change, about_rate, settle
from roadworthy.stats.sequential_plan import Plan, block_of, next_block

CHANGE = about_change(0.05)
COUNTS = st.integers(0, 6)
SEEN = st.lists(st.builds(Tally, COUNTS, COUNTS, COUNTS), min_size=1, max_size=30)


def planned(seen: list[Tally], **limits: object) -> Plan:
    plan = next_block(seen, CHANGE, rng=Random(1), **limits)  # type: ignore[arg-type] # a test's shorthand
    assert plan is not None
    return plan


def test_the_first_block_is_short_unless_every_case_is_to_be_seen() -> None:
    assert planned([Tally()] * 8).draws == (1,) * 8
    assert sum(planned([Tally()] * 200).draws) == 10
    assert planned([Tally()] * 200, every_case=True).draws == (1,) * 200


def test_cases_whose_outcomes_vary_get_more_draws_than_those_that_agree() -> None:
    seen = [Tally(level=30)] * 16 + [Tally(down=8, level=14, up=8)] * 4
    plan = planned(seen)
    assert set(plan.stratum[:16]) == {0}
    assert set(plan.stratum[16:]) == {2}
    steady, flaky = sum(plan.draws[:16]) / 16, sum(plan.draws[16:]) / 4
    assert flaky > 2 * steady


def test_where_all_cases_vary_alike_they_share_one_stratum() -> None:
    seen = [Tally(down=2, level=16, up=2)] * 20
    assert len(set(planned(seen).stratum)) == 1


@given(seen=SEEN, seed=st.integers(0, 9), most=st.integers(0, 40))
def test_a_plan_keeps_to_its_limits_and_can_be_made_again(
    seen: list[Tally], seed: int, most: int
) -> None:
    left = [most] * len(seen)

    plan = next_block(seen, CHANGE, rng=Random(seed), left=left, budget=60)

    assert plan == next_block(seen, CHANGE, rng=Random(seed), left=left, budget=60)
    if plan is None:
        assert most == 0 or len(seen) > 0
        return
    assert max(plan.draws) <= most
    assert 0 < sum(plan.draws) <= 60
    assert min(plan.stakes) >= 0
    for number in set(plan.stratum):
        own = [n for n, one in zip(plan.draws, plan.stratum, strict=True) if one == number]
        assert max(own) - min(own) <= 1


def test_where_few_repeats_are_left_whole_rounds_are_dealt() -> None:
    seen = [Tally(level=2)] * 16 + [Tally(down=1, up=1)] * 4
    assert planned(seen, left=[3] * 20).draws == (1,) * 20


def test_there_is_no_block_for_a_suite_with_a_case_that_may_not_be_drawn_any_more() -> None:
    assert next_block([Tally(level=1)] * 3, CHANGE, rng=Random(1), left=[5, 0, 5]) is None
    assert next_block([Tally(level=1)] * 3, CHANGE, rng=Random(1), budget=0) is None


def test_an_empty_suite_and_limits_of_another_length_are_refused() -> None:
    with pytest.raises(TooFewSamples):
        next_block([], CHANGE, rng=Random(1))
    with pytest.raises(ShapeMismatch):
        next_block([Tally()], CHANGE, rng=Random(1), left=[1, 2])
    with pytest.raises(ShapeMismatch):
        block_of(planned([Tally()] * 3), [Tally()])


@given(seed=st.integers(0, 99))
def test_the_order_of_cases_in_a_stratum_means_nothing(seed: int) -> None:
    rng = Random(seed)
    plan = planned([Tally()] * 8)
    drawn = [rng.choice((Tally(down=1), Tally(level=1), Tally(up=1))) for _ in range(8)]
    turned = rng.sample(drawn, len(drawn))
    assert block_of(plan, drawn) == block_of(plan, turned)


@pytest.mark.parametrize(("rate", "side"), [(0.99, Side.HIGH), (0.5, Side.LOW)])
def test_a_rate_far_from_its_threshold_is_settled_within_a_hundred_trials(
    rate: float, side: Side
) -> None:
    question, rng = about_rate(0.85), Random(3)
    seen, blocks = [Tally()] * 10, []
    while sum(one.n for one in seen) < 100:
        plan = next_block(seen, question, rng=rng)
        assert plan is not None
        drawn = []
        for count in plan.draws:
            passed = sum(rng.random() < rate for _ in range(count))
            drawn.append(Tally(level=count - passed, up=passed))
        blocks.append(block_of(plan, drawn))
        seen = [
            Tally(0, old.level + new.level, old.up + new.up)
            for old, new in zip(seen, drawn, strict=True)
        ]
    assert settle(blocks, question, alpha=0.05).side is side
