"""Do corrected pass rates cover the truth, and are they narrower than labels alone?

Simulated with fixed seeds: true rates, judges (sensitivity, specificity), labels and judged
items; labels are a random subset of what was judged. For each method: the least and the median
share of draws whose 95 % interval holds the true rate, over all settings, and how wide it is
beside labels alone. The last table lists, for each method, the settings where it covers least.

`chosen` is `stats.corrected`; the others are what it is made of, and the judge's own rate with
its plain interval, which no number of items mends. A method may refuse (too little is known of
the judge); a refusal is no claim, so a setting's error is the share of all draws in which an
interval was given and missed.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from statistics import median
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from measuring import Figure, Options, options, parser, report

from roadworthy.base.errors import StatisticsError
from roadworthy.stats import corrected, mover, prevalence
from roadworthy.stats.confusion import Table
from roadworthy.stats.intervals import Interval, clopper_pearson, wilson
from roadworthy.stats.prevalence import Answers, rectified, rogan_gladen, tuned
from roadworthy.stats.subsample import counted

LEVEL: Final = 0.95
SEED: Final = 20261120
RATES: Final = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
JUDGES: Final = ((0.99, 0.95), (0.95, 0.9), (0.95, 0.7), (0.8, 0.6), (0.98, 0.3), (0.5, 0.5))
LABELS: Final = (30, 100, 200, 500)
JUDGED: Final = (200, 1_000, 5_000)
SKILLED: Final = 0.8  # a judge of at least this informedness, and at least this many labels,
ENOUGH: Final = 100  # is asked to narrow the interval
DRAWS: Final = 3_000
WORST: Final = 3

Method: TypeAlias = Callable[[Answers, Table], Interval | None]


class Setting(NamedTuple):
    """One corner of the simulation."""

    rate: float
    sensitivity: float
    specificity: float
    labels: int
    judged: int


class Outcome(NamedTuple):
    """How one method did in one setting."""

    setting: Setting
    missed: float  # share of all draws in which an interval was given and missed
    answered: float  # share of draws in which one was given
    width: float | None  # median over those; None: none was given


def main() -> None:
    asked = parser(__doc__ or "", runs=1)
    mend_speed()
    report("judge_correction", options(asked.parse_args()), measure)


def mend_speed() -> None:
    """Keep the limits worked out once: draws share most of their counts. No number changes."""
    kept = lru_cache(maxsize=400_000)(mover.exact_limits)
    for module in (prevalence, corrected):
        vars(module)["exact_limits"] = kept


def measure(asked: Options) -> Sequence[Figure]:
    draws = 20 if asked.quick else DRAWS
    places = list(settings())[:: 40 if asked.quick else 1]
    outcomes: dict[str, list[Outcome]] = {name: [] for name in METHODS}
    for place in places:
        for name, outcome in simulate(place, draws).items():
            outcomes[name].append(outcome)
    print_worst(outcomes, draws)
    alone = {outcome.setting: outcome.width for outcome in outcomes["labels alone"]}
    return [figure for name in METHODS for figure in figures(name, outcomes[name], alone, draws)]


def settings() -> Iterator[Setting]:
    for rate, judge, labels, judged in product(RATES, JUDGES, LABELS, JUDGED):
        if labels < judged:
            yield Setting(rate, *judge, labels, judged)


def simulate(place: Setting, draws: int) -> dict[str, Outcome]:
    """Every method on the same draws; the seed is made from the setting."""
    source = np.random.default_rng([SEED, *(round(1000 * number) for number in place)])
    rate, hit, reject, labels, judged = place
    cells = [rate * hit, (1 - rate) * (1 - reject), (1 - rate) * reject, rate * (1 - hit)]
    tables = source.multinomial(labels, cells, size=draws).tolist()
    passed = source.binomial(judged - labels, cells[0] + cells[1], size=draws).tolist()
    found: dict[str, list[Interval | None]] = {name: [] for name in METHODS}
    for counts, count in zip(tables, passed, strict=True):
        table, answers = Table(*counts), Answers(count, judged - labels - count)
        for name, method in METHODS.items():
            found[name].append(attempt(method, answers, table))
    return {name: outcome(place, intervals) for name, intervals in found.items()}


def attempt(method: Method, answers: Answers, table: Table) -> Interval | None:
    try:
        return method(answers, table)
    except StatisticsError:
        return None


def outcome(place: Setting, intervals: Sequence[Interval | None]) -> Outcome:
    given = [interval for interval in intervals if interval is not None]
    missed = sum(not low <= place.rate <= high for low, high in given)
    return Outcome(
        setting=place,
        missed=missed / len(intervals),
        answered=len(given) / len(intervals),
        width=median(high - low for low, high in given) if given else None,
    )


def chosen(answers: Answers, table: Table) -> Interval:
    found = corrected.rate_of(counted(table, answers), LEVEL)
    return Interval(found.low, found.high)


def judge_alone(answers: Answers, table: Table) -> Interval:
    passed = answers.passed + table.true_pass + table.false_pass
    return wilson(passed, answers.items + table.items, LEVEL)


METHODS: Final[dict[str, Method]] = {
    "chosen": chosen,
    "labels alone": lambda _, table: clopper_pearson(table.passes, table.items, LEVEL),
    "PPI++": lambda answers, table: tuned(answers, table, LEVEL).interval,
    "PPI": lambda answers, table: rectified(answers, table, LEVEL).interval,
    "Rogan-Gladen": lambda answers, table: rogan_gladen(answers, table, LEVEL).interval,
    "judge uncorrected": judge_alone,
}


def figures(
    name: str, outcomes: Sequence[Outcome], alone: dict[Setting, float | None], draws: int
) -> list[Figure]:
    """Coverage over settings, and width beside labels alone where the judge has skill."""
    covered = [max(1 - one.missed, 1 / draws) for one in outcomes]  # no figure may be 0
    slack = 3 * (LEVEL * (1 - LEVEL) / draws) ** 0.5
    answered = [max(one.answered, 1 / draws) for one in outcomes]
    widths = [
        one.width / beside
        for one in outcomes
        if one.width and (beside := alone[one.setting]) and is_skilled(one.setting)
    ]
    return [
        Figure(name=f"{name}: not wrong, over settings", unit="of draws", values=covered),
        Figure(
            name=f"{name}: not wrong, worst setting",
            unit=f"of draws, ± {slack:.3f}",
            values=[min(covered)],
            at_least=LEVEL - slack if name == "chosen" else None,
        ),
        Figure(name=f"{name}: gave an interval", unit="of draws", values=answered),
        Figure(
            name=f"{name}: width, skilled judge",
            unit="of labels alone",
            values=widths or [1.0],
            at_most=1.0 if name == "chosen" else None,
        ),
    ]


def is_skilled(place: Setting) -> bool:
    return place.sensitivity + place.specificity - 1 >= SKILLED and place.labels >= ENOUGH


def print_worst(outcomes: dict[str, list[Outcome]], draws: int) -> None:
    print(f"\nworst settings of each method, {draws} draws, seed {SEED}")
    print(f"  {'':18} {'rate':>5} {'sens':>5} {'spec':>5} {'labels':>6} {'judged':>6}", end="")
    print(f" {'missed':>7} {'given':>6} {'width':>6}")
    for name, found in outcomes.items():
        for one in sorted(found, key=lambda one: -one.missed)[:WORST]:
            rate, hit, reject, labels, judged = one.setting
            print(f"  {name:18} {rate:5} {hit:5} {reject:5} {labels:6} {judged:6}", end="")
            print(f" {one.missed:7.3f} {one.answered:6.2f} {one.width or 0:6.3f}")


if __name__ == "__main__":
    main()
