"""Answers to many items and truths of a few, counted; and how much clusters shrink the counts.

The design effect is the variance of an estimate over whole clusters against what independent
items would have had, found from each cluster's total pull on the estimate. It is steadied, as
in `stats.clustered`, by one cluster at each extreme, so that items which always agree count as
one per cluster rather than as proof; and that of labels and answers together is never taken to
be smaller than that of the labels.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from math import fsum
from typing import NamedTuple

from roadworthy.base.errors import TooFewSamples
from roadworthy.stats.confusion import Table, check_table
from roadworthy.stats.intervals import normal_quantile
from roadworthy.stats.prevalence import Answers

_EXTREMES = 2  # clusters added, one at each end of the scale


class Item(NamedTuple):
    """One item; `truth` is None where it has no label."""

    answer: bool
    truth: bool | None
    cluster: Hashable


class Subsample(NamedTuple):
    """What is known of items that were all answered and partly labelled.

    Rates weigh every cluster the same; counts are of items. An effect is the factor by which
    clustering widens a variance, 1 for independent items.
    """

    passed_share: float  # of all items, answered pass
    label_rate: float  # of the labelled items, truly pass
    passing_rate: float  # of the labelled items answered pass, truly pass
    failing_rate: float  # of the labelled items answered fail, truly pass
    passing: int  # labelled items answered pass
    failing: int  # labelled items answered fail
    judged: int
    clusters: int
    labelled_clusters: int
    label_effect: float = 1.0
    tuned_effect: float = 1.0

    @property
    def labelled(self) -> int:
        """Items with a label."""
        return self.passing + self.failing

    @property
    def slope(self) -> float:
        """How much more often an item answered pass truly passes; 0 where one side is unseen."""
        seen = min(self.passing, self.failing) > 0
        return self.passing_rate - self.failing_rate if seen else 0.0

    def labels_share(self, level: float) -> float:
        """Independent items that one labelled item is worth, for the labels alone."""
        if self.labelled_clusters == self.labelled:
            return 1.0
        return _share(self.label_effect, self.labelled_clusters, level)

    def tuned_share(self, level: float) -> float:
        """The same for labels and answers together."""
        if self.clusters == self.judged:
            return 1.0
        return _share(self.tuned_effect, self.labelled_clusters, level)


def counted(table: Table, unlabelled: Answers) -> Subsample:
    """Independent items.

    Raises:
        TooFewSamples: no item has a label.
        StatisticsError: a negative count.
    """
    check_table(table)
    passing = table.true_pass + table.false_pass
    failing = table.true_fail + table.false_fail
    judged = table.items + unlabelled.items
    if not table.items:
        raise TooFewSamples("no item has a label")
    return Subsample(
        passed_share=(passing + unlabelled.passed) / judged,
        label_rate=table.passes / table.items,
        passing_rate=table.true_pass / max(1, passing),
        failing_rate=table.false_fail / max(1, failing),
        passing=passing,
        failing=failing,
        judged=judged,
        clusters=judged,
        labelled_clusters=table.items,
    )


def clustered(items: Sequence[Item]) -> Subsample:
    """Items that share clusters; every cluster weighs the same.

    Raises:
        TooFewSamples: no item has a label.
    """
    sizes: dict[Hashable, int] = defaultdict(int)
    for item in items:
        sizes[item.cluster] += 1
    known = [item for item in items if item.truth is not None]
    if not known:
        raise TooFewSamples("no item has a label")
    weighed = [(item, 1 / sizes[item.cluster]) for item in items]
    passing = [item for item in known if item.answer]
    plain = Subsample(
        passed_share=_mean((item.answer, weight) for item, weight in weighed),
        label_rate=_mean((bool(i.truth), w) for i, w in weighed if i.truth is not None),
        passing_rate=_mean((bool(i.truth), w) for i, w in weighed if _is_known(i, answer=True)),
        failing_rate=_mean((bool(i.truth), w) for i, w in weighed if _is_known(i, answer=False)),
        passing=len(passing),
        failing=len(known) - len(passing),
        judged=len(items),
        clusters=len(sizes),
        labelled_clusters=len({item.cluster for item in known}),
    )
    if len(sizes) == len(items):
        return plain
    of_labels = _label_effect(plain, weighed)
    of_both = max(of_labels, _tuned_effect(plain, weighed))
    return plain._replace(label_effect=of_labels, tuned_effect=of_both)


def _label_effect(plain: Subsample, weighed: Sequence[tuple[Item, float]]) -> float:
    """As `clustered.effective_size` does: one cluster added at each extreme."""
    known = [(item, weight) for item, weight in weighed if item.truth is not None]
    total = sum(weight for _, weight in known)
    sizes, passed = (
        _summed((item.cluster, weight / total * value) for item, weight, value in part)
        for part in (
            [(item, weight, True) for item, weight in known],
            [(item, weight, bool(item.truth)) for item, weight in known],
        )
    )
    count = len(sizes)
    rate = (plain.label_rate * count + 1) / (count + _EXTREMES)
    spread = sum((passed[cluster] - size * rate) ** 2 for cluster, size in sizes.items())
    variance = (spread * count**2 + rate**2 + (1 - rate) ** 2) / (count + _EXTREMES) ** 2
    worth = rate * (1 - rate) / variance - _EXTREMES
    least = 1 / sum(size**2 for size in sizes.values())
    return plain.labelled / max(least, min(worth, plain.labelled))


def _tuned_effect(plain: Subsample, weighed: Sequence[tuple[Item, float]]) -> float:
    share = plain.passed_share
    rates = {
        True: _steadied(plain.passing_rate, plain.passing),
        False: _steadied(plain.failing_rate, plain.failing),
    }
    shares = {True: share, False: 1 - share}
    counts = {True: plain.passing, False: plain.failing}
    slope = rates[True] - rates[False]
    everything = sum(weight for _, weight in weighed)
    totals = {a: sum(w for i, w in weighed if _is_known(i, answer=a)) for a in (True, False)}

    def pull(item: Item, weight: float) -> float:
        of_answer = slope * (item.answer - share) * weight / everything
        if item.truth is None:
            return of_answer
        off = item.truth - rates[item.answer]
        return of_answer + shares[item.answer] * off * weight / totals[item.answer]

    plain_variance = slope**2 * share * (1 - share) / plain.judged + sum(
        shares[answer] ** 2 * rates[answer] * (1 - rates[answer]) / max(1, counts[answer])
        for answer in (True, False)
    )
    return _effect(((item.cluster, pull(item, w)) for item, w in weighed), plain_variance)


def _effect(pulls: Iterable[tuple[Hashable, float]], independent: float) -> float:
    """Variance over the clusters' sums against that of independent items."""
    sums = _summed(pulls)
    count = len(sums)
    return count / max(1, count - 1) * sum(pull**2 for pull in sums.values()) / independent


def _summed(pulls: Iterable[tuple[Hashable, float]]) -> dict[Hashable, float]:
    sums: dict[Hashable, float] = defaultdict(float)
    for cluster, pull in pulls:
        sums[cluster] += pull
    return sums


def _share(effect: float, clusters: int, level: float) -> float:
    """What is left of a sample, with Student's t in place of the normal for few clusters."""
    from scipy.special import stdtrit  # noqa: PLC0415 - costs start-up time

    quantile = float(stdtrit(max(1, clusters - 1), (1 + level) / 2))
    return (normal_quantile(level) / quantile) ** 2 / effect


def _steadied(rate: float, n: int) -> float:
    return (rate * n + 1) / (n + 2)


def _is_known(item: Item, *, answer: bool) -> bool:
    return item.truth is not None and item.answer == answer


def _mean(values: Iterable[tuple[bool, float]]) -> float:
    """Weighted share of true values; 0 of nothing."""
    pairs = list(values)
    total = fsum(weight for _, weight in pairs)
    return min(1.0, fsum(weight for value, weight in pairs if value) / total) if pairs else 0.0
