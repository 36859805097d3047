"""How often cases that are unrelated are called redundant, and how often a copy is found.

Suites of easy and hard cases on good and bad versions, outcomes independent given both (the Rasch
model), failure odds of cases from 0.05 to 19, of versions from 0.2 to 5. The copy has the very
outcomes of the first case; suites count where that one failed, and passed, 3 times or more.
"""

import argparse
from random import Random
from typing import NamedTuple

from roadworthy.gate.spring_cleaning.past import Past, read_pasts
from roadworthy.gate.spring_cleaning.sharing import shared_failures
from roadworthy.gate.spring_cleaning.subject import CleaningPolicy, DatedRun, Subject
from roadworthy.records.evidence import CaseEvidence, RunEvidence

SHAPES = ((12, 20), (40, 20), (40, 40), (40, 10))
LEAST = 3


class Row(NamedTuple):
    cases: int
    versions: int
    false_finds: int
    copies: int
    found: int


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--suites", type=int, default=200)
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    print("cases  versions  suites with a false find  copies found")
    for cases, versions in SHAPES:
        row = simulate(cases, versions, suites=given.suites, rng=Random(given.seed))
        print(
            f"{row.cases:5}  {row.versions:8}  {row.false_finds:11} of {given.suites:<11}"
            f"  {row.found} of {row.copies}"
        )


def simulate(cases: int, versions: int, *, suites: int, rng: Random) -> Row:
    false_finds = copies = found = 0
    for _ in range(suites):
        suite = a_suite(cases, versions, rng)
        false_finds += bool(called(suite, versions))
        failures = suite["c0"].count("x")
        if LEAST <= failures <= versions - LEAST:
            copies += 1
            pairs = called(suite | {"copy": suite["c0"]}, versions)
            found += ("copy", "c0") in pairs
    return Row(cases, versions, false_finds, copies, found)


def a_suite(cases: int, versions: int, rng: Random) -> dict[str, str]:
    """Case to its outcomes, one letter for each version: `x` failed, `.` passed."""
    hard = [rng.uniform(0.05, 0.95) for _ in range(cases)]
    bad = [rng.uniform(0.2, 5.0) for _ in range(versions)]
    odds = [[one / (1 - one) * how for how in bad] for one in hard]
    return {
        f"c{n}": "".join("x" if rng.random() < odd / (1 + odd) else "." for odd in row)
        for n, row in enumerate(odds)
    }


def called(suite: dict[str, str], versions: int) -> set[tuple[str, str]]:
    """Pairs that the rule calls redundant."""
    names = [f"v{place}" for place in range(versions)]
    pairs = shared_failures(pasts_of(suite, names), names, CleaningPolicy())
    return {(pair.case, pair.other) for pair in pairs if pair.shown}


def pasts_of(suite: dict[str, str], names: list[str]) -> dict[str, Past]:
    runs = []
    for place, name in enumerate(names):
        counts = tuple(
            CaseEvidence(case=case, digest=case, passed=int(one == "."), failed=int(one == "x"))
            for case, one in ((case, letters[place]) for case, letters in suite.items())
        )
        evidence = RunEvidence(run=name, suite="s", version=name, cases=counts)
        runs.append(DatedRun(evidence=evidence, started_at=float(place), digest=name))
    return read_pasts([Subject(case=case, digest=case) for case in suite], runs)


if __name__ == "__main__":
    main()
