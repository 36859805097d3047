"""Bets against a mean: exactly fair at most where the player is wrong, whatever the cases."""

from itertools import combinations, product
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import StatisticsError
from roadworthy.stats.betting import (
    Block,
    Question,
    Settled,
    Side,
    Stakes,
    Stratum,
    Tally,
    about_change,
    about_rate,
    log_e,
    settle,
)
from roadworthy.stats.curtailment import foregone

MARGIN = 0.05
CHANGE = about_change(MARGIN)
Chances = tuple[float, float, float]  # of -1, 0 and 1 in one draw of a case

COUNTS = st.integers(0, 30)
TALLIES = st.builds(Tally, COUNTS, COUNTS, COUNTS)
STAKES = st.builds(Stakes, st.floats(0, 3), st.floats(0, 3))
BLOCKS = st.builds(
    Block,
    st.lists(st.builds(Stratum, st.integers(1, 20), TALLIES), min_size=1, max_size=3).map(tuple),
    STAKES,
)


def pair(before: float, after: float) -> Chances:
    """What one pair of independent trials gives."""
    down, up = before * (1 - after), after * (1 - before)
    return down, 1 - down - up, up


def shifted(mean: float) -> list[list[Chances]]:
    """Three cases whose draws have this mean together: alike, unlike, and as unlike as can be."""
    risen = 1 + 3 * mean  # beside a case that always turned for the worse
    up = (0.0, 1 - risen, risen)
    opposite = [(1.0, 0.0, 0.0), up, (0.0, 1.0, 0.0)]
    turned = [(0.0, 1.0, 0.0), (1.0, 0.0, 0.0), up]
    mixed = [pair(0.5, 0.5 + mean), pair(0.9, 0.7 + mean), pair(0.3, 0.5 + mean)]
    return [[pair(0.6, 0.6 + mean)] * 3, mixed, opposite, turned, opposite[::-1]]


def mean_product(cases: list[Chances], stakes: Stakes, question: Question, side: int) -> float:
    """Exact mean of a block: cases 0 and 1 share 3 draws, the third by lot; case 2 gets 2."""
    total = 0.0
    for lucky in combinations((0, 1), 1):
        who = [0, 1, *lucky, 2, 2]
        for values in product(range(3), repeat=5):
            chance = 0.5
            for case, value in zip(who, values, strict=True):
                chance *= cases[case][value]
            if not chance:
                continue
            tallies = (
                Tally(*map(values[:3].count, range(3))),
                Tally(*map(values[3:].count, range(3))),
            )
            block = Block((Stratum(2, tallies[0]), Stratum(1, tallies[1])), stakes)
            total += chance * exp(log_e(block, question)[side])
    return total


@pytest.mark.parametrize("stake", [0.05, 0.3, 0.8, 5.0])
@pytest.mark.parametrize("shape", range(5))
def test_no_bet_gains_on_average_where_it_is_wrong(shape: int, stake: float) -> None:
    """Unequal draws, cases that move against each other, stakes up to all that may be staked."""
    stakes = Stakes(stake, stake)

    unchanged = mean_product(shifted(0.0)[shape], stakes, CHANGE, 0)
    fallen = mean_product(shifted(-MARGIN)[shape], stakes, CHANGE, 1)

    assert unchanged <= 1 + 1e-12
    assert fallen <= 1 + 1e-12


@pytest.mark.parametrize("stake", [0.05, 0.3, 5.0])
@pytest.mark.parametrize("rates", [(0.9, 0.9, 0.9), (1.0, 1.0, 0.7), (0.8, 0.95, 0.95)])
def test_no_bet_on_a_rate_gains_at_the_threshold(
    rates: tuple[float, float, float], stake: float
) -> None:
    cases = [(0.0, 1 - rate, rate) for rate in rates]
    for side in (0, 1):
        gained = mean_product(cases, Stakes(stake, stake), about_rate(0.9), side)
        assert gained <= 1 + 1e-12


def test_all_alike_at_the_edge_the_bet_is_exactly_fair() -> None:
    """So the bound is not met by betting on nothing."""
    gained = mean_product([pair(0.6, 0.6)] * 3, Stakes(0.3, 0.3), CHANGE, 0)
    assert gained == pytest.approx(1.0)


@pytest.mark.parametrize("mean", [-0.1, -0.2])
def test_a_bet_gains_on_average_where_it_is_right(mean: float) -> None:
    assert mean_product(shifted(mean)[0], Stakes(0.3, 0.3), CHANGE, 0) > 1.01


@pytest.mark.parametrize("hidden", [-1.0, 0.0, 1.0])
def test_cases_that_nothing_is_known_of_prove_nothing_even_if_they_turned(hidden: float) -> None:
    """Two cases seen, one not: whatever it does, the players stay within fair bounds."""
    seen = -hidden / 2  # so that the mean of all three is 0
    chances = (max(0.0, -seen), 1 - abs(seen), max(0.0, seen))
    gained = 0.0
    for values in product(range(3), repeat=2):
        tally = Tally(*map(values.count, range(3)))
        block = Block((Stratum(2, tally), Stratum(1, Tally())), Stakes(0.3, 0.3))
        gained += chances[values[0]] * chances[values[1]] * exp(log_e(block, CHANGE).low)
    assert gained <= 1 + 1e-12


@given(block=BLOCKS, place=st.integers(0, 2), worse=st.booleans())
def test_a_worse_draw_never_weakens_the_low_side_nor_strengthens_the_high(
    block: Block, place: int, worse: bool
) -> None:
    index = place % len(block.strata)
    own = block.strata[index].tally
    if worse and own.up:
        moved = own._replace(up=own.up - 1, level=own.level + 1)
    elif not worse and own.level:
        moved = own._replace(level=own.level - 1, down=own.down + 1)
    else:
        return
    strata = list(block.strata)
    strata[index] = strata[index]._replace(tally=moved)

    before, after = log_e(block, CHANGE), log_e(block._replace(strata=tuple(strata)), CHANGE)

    assert after.low >= before.low - 1e-9
    assert after.high <= before.high + 1e-9


@given(block=BLOCKS)
def test_the_order_of_strata_in_a_block_means_nothing(block: Block) -> None:
    turned = block._replace(strata=block.strata[::-1])
    assert log_e(turned, CHANGE) == pytest.approx(log_e(block, CHANGE))


@given(draws=st.integers(1, 5_000), stakes=STAKES)
def test_a_version_that_always_does_what_the_baseline_did_is_never_called_worse(
    draws: int, stakes: Stakes
) -> None:
    block = Block((Stratum(20, Tally(level=draws)),), stakes)
    found = settle([block], CHANGE, alpha=0.05)
    assert found.side is not Side.LOW
    assert found.now.low == 0.0


@given(blocks=st.lists(BLOCKS, max_size=4), more=st.lists(BLOCKS, max_size=3))
def test_an_answer_stands_whatever_is_drawn_after_it(
    blocks: list[Block], more: list[Block]
) -> None:
    found = settle(blocks, CHANGE, alpha=0.05)
    if found.side is not Side.OPEN:
        assert settle([*blocks, *more], CHANGE, alpha=0.05) == found


def steady(draws: int, tally: Tally | None = None) -> Block:
    return Block((Stratum(20, tally or Tally(level=draws)),), Stakes(0.4, 0.9))


def test_a_suite_that_always_agrees_is_held_after_about_seventy_pairs() -> None:
    found = settle([steady(20)] * 4, CHANGE, alpha=0.05)
    assert (found.side, found.after) == (Side.HIGH, 4)
    assert found.most.high >= log(20) > 60 * 0.0441


def test_a_plain_fall_is_called_low_at_the_first_look_that_shows_it() -> None:
    falling = steady(20, Tally(down=6, level=14))
    found = settle([falling] * 5, CHANGE, alpha=0.05)
    assert (found.side, found.after) == (Side.LOW, 2)


def test_without_blocks_the_question_is_open() -> None:
    found = settle([], CHANGE, alpha=0.05)
    assert found == Settled(Side.OPEN, None, (0.0, 0.0), (0.0, 0.0))  # type: ignore[arg-type] # a plain pair equals its named one


def test_a_block_may_end_early_only_when_the_rest_cannot_matter() -> None:
    """Holding 40 before the block, no fall of one last pair takes the answer away."""
    ended = [steady(20)] * 3
    nearly = steady(19)
    lost = Block((Stratum(20, Tally(level=19)),), Stakes(0.4, 0.9))
    sure = [steady(20)] * 3 + [steady(2)]

    assert foregone(ended, lost, [1], CHANGE, alpha=0.05) is Side.OPEN
    assert foregone(sure, nearly, [40], CHANGE, alpha=0.05, beta=0.1) is Side.HIGH


def test_questions_and_blocks_that_make_no_sense_are_refused() -> None:
    for margin in (0.0, 1.0, float("nan")):
        with pytest.raises(StatisticsError, match="a margin lies strictly"):
            about_change(margin)
    for threshold, margin in ((0.0, 0.0), (1.0, 0.0), (0.9, 0.9), (0.9, -0.1)):
        with pytest.raises(StatisticsError, match="threshold"):
            about_rate(threshold, margin=margin)
    with pytest.raises(StatisticsError, match="-1 belongs to pairs"):
        log_e(Block((Stratum(1, Tally(down=1)),), Stakes(0.1, 0.1)), about_rate(0.9))
    with pytest.raises(StatisticsError, match="stakes are 0 or more"):
        log_e(Block((Stratum(1, Tally(up=1)),), Stakes(-0.1, 0.1)), CHANGE)
    with pytest.raises(StatisticsError, match="counts of 0 or more"):
        log_e(Block((Stratum(0, Tally(up=1)),), Stakes(0.1, 0.1)), CHANGE)
