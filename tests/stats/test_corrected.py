"""The corrected rate: which method speaks when, and whether its interval holds what it says."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.base.errors import ShapeMismatch, TooFewSamples
from roadworthy.stats.confusion import Table
from roadworthy.stats.corrected import CorrectedRate, Method, corrected_rate, rate_of
from roadworthy.stats.intervals import clopper_pearson
from roadworthy.stats.prevalence import Answers, tuned
from roadworthy.stats.subsample import counted

LEVEL = 0.95
Sample = tuple[list[bool], list[bool | None], list[int]]


def a_sample(
    rng: Random,
    *,
    rate: float = 0.8,
    sensitivity: float = 0.95,
    specificity: float = 0.85,
    clusters: int = 400,
    repeats: int = 1,
    labelled: int = 100,
    correlation: float = 0.0,
) -> Sample:
    """Items whose truth and answer both hang on their cluster; labels drawn at random."""
    answers, truths, groups = [], [], []
    for cluster in range(clusters):
        chance, mood = rate, rng.random()
        if correlation:
            total = (1 - correlation) / correlation
            chance = rng.betavariate(rate * total, (1 - rate) * total)
        for _ in range(repeats):
            truth = rng.random() < chance
            luck = mood if correlation and rng.random() < correlation else rng.random()
            answers.append(luck < (sensitivity if truth else 1 - specificity))
            truths.append(truth)
            groups.append(cluster)
    kept = set(rng.sample(range(len(truths)), labelled))
    return answers, [t if at in kept else None for at, t in enumerate(truths)], groups


def test_a_skilled_instrument_narrows_what_labels_alone_would_say() -> None:
    answers, truths, _ = a_sample(Random(1))

    found = corrected_rate(answers, truths, level=LEVEL)

    assert found.method is Method.TUNED
    assert (found.labelled, found.judged, found.clusters) == (100, 400, 400)
    assert found.uncorrected == pytest.approx(sum(answers) / 400)
    assert found.low <= found.value <= found.high
    assert found.high - found.low < 0.85 * (found.from_labels.high - found.from_labels.low)
    assert 0.5 < found.weight < 1


@pytest.mark.parametrize("answer", [True, False])
def test_a_constant_answer_leaves_the_labels_alone(answer: bool) -> None:
    _, truths, _ = a_sample(Random(2))
    passed = truths.count(True)

    found = corrected_rate([answer] * 400, truths, level=LEVEL)

    assert found.method is Method.LABELS
    assert found.value == pytest.approx(passed / 100)
    assert (found.low, found.high) == pytest.approx(clopper_pearson(passed, 100, LEVEL))
    assert found.weight == 0


def test_answers_by_coin_leave_the_labels_alone_and_the_wrong_way_round_too() -> None:
    coin = a_sample(Random(3), sensitivity=0.5, specificity=0.5)
    wrong = a_sample(Random(3), sensitivity=0.1, specificity=0.1)

    for answers, truths, _ in (coin, wrong):
        assert corrected_rate(answers, truths, level=LEVEL).method is Method.LABELS


def test_labels_on_everything_are_the_answer() -> None:
    answers, truths, _ = a_sample(Random(4), labelled=400)

    found = corrected_rate(answers, truths, level=LEVEL)

    assert found.method is Method.LABELS
    assert found.value == pytest.approx(truths.count(True) / 400)


def test_too_few_labels_or_too_few_clusters_give_no_rate() -> None:
    answers, truths, _ = a_sample(Random(5), labelled=29)
    with pytest.raises(TooFewSamples, match="29 labels are too few"):
        corrected_rate(answers, truths, level=LEVEL)

    answers, truths, groups = a_sample(Random(5), clusters=9, repeats=10, labelled=60)
    with pytest.raises(TooFewSamples, match="in 9 clusters, too few"):
        corrected_rate(answers, truths, clusters=groups, level=LEVEL)

    with pytest.raises(TooFewSamples, match="no item has a label"):
        corrected_rate([True], [None], level=LEVEL)
    with pytest.raises(ShapeMismatch):
        corrected_rate([True], [], level=LEVEL)


@given(seed=st.integers(0, 50), labelled=st.integers(30, 200))
def test_items_one_by_one_and_their_counts_give_one_rate(seed: int, labelled: int) -> None:
    answers, truths, groups = a_sample(Random(seed), labelled=labelled)
    seen = list(zip(answers, truths, strict=True))
    table = Table(
        true_pass=seen.count((True, True)),
        false_pass=seen.count((True, False)),
        true_fail=seen.count((False, False)),
        false_fail=seen.count((False, True)),
    )
    unlabelled = Answers(seen.count((True, None)), seen.count((False, None)))

    one_by_one = corrected_rate(answers, truths, clusters=groups, level=LEVEL)
    by_count = rate_of(counted(table, unlabelled), LEVEL)

    assert one_by_one.method == by_count.method
    assert numbers(one_by_one) == pytest.approx(numbers(by_count))
    if by_count.method is Method.TUNED:
        found = tuned(unlabelled, table, LEVEL)
        assert numbers(by_count)[:3] == pytest.approx((found.value, *found.interval))


def numbers(rate: CorrectedRate) -> tuple[float, ...]:
    return (rate.value, rate.low, rate.high, rate.uncorrected, rate.weight, *rate.from_labels)


@pytest.mark.parametrize(("labelled", "method"), [(150, Method.LABELS), (80, Method.TUNED)])
def test_repeats_that_always_agree_add_nothing(labelled: int, method: Method) -> None:
    answers, truths, _ = a_sample(Random(6), clusters=150, labelled=labelled)
    copies = [item for item in range(150) for _ in range(3)]

    once = corrected_rate(answers, truths, level=LEVEL)
    often = corrected_rate(
        [answers[item] for item in copies],
        [truths[item] for item in copies],
        clusters=copies,
        level=LEVEL,
    )

    assert once.method is often.method is method
    assert often.value == pytest.approx(once.value)
    assert often.high - often.low >= 0.97 * (once.high - once.low)


def test_a_cluster_does_not_weigh_more_for_having_more_items() -> None:
    answers = [True] * 20 + [False] * 200
    groups = [*range(20), *(20 + item // 10 for item in range(200))]

    found = corrected_rate(answers, list(answers), clusters=groups, level=LEVEL)

    assert found.value == pytest.approx(0.5)


@pytest.mark.parametrize("rate", [0.5, 0.8, 0.95])
@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.95, 0.9), (0.8, 0.6), (0.98, 0.3)])
@pytest.mark.parametrize("labelled", [30, 100])
def test_the_interval_covers_95_percent_of_the_time(
    rate: float, sensitivity: float, specificity: float, labelled: int
) -> None:
    """800 draws, so three simulation errors are 0.023."""
    rng = Random(f"{rate} {sensitivity} {labelled}")
    covered, draws = 0, 800
    for _ in range(draws):
        table, answers = counts(rng, rate, (sensitivity, specificity), labelled, 1000)
        found = rate_of(counted(table, answers), LEVEL)
        covered += found.low <= rate <= found.high
    assert covered / draws >= LEVEL - 0.023


def counts(
    rng: Random, rate: float, skill: tuple[float, float], labelled: int, judged: int
) -> tuple[Table, Answers]:
    cells = [rate * skill[0], (1 - rate) * (1 - skill[1]), (1 - rate) * skill[1]]
    cells.append(1 - sum(cells))
    drawn = rng.choices(range(4), cells, k=labelled)
    share = cells[0] + cells[1]
    spread = (share * (1 - share) * (judged - labelled)) ** 0.5
    passed = round(rng.gauss(share * (judged - labelled), spread))
    passed = min(judged - labelled, max(0, passed))
    return Table(*(drawn.count(cell) for cell in range(4))), Answers(
        passed, judged - labelled - passed
    )


@pytest.mark.parametrize(
    ("rate", "correlation", "clusters", "repeats", "labelled"),
    [(0.6, 0.3, 40, 5, 60), (0.9, 0.8, 40, 5, 60), (0.9, 0.3, 100, 3, 100)],
)
def test_the_interval_over_clusters_covers_where_the_plain_one_need_not(
    rate: float, correlation: float, clusters: int, repeats: int, labelled: int
) -> None:
    """250 draws, so three simulation errors are 0.041."""
    rng = Random(f"{rate} {correlation} {clusters}")
    covered = 0
    for _ in range(250):
        answers, truths, groups = a_sample(
            rng,
            rate=rate,
            clusters=clusters,
            repeats=repeats,
            labelled=labelled,
            correlation=correlation,
        )
        found = corrected_rate(answers, truths, clusters=groups, level=LEVEL)
        covered += found.low <= rate <= found.high
    assert covered / 250 >= LEVEL - 0.041
