"""Three people and two judges on 999 pairs of responses: numbers that others worked out, too."""

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from roadworthy.stats.agreement import cohens_kappa, percent_agreement
from roadworthy.stats.alpha import bootstrap_alpha

DATA = Path(__file__).parents[3] / "shared/data/pandalm-judge"
pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason="needs ../shared/data (labels and verdicts of PandaLM)"
)
LEVEL = 0.95
WORDS = {"Tie": 0, "1": 1, "2": 2}


def load(name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return sorted(items, key=lambda item: int(item["idx"]))


@pytest.fixture(scope="module")
def people() -> list[tuple[int, int, int]]:
    items = load("testset-v1.json")
    return [(item["annotator1"], item["annotator2"], item["annotator3"]) for item in items]


@pytest.fixture(scope="module")
def majority(people: list[tuple[int, int, int]]) -> list[int]:
    return [Counter(labels).most_common(1)[0][0] for labels in people]


def test_people_agree_as_published(people: list[tuple[int, int, int]]) -> None:
    first, second, third = zip(*people, strict=True)

    kappas = [
        cohens_kappa(one, other, level=LEVEL).value
        for one, other in ((first, second), (first, third), (second, third))
    ]

    assert kappas == pytest.approx([0.852, 0.879, 0.862], abs=5e-4)


def test_alpha_of_the_three_lies_among_their_kappas(people: list[tuple[int, int, int]]) -> None:
    alpha = bootstrap_alpha(people, level=LEVEL, draws=500, rng=Random(1))

    assert 0.852 < alpha.value < 0.879
    assert (alpha.items, alpha.ratings) == (999, 2997)
    assert 0.02 < alpha.interval.high - alpha.interval.low < 0.06


def test_no_pair_is_without_a_majority(people: list[tuple[int, int, int]]) -> None:
    assert all(len(set(labels)) < 3 for labels in people)


def test_the_majority_labels_are_the_published_ones(majority: list[int]) -> None:
    assert Counter(majority) == {0: 105, 1: 422, 2: 472}


def test_the_7b_judge_agrees_as_published(majority: list[int]) -> None:
    verdicts = [int(item["pandalm_result"]) for item in load("pandalm-7b-testset-v1.json")]

    assert percent_agreement(verdicts, majority, level=LEVEL).value == pytest.approx(
        0.668, abs=5e-4
    )
    assert cohens_kappa(verdicts, majority, level=LEVEL).value == pytest.approx(0.435, abs=5e-4)


def test_published_numbers_of_the_other_judge_count_unreadable_verdicts_as_a_fourth_category(
    majority: list[int],
) -> None:
    """Over all 999: a verdict that nobody can read agrees with nothing."""
    verdicts = [WORDS.get(item["gpt_result"], -1) for item in load("gpt-3.5-turbo-testset-v1.json")]

    assert verdicts.count(-1) == 25
    assert percent_agreement(verdicts, majority, level=LEVEL).value == pytest.approx(
        0.698, abs=5e-4
    )
    assert cohens_kappa(verdicts, majority, level=LEVEL).value == pytest.approx(0.476, abs=5e-4)


def test_over_verdicts_that_can_be_read_that_judge_agrees_better(majority: list[int]) -> None:
    items = load("gpt-3.5-turbo-testset-v1.json")
    read = [
        (WORDS[item["gpt_result"]], label)
        for item, label in zip(items, majority, strict=True)
        if item["gpt_result"] in WORDS
    ]
    verdicts, labels = zip(*read, strict=True)

    agreement = percent_agreement(verdicts, labels, level=LEVEL)

    assert agreement.n == 974
    assert agreement.value == pytest.approx(0.7156, abs=5e-5)
    assert cohens_kappa(verdicts, labels, level=LEVEL).value == pytest.approx(0.4929, abs=5e-5)
