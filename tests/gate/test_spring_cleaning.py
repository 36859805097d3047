"""Spring cleaning: what is named and why, what is left alone, and what removal would lose."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from roadworthy.base.errors import BadRequest
from roadworthy.gate.spring_cleaning.ground import Rule, trials_to_saturate
from roadworthy.gate.spring_cleaning.proposal import Advice, CaseReview, SuiteReview
from roadworthy.gate.spring_cleaning.review import review_suite
from roadworthy.gate.spring_cleaning.subject import CleaningPolicy, DatedRun, Subject
from roadworthy.records.case import Kind
from roadworthy.records.evidence import CaseEvidence, RunEvidence

DAY = 86_400.0
NOW = 1_000 * DAY
POLICY = CleaningPolicy()


def a_subject(case: str, **fields: Any) -> Subject:
    return Subject(**{"case": case, "digest": case, "repeats": 3, "text": "", **fields})


def a_count(case: str, passed: int, trials: int = 1, **fields: Any) -> CaseEvidence:
    return CaseEvidence(
        **{
            "case": case,
            "digest": case,
            "passed": passed,
            "failed": trials - passed,
            **fields,
        }
    )


def a_dated(place: int, counts: Sequence[CaseEvidence], *, at: float | None = None) -> DatedRun:
    """Run `place` of version `place`, a day after the one before, unless said otherwise."""
    evidence = RunEvidence(run=f"r{place}", suite="s", version=f"v{place}", cases=tuple(counts))
    started_at = NOW - 100 * DAY + place * DAY if at is None else at
    return DatedRun(evidence=evidence, started_at=started_at, digest=f"v{place}", target="t")


def versions_of(patterns: Mapping[str, str]) -> list[DatedRun]:
    """One run per letter: `.` passed, `x` failed, ` ` not measured."""
    length = len(next(iter(patterns.values())))
    return [
        a_dated(
            place,
            [
                a_count(case, int(pattern[place] == "."))
                for case, pattern in patterns.items()
                if pattern[place] != " "
            ],
        )
        for place in range(length)
    ]


def reviewed(subjects: Sequence[Subject], runs: Sequence[DatedRun], **fields: Any) -> SuiteReview:
    given: dict[str, Any] = {"cells": {}, "tools_seen": None, "policy": POLICY, "now": NOW}
    return review_suite("s", subjects, runs, **(given | fields))


def of(review: SuiteReview, case: str) -> CaseReview:
    return next(one for one in review.cases if one.case == case)


def rules(review: SuiteReview) -> dict[str, set[Rule]]:
    return {one.case: {ground.rule for ground in one.grounds} for one in review.cases}


def patterns(review: SuiteReview) -> set[tuple[str, str]]:
    return {(pair.case, pair.other) for pair in review.shared if pair.shown}


# saturated, never failed


@pytest.mark.parametrize(("trials", "rule"), [(58, Rule.NEVER_FAILED), (59, Rule.SATURATED)])
def test_59_trials_without_a_failure_saturate_a_case(trials: int, rule: Rule) -> None:
    counts = [trials - 2, 1, 1]
    runs = [a_dated(place, [a_count("a", n, n)]) for place, n in enumerate(counts)]

    assert rules(reviewed([a_subject("a")], runs)) == {"a": {rule}}
    assert trials_to_saturate(POLICY) == 59


def test_one_failure_ever_and_a_case_is_not_called_either() -> None:
    runs = versions_of({"a": "x" + "." * 99})

    assert not reviewed([a_subject("a")], runs).cases


def test_two_versions_say_nothing_of_saturation() -> None:
    runs = [a_dated(place, [a_count("a", 100, 100)]) for place in range(2)]

    review = reviewed([a_subject("a")], runs)

    assert not review.cases
    assert any("3 versions" in note for note in review.notes)


def test_a_saturated_regression_case_stays_and_a_capability_case_may_gate() -> None:
    runs = [a_dated(n, [a_count("a", 30, 30), a_count("b", 30, 30)]) for n in range(3)]
    subjects = [a_subject("a"), a_subject("b", kind=Kind.CAPABILITY)]

    review = reviewed(subjects, runs)

    assert of(review, "a").advice is Advice.KEEP
    assert of(review, "b").advice is Advice.GRADUATE
    assert not review.together.cases


def test_trials_of_another_digest_are_no_past_of_the_case() -> None:
    runs = [a_dated(n, [a_count("a", 30, 30, digest="older")]) for n in range(3)]

    review = reviewed([a_subject("a")], runs)

    assert not review.cases
    assert any("no run measured 1 case" in note for note in review.notes)


# redundant


BALANCED = "..x.x..xx.x...x.xx.x.xx."


def others(count: int) -> dict[str, str]:
    """Cases that fail now and then, unrelated to all others."""
    rng = Random(5)
    return {f"z{n}": "".join(rng.choices(".x", k=len(BALANCED))) for n in range(count)}


def test_a_case_that_failed_exactly_when_another_did_is_redundant() -> None:
    runs = versions_of({"a": BALANCED, "b": BALANCED, "c": BALANCED[::-1]})

    review = reviewed([a_subject("a"), a_subject("b"), a_subject("c")], runs)

    assert patterns(review) == {("b", "a")}
    assert review.together.cases == ("b",)
    assert of(review, "b").grounds[0].other == "a"


def test_failures_within_those_of_another_case_are_redundant_and_not_the_reverse() -> None:
    more = "x" + BALANCED[1:]
    suite = {"a": BALANCED, "b": more, **others(10)}

    review = reviewed([a_subject(case) for case in suite], versions_of(suite))

    assert patterns(review) == {("a", "b")}
    assert review.together.cases == ("a",)


def test_the_same_failures_over_a_few_versions_are_told_as_chance() -> None:
    runs = versions_of({"a": ".xx", "b": ".xx", "c": "xx."})

    review = reviewed([a_subject("a"), a_subject("b"), a_subject("c")], runs)

    assert [(pair.case, pair.other, pair.shown) for pair in review.shared] == [("b", "a", False)]
    assert not review.cases


def test_a_suite_that_fails_as_one_shows_bad_versions_and_no_redundant_case() -> None:
    suite = dict.fromkeys(("a", "b", "c"), BALANCED)

    assert not patterns(reviewed([a_subject(case) for case in suite], versions_of(suite)))


def test_a_version_on_which_everything_fails_makes_nothing_redundant() -> None:
    suite = {f"c{n}": "." * 15 + "x" + "." * 8 for n in range(30)}

    review = reviewed([a_subject(case) for case in suite], versions_of(suite))

    assert not patterns(review)


def test_cases_that_are_unrelated_are_seldom_called_redundant() -> None:
    """40 suites of 12 cases with easy and hard cases, good and bad versions, 20 of them."""
    rng, suites_with_finds = Random(11), 0
    for _ in range(40):
        hard = [rng.uniform(0.05, 0.95) for _ in range(12)]
        bad = [rng.uniform(0.2, 5.0) for _ in range(20)]
        odds = [[one / (1 - one) * how for how in bad] for one in hard]
        suite = {
            f"c{n}": "".join("x" if rng.random() < odd / (1 + odd) else "." for odd in row)
            for n, row in enumerate(odds)
        }
        review = reviewed([a_subject(case) for case in suite], versions_of(suite))
        suites_with_finds += bool(patterns(review))

    assert suites_with_finds <= 5  # 5 % of 40 expected at most; P(more than 5) < 0.02


def test_of_three_equal_cases_the_cheapest_that_gates_stays() -> None:
    runs = versions_of({"a": BALANCED, "b": BALANCED, "c": BALANCED, **others(10)})
    costs = {"a": 3.0, "b": 1.0, "c": 0.1}
    priced = [
        replace(
            run,
            evidence=replace(
                run.evidence,
                cases=tuple(
                    replace(one, costs_usd=(costs.get(one.case, 1.0),))
                    for one in run.evidence.cases
                ),
            ),
        )
        for run in runs
    ]
    subjects = [a_subject("a"), a_subject("b"), a_subject("c", kind=Kind.CAPABILITY)]
    subjects += [a_subject(case) for case in others(10)]

    review = reviewed(subjects, priced)

    assert review.together.cases == ("a", "c")


def test_mixed_outcomes_say_nothing_about_sharing() -> None:
    runs = [a_dated(n, [a_count("a", 1, 2), a_count("b", 1, 2)]) for n in range(20)]

    assert not reviewed([a_subject("a"), a_subject("b")], runs).shared


# near duplicates


def test_two_cases_that_ask_and_expect_the_same_leave_one_to_retire() -> None:
    text = "Please refund order 7781 to my card, it came broken"
    subjects = [
        a_subject("a", text=text, expects="e"),
        a_subject("b", text=text.upper() + "!", expects="e"),
    ]

    review = reviewed(subjects, [])

    assert review.together.cases == ("b",)
    assert rules(review) == {"b": {Rule.NEAR_DUPLICATE}}


def test_two_cases_that_ask_the_same_and_expect_something_else_are_for_a_person() -> None:
    text = "Please refund order 7781 to my card, it came broken"
    subjects = [a_subject("a", text=text, expects="1"), a_subject("b", text=text, expects="2")]

    review = reviewed(subjects, [])

    assert [(one.case, one.advice) for one in review.cases] == [
        ("a", Advice.LOOK),
        ("b", Advice.LOOK),
    ]


def test_a_variant_is_meant_to_be_like_its_parent() -> None:
    text = "Please refund order 7781 to my card, it came broken"
    subjects = [a_subject("a", text=text), a_subject("a--typos", text=text, variant_of="a")]

    assert not reviewed(subjects, []).cases


# stale


def test_a_case_that_nothing_happened_to_for_long_is_stale() -> None:
    subject = a_subject("a", changed_at=NOW - 200 * DAY)
    runs = versions_of({"a": "xxxx"})

    assert rules(reviewed([subject], runs)) == {"a": {Rule.STALE}}


@pytest.mark.parametrize(
    ("fields", "pattern"),
    [
        ({"changed_at": NOW - 100 * DAY}, "xxxx"),
        ({"changed_at": None}, "xxxx"),
        ({"changed_at": NOW - 200 * DAY}, "x.xx"),
        ({"changed_at": NOW - 200 * DAY}, "    "),
        ({"changed_at": NOW - 200 * DAY, "recorded": True}, "xxxx"),
        (
            {"changed_at": NOW - 200 * DAY, "recorded": True, "recorded_at": NOW - 9 * DAY},
            "xxxx",
        ),
    ],
    ids=["changed", "no date", "flipped", "not run", "recording undated", "recording young"],
)
def test_a_case_is_not_stale_where_something_happened_or_nobody_knows(
    fields: dict[str, Any], pattern: str
) -> None:
    runs = versions_of({"a": pattern})

    assert not reviewed([a_subject("a", **fields)], runs).cases


def test_a_flip_against_the_last_run_before_the_days_counts() -> None:
    old = a_dated(0, [a_count("a", 1)], at=NOW - 300 * DAY)
    new = a_dated(1, [a_count("a", 0)], at=NOW - 3 * DAY)

    assert not reviewed([a_subject("a", changed_at=NOW - 400 * DAY)], [old, new]).cases


# orphaned


def test_a_case_whose_tools_nobody_calls_is_orphaned() -> None:
    subjects = [a_subject("a", tools=("fax",)), a_subject("b", tools=("fax", "mail"))]

    review = reviewed(subjects, [], tools_seen={"mail", "call"})

    assert (of(review, "a").advice, of(review, "b").advice) == (Advice.RETIRE, Advice.LOOK)
    assert "fax" in of(review, "b").grounds[0].why


def test_too_few_traces_make_no_case_an_orphan() -> None:
    review = reviewed([a_subject("a", tools=("fax",))], [], tools_seen=None)

    assert not review.cases
    assert any(note.startswith("orphaned: unknown") for note in review.notes)


# what it costs


def test_a_case_costs_its_mean_trial_times_its_repeats() -> None:
    runs = [
        a_dated(n, [a_count("a", 1, 2, costs_usd=(0.1, 0.3), durations_s=(2.0, 4.0))])
        for n in range(3)
    ]
    subject = a_subject("a", tools=("fax",))

    spending = of(reviewed([subject], runs, tools_seen={"mail"}), "a").spending

    assert spending.cost_usd == pytest.approx(0.6)
    assert spending.time_s == pytest.approx(9.0)


def test_one_trial_without_a_price_makes_the_cost_unknown() -> None:
    runs = [a_dated(n, [a_count("a", 1, 2, costs_usd=(0.1,))]) for n in range(3)]
    review = reviewed([a_subject("a", tools=("fax",))], runs, tools_seen={"mail"})

    assert of(review, "a").spending.cost_usd is None
    assert of(review, "a").spending.unpriced == 3
    assert review.together.cost_usd is None
    assert any("cost of 1 case: unknown" in note for note in review.notes)


def test_runs_a_year_come_from_when_runs_were_made() -> None:
    runs = [a_dated(n, [a_count("a", 1)], at=NOW - (73 - n) * DAY) for n in range(0, 74, 2)]

    assert reviewed([a_subject("a")], runs).runs_per_year == pytest.approx(36 / 73 * 365)


def test_imported_runs_and_a_few_days_tell_nothing_about_a_year() -> None:
    days = [a_dated(n, [a_count("a", 1)], at=NOW - n * DAY) for n in range(5)]
    imported = [
        replace(run, evidence=replace(run.evidence, imported=True), started_at=NOW - n * 30 * DAY)
        for n, run in enumerate(days)
    ]

    assert reviewed([a_subject("a")], days).runs_per_year is None
    assert reviewed([a_subject("a")], imported).runs_per_year is None


def test_a_case_that_takes_much_more_than_its_share_is_costly() -> None:
    costs = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 9.0}
    runs = [a_dated(0, [a_count(case, 0, costs_usd=(cost,)) for case, cost in costs.items()])]

    review = reviewed([a_subject(case) for case in costs], runs)

    assert rules(review) == {"d": {Rule.COSTLY}}
    assert of(review, "d").grounds[0].why == "takes 75 % of a run's cost"


# what would be lost


def test_the_only_case_of_a_cell_is_not_retired() -> None:
    cells = {"category=fax": ("a",), "path=edge": ("a", "b")}
    subjects = [a_subject("a", tools=("fax",)), a_subject("b")]

    one = of(reviewed(subjects, [], tools_seen={"mail"}, cells=cells), "a")

    assert one.advice is Advice.LOOK
    assert one.loses.cells == ("category=fax",)


def test_cases_that_empty_a_cell_only_together_are_told_together() -> None:
    cells = {"category=fax": ("a", "b")}
    subjects = [a_subject("a", tools=("fax",)), a_subject("b", tools=("fax",))]

    review = reviewed(subjects, [], tools_seen={"mail"}, cells=cells)

    assert of(review, "a").loses.cells == ()
    assert review.together.loses.cells == ("category=fax",)


def test_a_critical_case_is_never_proposed() -> None:
    subject = a_subject("a", tools=("fax",), tier="critical")

    assert of(reviewed([subject], [], tools_seen={"mail"}), "a").advice is Advice.LOOK


def test_a_case_that_alone_caught_a_regression_is_not_proposed() -> None:
    runs = versions_of({"a": ".x.x", "b": "...x"})
    subjects = [a_subject("a", tools=("fax",)), a_subject("b", tools=("fax",))]

    review = reviewed(subjects, runs, tools_seen={"mail"})

    assert (of(review, "a").loses.caught, of(review, "a").loses.caught_alone) == (2, 1)
    assert (of(review, "b").loses.caught, of(review, "b").loses.caught_alone) == (1, 0)
    assert review.together.cases == ("b",)


def test_versions_of_different_targets_do_not_follow_one_another() -> None:
    first, second = versions_of({"a": ".x", "b": ".."})
    runs = [first, replace(second, target="other")]

    review = reviewed([a_subject("a", tools=("fax",))], runs, tools_seen={"mail"})

    assert of(review, "a").loses.caught == 0


def test_fewer_cases_see_only_larger_drops() -> None:
    suite = {f"c{n}": "..." for n in range(40)}
    subjects = [a_subject(case, tools=("fax",) if case < "c2" else ()) for case in suite]

    loses = reviewed(subjects, versions_of(suite), tools_seen={"mail"}).together.loses

    assert loses.drop_before is not None
    assert loses.drop_after is not None
    assert 0 < loses.drop_before < loses.drop_after < 0.5


def test_a_suite_without_any_run_is_reviewed_without_a_claim() -> None:
    review = reviewed([a_subject("a"), a_subject("b")], [])

    assert not review.cases
    assert review.together.loses.drop_before is None
    assert review.runs_per_year is None


@pytest.mark.parametrize(
    "fields",
    [{"level": 1.0}, {"min_versions": 0}, {"stale_days": 0.0}, {"costly_times": 1.0}],
)
def test_limits_that_make_no_sense_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        CleaningPolicy(**fields)
