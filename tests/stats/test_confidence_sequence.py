"""The interval that holds at every look: coverage by simulation, agreement with the answer."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import StatisticsError, TooFewSamples
from roadworthy.stats.betting import (
    Block,
    Logs,
    Side,
    Stakes,
    Stratum,
    Tally,
    about_change,
    about_rate,
    settle,
)
from roadworthy.stats.confidence_sequence import confidence_sequence
from roadworthy.stats.intervals import normal_quantile
from roadworthy.stats.outlook import Spread, outlook, smallest_sequential_drop
from roadworthy.stats.sequential_plan import block_of, next_block

CHANGE = about_change(0.05)
CASES = 20


def drawn_pairs(rng: Random, before: float, after: float, count: int) -> Tally:
    found = [(rng.random() < after) - (rng.random() < before) for _ in range(count)]
    return Tally(found.count(-1), found.count(0), found.count(1))


def blocks_of_a_run(
    rng: Random, before: list[float], after: list[float], *, looks: int
) -> list[Block]:
    seen, blocks = [Tally()] * len(before), []
    for _ in range(looks):
        plan = next_block(seen, CHANGE, rng=rng)
        assert plan is not None
        drawn = [
            drawn_pairs(rng, old, new, count)
            for old, new, count in zip(before, after, plan.draws, strict=True)
        ]
        blocks.append(block_of(plan, drawn))
        seen = [
            Tally(*map(sum, zip(old, new, strict=True)))
            for old, new in zip(seen, drawn, strict=True)
        ]
    return blocks


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([0.9] * CASES, [0.9] * CASES),
        ([0.5] * 4 + [1.0] * 16, [0.5] * 4 + [1.0] * 13 + [0.0] * 3),
        ([0.99] * CASES, [0.94] * CASES),
    ],
)
def test_the_sequence_holds_the_true_change_at_all_looks_together(
    before: list[float], after: list[float]
) -> None:
    """400 runs of 12 looks each: a miss at any look is a miss; 10 % may miss, 3 sigma are 0.045."""
    rng, missed, runs = Random(11), 0, 400
    true = sum(after) / CASES - sum(before) / CASES
    for _ in range(runs):
        blocks = blocks_of_a_run(rng, before, after, looks=12)
        ends = [confidence_sequence(blocks[:n], CHANGE, alpha=0.05).interval for n in (1, 4, 8, 12)]
        missed += any(not low <= true <= high for low, high in ends)
    assert missed / runs <= 0.1 + 0.045


def test_the_sequence_is_at_most_twice_as_wide_as_an_interval_for_one_planned_look() -> None:
    """Against the 90 % normal interval of one look at the same number of pairs."""
    rng, ratios = Random(5), []
    for _ in range(20):
        blocks = blocks_of_a_run(rng, [0.9] * CASES, [0.9] * CASES, looks=50)
        found = confidence_sequence(blocks, CHANGE, alpha=0.05)
        planned = 2 * normal_quantile(0.9) * (2 * 0.9 * 0.1 / found.draws) ** 0.5
        ratios.append((found.interval.high - found.interval.low) / planned)
    assert 1.2 < sum(ratios) / len(ratios) < 2.0


COUNTS = st.integers(0, 40)
BLOCKS = st.lists(
    st.builds(
        Block,
        st.lists(
            st.builds(Stratum, st.integers(1, 9), st.builds(Tally, COUNTS, COUNTS, COUNTS)),
            min_size=1,
            max_size=3,
        ).map(tuple),
        st.builds(Stakes, st.floats(0.01, 2), st.floats(0.01, 2)),
    ),
    min_size=1,
    max_size=4,
)


@given(blocks=BLOCKS)
def test_the_interval_and_the_answer_never_contradict_each_other(blocks: list[Block]) -> None:
    if not any(block.draws for block in blocks):
        return
    found = settle(blocks, CHANGE, alpha=0.05)
    if found.after is None:
        return
    interval = confidence_sequence(blocks[: found.after], CHANGE, alpha=0.05).interval
    if found.side is Side.LOW:
        assert interval.high <= 1e-9
    else:
        assert interval.low >= -0.05 - 1e-9


@given(block=BLOCKS.map(lambda blocks: blocks[0]))
def test_the_interval_of_one_block_holds_its_mean(block: Block) -> None:
    if block.draws:
        assert confidence_sequence([block], CHANGE, alpha=0.05).holds_value


def test_a_mean_outside_its_limits_is_said_to_be() -> None:
    """Early blocks with high stakes say up, a great many at hardly any stake say down."""
    early = Block((Stratum(5, Tally(up=40)),), Stakes(0.9, 0.9))
    late = Block((Stratum(5, Tally(down=900)),), Stakes(1e-6, 1e-6))
    found = confidence_sequence([early, late], CHANGE, alpha=0.05)
    assert found.value < 0 < found.interval.low
    assert not found.holds_value


def test_a_rate_has_a_sequence_too() -> None:
    block = Block((Stratum(10, Tally(level=10, up=90)),), Stakes(1.0, 1.0))
    found = confidence_sequence([block], about_rate(0.8), alpha=0.05)
    assert found.value == 0.9
    assert 0.7 < found.interval.low < 0.9 < found.interval.high < 1.0


def test_nothing_drawn_gives_no_interval() -> None:
    with pytest.raises(TooFewSamples):
        confidence_sequence([Block((Stratum(5, Tally()),), Stakes(1, 1))], CHANGE, alpha=0.05)


def test_what_it_would_take_is_about_what_it_takes() -> None:
    """Nothing changed, rate 0.9: the mean of simulated runs lies near 500 pairs."""
    still = Spread(0.09, 0.09)
    fresh = outlook(Logs(0, 0), still, CHANGE, alpha=0.05)
    nearly = outlook(Logs(0, 2.5), still, CHANGE, alpha=0.05)
    assert fresh.draws is not None
    assert nearly.draws is not None
    assert 450 < fresh.draws < 550
    assert nearly.draws < fresh.draws / 4
    assert not fresh.towards_low


def test_halfway_between_the_edges_no_answer_is_promised_soon() -> None:
    halfway = outlook(Logs(0, 0), Spread(0.11, 0.085), CHANGE, alpha=0.05)
    assert halfway.draws is None or halfway.draws > 5_000
    falling = outlook(Logs(0, 0), Spread(0.2, 0.05), CHANGE, alpha=0.05)
    assert falling.draws is not None
    assert falling.towards_low


def test_more_pairs_show_smaller_drops_and_too_few_show_none() -> None:
    still = Spread(0.09, 0.09)
    drops = [
        smallest_sequential_drop(still, draws=draws, margin=0.05, alpha=0.05)
        for draws in (50, 100, 400, 1600)
    ]
    assert drops == sorted(drops, reverse=True)
    assert 0.2 < drops[1] < 0.3
    with pytest.raises(TooFewSamples):
        smallest_sequential_drop(still, draws=2, margin=0.05, alpha=0.05)
    with pytest.raises(StatisticsError):
        smallest_sequential_drop(Spread(0.9, 0.9), draws=2, margin=0.05, alpha=0.05)
