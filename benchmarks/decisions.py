"""How often do sequential decisions err, and how many trials do they need?

Simulated with fixed seeds on 36 suites: all cases alike, a fifth of them flaky, or easy and hard
ones; 20, 50 or 200 cases; pass rates 0.8 to 0.99. Margin 0.05, 5 % of false FAILs and of false
PASSes allowed. In each suite nothing changes, or the pass rate falls by half the margin, the
margin or three times the margin, or rises by it.

Errors are counted at every look, without an end, as well as in whole decisions. Pairs of trials
are held against the cheapest fixed plan whose error rates a simulation finds held on that very
suite: it is told what no plan can know. "By eye" is what people do with 3 repeats: FAIL if the
total is lower, or if the majority of any case was lost.

The last figures are whole suites with 5 % of flaky cases that are run against themselves, and
how many decisions come to an end where cases may be repeated only a few times.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from statistics import median
from typing import Final, NamedTuple

import numpy as np
from decision_simulation import (
    ALPHA,
    BETA,
    FAIL,
    OPEN,
    PASS,
    Outcomes,
    by_eye,
    peer,
    sequential,
)
from decision_suites import CHANGES, Setting, settings
from measuring import Figure, Options, options, parser, report

SEED: Final = 20261120
RUNS: Final = 1_000
WIDEST: Final = 4  # times the peer's pairs: then a run counts as open
LIMITS: Final = (3, 5, 10, 20)  # repeats a case, where they are limited
SAVED: Final = 2.5
BORDERLINE: Final = 1.3


class Ran(NamedTuple):
    """One change of one suite."""

    fails: float
    passes: float
    median: float
    slowest: float  # nine of ten runs take no more pairs
    covered: float  # median if every case must be seen before a PASS


class Found(NamedTuple):
    """One suite."""

    setting: Setting
    peer: int  # pairs of the fixed plan
    ran: dict[str, Ran]
    ever_fails: float  # at any look within twice the peer's pairs, nothing changed
    ever_passes: float  # the same of PASS, after a drop of the margin
    by_eye: tuple[float, float]  # false FAILs of the two habits


def main() -> None:
    asked = parser(__doc__ or "", runs=1)
    report("decisions", options(asked.parse_args()), measure)


def measure(asked: Options) -> Sequence[Figure]:
    runs = 40 if asked.quick else RUNS
    places = settings()[:: 12 if asked.quick else 1]
    with ProcessPoolExecutor(max_workers=2) as workers:
        found = list(workers.map(simulate, places, [runs] * len(places)))
    print_suites(found, runs)
    return [
        *error_figures(found, runs),
        *saving_figures(found),
        *eye_figures(found),
        *limit_figures(runs),
        flaky_figure(200),
    ]


def simulate(place: Setting, runs: int) -> Found:
    source = np.random.default_rng([SEED, *place.seed])
    fixed = peer(place, source, draws=4 * runs)
    before, most = place.before, WIDEST * fixed.pairs
    ran = {
        name: summed_up(sequential(before, place.after(change), source, runs=runs, most=most))
        for name, change in CHANGES.items()
    }
    long = 2 * fixed.pairs
    margin = place.after(CHANGES["margin"])
    failed = sequential(before, before, source, runs=runs, most=long, ends=(FAIL,))
    passed = sequential(before, margin, source, runs=runs, most=long, ends=(PASS,))
    return Found(
        setting=place,
        peer=fixed.pairs,
        ran=ran,
        ever_fails=share(failed, FAIL),
        ever_passes=share(passed, PASS),
        by_eye=by_eye(before, before, source, draws=4 * runs),
    )


def summed_up(outcomes: Outcomes) -> Ran:
    swept = outcomes.pairs + np.where(outcomes.verdict == PASS, outcomes.unseen, 0)
    return Ran(
        fails=share(outcomes, FAIL),
        passes=share(outcomes, PASS),
        median=float(np.median(outcomes.pairs)),
        slowest=float(np.quantile(outcomes.pairs, 0.9)),
        covered=float(np.median(swept)),
    )


def share(outcomes: Outcomes, verdict: int) -> float:
    return float((outcomes.verdict == verdict).mean())


def allowed(level: float, runs: int) -> float:
    error: float = (level * (1 - level) / runs) ** 0.5
    return level + 3 * error


def error_figures(found: Sequence[Found], runs: int) -> list[Figure]:
    """Errors by suite; the worst of 36 is held against the level and three standard errors."""
    kinds = {
        "false FAIL at any look": ([one.ever_fails for one in found], ALPHA),
        "false PASS at any look": ([one.ever_passes for one in found], BETA),
        "false FAIL, decided": ([one.ran["none"].fails for one in found], ALPHA),
        "false PASS, decided": ([one.ran["margin"].passes for one in found], BETA),
    }
    figures = []
    for name, (rates, level) in kinds.items():
        figures.append(Figure(name=f"{name}: suites", unit="of runs", values=rates))
        figures.append(
            Figure(
                name=f"{name}: worst suite",
                unit=f"of runs, {level} and 3 standard errors",
                values=[max(rates)],
                at_most=round(allowed(level, runs), 4),
            )
        )
    return figures


def saving_figures(found: Sequence[Found]) -> list[Figure]:
    plain = [one.peer / one.ran[name].median for name in ("none", "large") for one in found]
    figures = _saving("change none or large", plain)
    for name in ("none", "large", "better"):
        saved = [one.peer / one.ran[name].median for one in found]
        figures += _saving(f"change {name}", saved)
    for kind in sorted({one.setting.kind for one in found}):
        saved = [one.peer / one.ran["none"].median for one in found if one.setting.kind == kind]
        figures.append(Figure(name=f"change none, {kind}", unit="times fewer", values=saved))
    swept = [one.peer / one.ran["none"].covered for one in found]
    figures.append(Figure(name="change none, all cases seen", unit="times fewer", values=swept))
    slow = [one.peer / one.ran["none"].slowest for one in found]
    figures.append(Figure(name="change none, slowest tenth", unit="times fewer", values=slow))
    wide = [one.ran["half"].median / one.peer for one in found]
    figures.append(
        Figure(
            name="change half the margin: worst suite",
            unit="times the fixed plan",
            values=[max(wide)],
            at_most=BORDERLINE,
        )
    )
    return figures


def _saving(name: str, saved: Sequence[float]) -> list[Figure]:
    reached = sum(one >= SAVED for one in saved) / len(saved)
    return [
        Figure(name=f"{name}: suites", unit="times fewer", values=saved, at_least=SAVED),
        Figure(name=f"{name}: at least {SAVED}", unit="of suites", values=[reached], at_least=1.0),
    ]


def eye_figures(found: Sequence[Found]) -> list[Figure]:
    names = ("FAIL if the total is lower", "FAIL if a majority of 3 is lost")
    return [
        Figure(
            name=f"by eye, nothing changed: {name}",
            unit="of runs that FAIL",
            values=[one.by_eye[place] for one in found],
        )
        for place, name in enumerate(names)
    ]


def limit_figures(runs: int) -> list[Figure]:
    """Share of decisions that end, where nothing changed and repeats are few."""
    place = Setting("80/20", 50, 0.9)
    figures = []
    for limit in LIMITS:
        source = np.random.default_rng([SEED, limit])
        ended = [
            1 - share(outcomes, OPEN)
            for change in ("none", "large")
            for outcomes in [
                sequential(
                    place.before,
                    place.after(CHANGES[change]),
                    source,
                    runs=runs,
                    most=50 * limit,
                    repeats=limit,
                )
            ]
        ]
        name = f"decided with {limit} repeats a case: change none, large"
        figures.append(Figure(name=name, unit="of runs", values=ended))
    return figures


def flaky_figure(runs: int) -> Figure:
    """A suite with 5 % of flaky cases against itself; suites of 40 to 400 cases."""
    fails = []
    for cases in (40, 100, 400):
        source = np.random.default_rng([SEED, cases])
        before = np.where(np.arange(cases) < cases // 20, 0.5, 1.0)
        fails.append(share(sequential(before, before, source, runs=runs, most=10_000), FAIL))
    return Figure(
        name="5 % flaky cases, 200 runs against themselves",
        unit="of runs that FAIL",
        values=fails,
        at_most=ALPHA,
    )


def print_suites(found: Sequence[Found], runs: int) -> None:
    print(f"\npairs of trials, median/slowest tenth; {runs} runs of each, seed {SEED}")
    print(f"  {'':22} {'fixed':>6}", "".join(f"{name:>14}" for name in CHANGES), " false F,  P")
    for one in found:
        kind, cases, rate = one.setting
        cells = [f"{ran.median:6.0f}/{ran.slowest:<6.0f}" for ran in one.ran.values()]
        errors = f"{one.ever_fails:.3f} {one.ever_passes:.3f}"
        print(f"  {kind:10} {cases:4} {rate:6} {one.peer:6} ", " ".join(cells), f" {errors}")
    times = [median(one.peer / one.ran[name].median for one in found) for name in CHANGES]
    print(f"  {'times fewer, median':29}", "".join(f"{time:14.2f}" for time in times))


if __name__ == "__main__":
    main()
