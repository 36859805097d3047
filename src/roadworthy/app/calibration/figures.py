"""How far a judge and people agree on a set of items, and people among themselves.

A verdict that is none of the answers that can be given is unreadable: neither right nor wrong,
counted on its own. Beside that stand the numbers that others publish, which count it as wrong.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, Final

import msgspec

from roadworthy.app.calibration.items import LabelledItem
from roadworthy.app.calibration.truth import FAIL, PASS
from roadworthy.base.errors import StatisticsError, TooFewSamples
from roadworthy.records.calibration import Confusion
from roadworthy.records.decision import Rate

if TYPE_CHECKING:
    from roadworthy.stats.confusion import Table

LEVEL: Final = 0.95
BINARY: Final = frozenset({PASS, FAIL})
_UNREADABLE: Final = None
_DRAWS: Final = 2_000


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Judge against people on the items of which both are known."""

    items: int  # labelled, and the judge was asked
    read: int  # of them, those whose verdict could be read
    agreement: Rate | None  # over what could be read
    kappa: Rate | None
    agreement_over_all: Rate | None  # an unreadable verdict counted as wrong
    kappa_over_all: Rate | None  # and as a category of its own
    confusion: Confusion  # of a question of pass or fail
    answers: dict[str, Confusion]  # answer → this answer against every other

    @property
    def unreadable(self) -> int:
        """Items whose verdict could not be read."""
        return self.items - self.read


class TwoPeople(msgspec.Struct, frozen=True, kw_only=True):
    """Cohen's kappa of two annotators on what both labelled."""

    first: str
    second: str
    items: int
    kappa: Rate


class People(msgspec.Struct, frozen=True, kw_only=True):
    """How annotators agree among themselves."""

    annotators: tuple[str, ...]
    pairs: tuple[TwoPeople, ...]
    alpha: Rate | None  # Krippendorff's; None: fewer than two annotators, or nothing to differ on
    majority: dict[str, int]  # answer → items where most gave it, the rarest first
    undecided: int  # labelled items without a majority


def possible_answers(items: Iterable[LabelledItem], declared: Collection[str]) -> tuple[str, ...]:
    """What a verdict can be: what people said anywhere, and what was declared; in order."""
    used = {answer for item in items for answer in item.labels.values()} | {*declared}
    return tuple(sorted(used | BINARY if used <= BINARY else used))


def figures(items: Sequence[LabelledItem], answers: Collection[str]) -> Figures:
    """Compare verdict with truth on `items`, each of which has a truth and was judged."""
    pairs = [(str(item.truth), _read(item, answers)) for item in items]
    read = [(truth, verdict) for truth, verdict in pairs if verdict is not None]
    return Figures(
        items=len(pairs),
        read=len(read),
        agreement=_agreement(read),
        kappa=_kappa(read),
        agreement_over_all=_agreement(pairs),
        kappa_over_all=_kappa(pairs),
        confusion=_against(read, PASS) if {*answers} <= BINARY else Confusion(),
        answers={} if {*answers} <= BINARY else {one: _against(read, one) for one in answers},
    )


def agreement_of(confusion: Confusion) -> Rate:
    """Share of items on which both say the same. Raises `TooFewSamples` for none."""
    from roadworthy.stats.intervals import wilson  # noqa: PLC0415 - not for `--help`

    n = confusion.items
    same = confusion.true_pass + confusion.true_fail
    low, high = wilson(same, n, LEVEL)
    return Rate(value=same / n, low=low, high=high, measured=n, level=LEVEL)


def table_of(confusion: Confusion) -> "Table":
    """The counts as statistics take them."""
    from roadworthy.stats.confusion import Table  # noqa: PLC0415 - loads scipy

    return Table(
        confusion.true_pass, confusion.false_pass, confusion.true_fail, confusion.false_fail
    )


def people(items: Sequence[LabelledItem], seed: int) -> People:
    """What annotators make of the same items; `seed` draws the interval of alpha."""
    annotators = tuple(sorted({name for item in items for name in item.labels}))
    found = (_two(items, first, second) for first, second in combinations(annotators, 2))
    counts = Counter(item.truth for item in items if item.labels)
    undecided = counts.pop(None, 0)
    order = sorted(counts.items(), key=lambda pair: (pair[1], str(pair[0])))
    return People(
        annotators=annotators,
        pairs=tuple(pair for pair in found if pair is not None),
        alpha=_alpha(items, annotators, seed),
        majority={str(answer): count for answer, count in order},
        undecided=undecided,
    )


def _read(item: LabelledItem, answers: Collection[str]) -> str | None:
    return item.verdict if item.verdict in answers else _UNREADABLE


def _against(read: Iterable[tuple[str, str]], one: str) -> Confusion:
    counts = Counter((verdict == one, truth == one) for truth, verdict in read)
    return Confusion(
        true_pass=counts[True, True],
        false_pass=counts[True, False],
        true_fail=counts[False, False],
        false_fail=counts[False, True],
    )


def _agreement(pairs: Sequence[tuple[str, str | None]]) -> Rate | None:
    from roadworthy.stats.agreement import percent_agreement  # noqa: PLC0415 - loads numpy

    if not pairs:
        return None
    truths, verdicts = zip(*pairs, strict=True)
    value, (low, high), n = percent_agreement(truths, verdicts, level=LEVEL)
    return Rate(value=value, low=low, high=high, measured=n, level=LEVEL)


def _kappa(pairs: Sequence[tuple[str, str | None]]) -> Rate | None:
    """`None` where kappa has no value: too few items, or one answer throughout."""
    from roadworthy.stats.agreement import cohens_kappa  # noqa: PLC0415 - loads numpy

    if not pairs:
        return None
    truths, verdicts = zip(*pairs, strict=True)
    try:
        value, (low, high), _, n = cohens_kappa(truths, verdicts, level=LEVEL)
    except TooFewSamples:
        return None
    return Rate(value=value, low=low, high=high, measured=n, level=LEVEL)


def _two(items: Sequence[LabelledItem], first: str, second: str) -> TwoPeople | None:
    both = [
        (item.labels[first], item.labels[second])
        for item in items
        if first in item.labels and second in item.labels
    ]
    kappa = _kappa(both)
    if kappa is None:
        return None
    return TwoPeople(first=first, second=second, items=len(both), kappa=kappa)


def _alpha(items: Sequence[LabelledItem], annotators: Sequence[str], seed: int) -> Rate | None:
    """Measured on the items that two people or more labelled; without ends where too few did."""
    from roadworthy.stats.alpha import (  # noqa: PLC0415 - loads numpy
        bootstrap_alpha,
        krippendorffs_alpha,
    )

    given = [[item.labels.get(name) for name in annotators] for item in items]
    rng = Random(seed)  # noqa: S311 - a bootstrap, nothing secret
    try:
        value, (low, high), both, _ = bootstrap_alpha(given, level=LEVEL, draws=_DRAWS, rng=rng)
    except StatisticsError:
        alone = _or_none(lambda: krippendorffs_alpha(given))
        both = sum(len(item.labels) > 1 for item in items)
        return None if alone is None else Rate(value=alone, low=None, high=None, measured=both)
    return Rate(value=value, low=low, high=high, measured=both, level=LEVEL)


def _or_none(number: Callable[[], float]) -> float | None:
    try:
        return number()
    except StatisticsError:
        return None
