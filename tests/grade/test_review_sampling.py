"""Which trial an annotator sees next: seeded, never twice, and an audit that looks at nothing."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from roadworthy.base.errors import InvalidRecord
from roadworthy.grade.review_sampling import (
    Candidate,
    Chosen,
    Drawn,
    SamplingPlan,
    choose,
    draw_of,
    reason_of,
)
from roadworthy.records.label import Label

QUESTION = "correctness"
SIGMAS = 5  # of a binomial count: about one draw in two million lies outside

shares = st.floats(0, 1)
candidate_lists = st.lists(
    st.builds(
        Candidate,
        item=st.text(max_size=8),
        disagreement=shares,
        uncertainty=shares,
        strata=st.dictionaries(st.sampled_from(["tier", "verdict"]), st.sampled_from(["a", "b"])),
    ),
    max_size=12,
    unique_by=lambda one: one.item,
)
plans = st.builds(SamplingPlan, seed=st.integers(), audit_share=shares, overlap_share=shares)


def a_label(item: str, annotator: str, *, skipped: bool = False) -> Label:
    return Label(
        id=f"{item}/{annotator}",
        item=item,
        question=QUESTION,
        annotator=annotator,
        value="" if skipped else "pass",
        skipped=skipped,
    )


def plain(count: int, *, disagreement: float = 0.0, uncertainty: float = 0.0) -> list[Candidate]:
    """So many items that differ in their names alone."""
    return [
        Candidate(item=f"run/case-{n}/0", disagreement=disagreement, uncertainty=uncertainty)
        for n in range(count)
    ]


def next_of(
    candidates: Sequence[Candidate],
    labels: Sequence[Label],
    plan: SamplingPlan,
    annotator: str = "ann",
) -> Chosen | None:
    return choose(candidates, labels, question=QUESTION, annotator=annotator, plan=plan)


def session(
    candidates: Sequence[Candidate],
    plan: SamplingPlan,
    *,
    annotator: str = "ann",
    before: Sequence[Label] = (),
    most: int = 10_000,
) -> list[Chosen]:
    """What one annotator is shown, labelling everything."""
    labels: list[Label] = list(before)
    shown: list[Chosen] = []
    while len(shown) < most and (chosen := next_of(candidates, labels, plan, annotator)):
        shown.append(chosen)
        labels.append(a_label(chosen.item, annotator))
    return shown


@given(candidates=candidate_lists, plan=plans)
def test_the_same_seed_gives_the_same_queue_in_whatever_order_items_come(
    candidates: list[Candidate], plan: SamplingPlan
) -> None:
    assert session(candidates, plan) == session(candidates[::-1], plan)


@given(candidates=candidate_lists, plan=plans, skips=st.sets(st.integers(0, 11)))
def test_an_annotator_sees_every_item_once_skipped_or_not(
    candidates: list[Candidate], plan: SamplingPlan, skips: set[int]
) -> None:
    labels: list[Label] = []
    while chosen := next_of(candidates, labels, plan):
        labels.append(a_label(chosen.item, "ann", skipped=len(labels) in skips))

    assert Counter(label.item for label in labels) == Counter(one.item for one in candidates)


@given(candidates=candidate_lists, plan=plans)
def test_an_item_is_shown_for_the_reason_it_has(
    candidates: list[Candidate], plan: SamplingPlan
) -> None:
    by_item = {one.item: one for one in candidates}

    for chosen in session(candidates, plan):
        assert chosen.drawn is reason_of(by_item[chosen.item], QUESTION, plan)


@given(
    candidates=candidate_lists,
    plan=plans,
    signals=st.lists(st.tuples(shares, shares), min_size=12, max_size=12),
)
def test_the_audit_does_not_depend_on_what_graders_said(
    candidates: list[Candidate], plan: SamplingPlan, signals: list[tuple[float, float]]
) -> None:
    others = [
        replace(one, disagreement=a, uncertainty=b, strata={"verdict": "other"})
        for one, (a, b) in zip(candidates, signals, strict=False)
    ]

    def audit(of: list[Candidate]) -> list[str]:
        return [one.item for one in session(of, plan) if one.drawn is Drawn.AUDIT]

    assert audit(candidates) == audit(others)


@settings(max_examples=20)
@given(seed=st.integers(), share=st.floats(0.05, 0.95))
def test_the_audit_holds_its_share_of_the_items(seed: int, share: float) -> None:
    plan = SamplingPlan(seed=seed, audit_share=share)
    items = plain(2000)

    drawn = sum(reason_of(one, QUESTION, plan) is Drawn.AUDIT for one in items)

    assert abs(drawn - 2000 * share) < SIGMAS * sqrt(2000 * share * (1 - share))


@settings(max_examples=10)
@given(seed=st.integers(), share=st.floats(0.2, 0.8))
def test_the_audit_is_its_share_of_what_is_shown_first(seed: int, share: float) -> None:
    plan = SamplingPlan(seed=seed, audit_share=share)

    shown = session(plain(1000), plan, most=100)

    audits = sum(one.drawn is Drawn.AUDIT for one in shown)
    assert abs(audits - 100 * share) < SIGMAS * sqrt(100 * share * (1 - share))


def test_labelling_in_part_leaves_a_random_sample_of_failures_and_passes_alike() -> None:
    """A third of the items fail; stopping early must not make them more, or fewer, in the audit."""
    failing = {one.item for one in plain(3000) if int(one.item[9:-2]) % 3 == 0}
    candidates = [
        replace(
            one,
            disagreement=float(one.item in failing),
            strata={"verdict": "failed" if one.item in failing else "passed"},
        )
        for one in plain(60)
    ]

    seen = [
        one.item in failing
        for seed in range(200)
        for one in session(candidates, SamplingPlan(seed=seed), most=12)
        if one.drawn is Drawn.AUDIT
    ]

    share, error = sum(seen) / len(seen), sqrt(1 / 3 * 2 / 3 / len(seen))
    assert abs(share - 1 / 3) < SIGMAS * error


def test_the_audit_is_shown_in_the_order_of_its_numbers() -> None:
    plan = SamplingPlan(seed=4, audit_share=1.0)

    shown = session(plain(50), plan)

    numbers = [draw_of(one.item, QUESTION, 4).audit for one in shown]
    assert numbers == sorted(numbers)


def test_the_numbers_of_an_item_do_not_follow_each_other() -> None:
    draws = [draw_of(one.item, QUESTION, 0) for one in plain(4000)]

    for first, second in ((0, 1), (0, 2), (1, 2)):
        both = sum(draw[first] < 0.5 and draw[second] < 0.5 for draw in draws)
        assert abs(both - 1000) < SIGMAS * sqrt(4000 * 0.25 * 0.75)


@pytest.mark.parametrize(
    ("about", "drawn"),
    [
        ({"disagreement": 0.4, "uncertainty": 0.9}, Drawn.DISAGREEMENT),
        ({"uncertainty": 0.1}, Drawn.UNCERTAINTY),
        ({}, Drawn.STRATUM),
    ],
)
def test_outside_the_audit_items_are_shown_by_what_a_label_would_tell(
    about: dict[str, float], drawn: Drawn
) -> None:
    chosen = next_of(plain(1, **about), [], SamplingPlan(audit_share=0.0))

    assert chosen is not None
    assert chosen.drawn is drawn


def test_the_widest_disagreement_comes_first() -> None:
    items = [Candidate(item=str(n), disagreement=value) for n, value in enumerate((0.2, 1.0, 0.6))]

    shown = session(items, SamplingPlan(audit_share=0.0))

    assert [one.item for one in shown] == ["1", "2", "0"]


def test_the_stratum_with_the_fewest_labels_comes_first() -> None:
    """Nine trials that passed and three that failed: the first six labels take three of each."""
    items = [
        Candidate(item=f"{verdict}-{n}", strata={"verdict": verdict})
        for verdict, count in (("passed", 9), ("failed", 3))
        for n in range(count)
    ]

    shown = session(items, SamplingPlan(audit_share=0.0), most=6)

    assert Counter(one.item.partition("-")[0] for one in shown) == {"passed": 3, "failed": 3}


def test_a_second_annotator_is_shown_what_nobody_has_labelled_first() -> None:
    plan = SamplingPlan(overlap_share=0.0)
    items = plain(10)
    before = [a_label(one.item, "ann") for one in session(items, plan, most=5)]

    shown = session(items, plan, annotator="bob", before=before)

    done = {label.item for label in before}
    places = {one.item: place for place, one in enumerate(shown)}
    of_audit = [one.item for one in shown if one.drawn is Drawn.AUDIT]
    assert len(places) == 10
    assert [item in done for item in of_audit] == sorted(item in done for item in of_audit)


def test_items_of_the_overlap_are_shown_to_everybody_in_their_turn() -> None:
    plan = SamplingPlan(overlap_share=1.0, audit_share=1.0)
    items = plain(30)
    ann = session(items, plan, most=10)

    bob = session(
        items,
        plan,
        annotator="bob",
        before=[a_label(one.item, "ann") for one in ann],
        most=10,
    )

    assert bob == ann


def test_an_item_that_another_only_skipped_still_waits_for_a_label() -> None:
    plan = SamplingPlan(overlap_share=0.0, audit_share=1.0)
    items = plain(10)
    first = session(items, plan, most=1)[0]

    chosen = next_of(items, [a_label(first.item, "ann", skipped=True)], plan, "bob")

    assert chosen == first


def test_a_share_outside_0_and_1_is_refused() -> None:
    with pytest.raises(InvalidRecord, match="a share lies within 0 and 1"):
        SamplingPlan(audit_share=1.5)
