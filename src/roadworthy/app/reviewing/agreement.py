"""How far annotators agree, for each question and domain; what is too thin is said, not shown.

Only what people said counts. Labels made by a model are counted on their own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, islice
from random import Random
from typing import Final

import msgspec

from roadworthy.app.app import App
from roadworthy.base.errors import StatisticsError
from roadworthy.grade.review_labels import answers, current_labels
from roadworthy.grade.review_sampling import Drawn
from roadworthy.records.decision import Rate
from roadworthy.records.label import Label, Labeller

LEVEL: Final = 0.95
DRAWS: Final = 2000
LEAST: Final = 30
"""Items labelled by both, or drawn at random, below which a number is thin."""
MOST_PAIRS: Final = 100


class AnnotatorCount(msgspec.Struct, frozen=True, kw_only=True):
    """What one annotator has done."""

    annotator: str
    labelled: int
    skipped: int
    values: dict[str, int]  # value → labels


class PairAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """Two annotators on the items that both labelled; `note` says what is thin or missing."""

    first: str
    second: str
    items: int
    agreement: Rate | None
    kappa: Rate | None
    note: str


class QuestionAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """One question in one domain (a suite, or where imported labels come from)."""

    question: str
    domain: str
    items: int  # with a label of a person
    drawn_at_random: int  # of them, those of the audit: only they serve a corrected rate
    made_by_model: int  # labels that count for nothing here
    annotators: tuple[AnnotatorCount, ...]
    pairs: tuple[PairAgreement, ...]
    alpha: Rate | None
    note: str


def agreement(
    app: App, *, question: str | None = None, suite: str | None = None
) -> Sequence[QuestionAgreement]:
    """Agreement for each question and domain that has labels, in alphabetical order."""
    kept = current_labels(app.store.labels.list(question=question, domain=suite))
    groups: defaultdict[tuple[str, str], list[Label]] = defaultdict(list)
    for label in kept:
        groups[label.question, label.domain].append(label)
    seed = app.settings.review.seed
    return [_of_group(labels, name, seed) for name, labels in sorted(groups.items())]


def _of_group(labels: Sequence[Label], name: tuple[str, str], seed: int) -> QuestionAgreement:
    human = [label for label in labels if label.made_by is Labeller.HUMAN]
    said = answers(human)
    by_annotator = _values(said)
    alpha, note = _alpha(by_annotator, seed)
    return QuestionAgreement(
        question=name[0],
        domain=name[1],
        items=len({label.item for label in said}),
        drawn_at_random=len({label.item for label in said if label.drawn == Drawn.AUDIT}),
        made_by_model=len(labels) - len(human),
        annotators=tuple(_counts(human)),
        pairs=tuple(
            _pair(pair, by_annotator)
            for pair in islice(combinations(sorted(by_annotator), 2), MOST_PAIRS)
        ),
        alpha=alpha,
        note=note,
    )


def _values(labels: Iterable[Label]) -> Mapping[str, Mapping[str, str]]:
    """Annotator → item → value."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for label in labels:
        found[label.annotator][label.item] = label.value
    return found


def _counts(labels: Sequence[Label]) -> Iterable[AnnotatorCount]:
    for annotator in sorted({label.annotator for label in labels}):
        own = [label for label in labels if label.annotator == annotator]
        values = Counter(label.value for label in own if not label.skipped)
        yield AnnotatorCount(
            annotator=annotator,
            labelled=values.total(),
            skipped=len(own) - values.total(),
            values=dict(sorted(values.items())),
        )


def _pair(pair: tuple[str, str], by_annotator: Mapping[str, Mapping[str, str]]) -> PairAgreement:
    from roadworthy.stats.agreement import (  # noqa: PLC0415 - numpy costs start-up time
        cohens_kappa,
        percent_agreement,
    )

    one, other = (by_annotator[name] for name in pair)
    both = sorted(one.keys() & other.keys())
    first, second = [one[item] for item in both], [other[item] for item in both]
    kappa, note = None, thin(len(both))
    try:
        found = cohens_kappa(first, second, level=LEVEL)
        kappa = _rate(found.value, found.interval, len(both))
    except StatisticsError as error:
        note = error.message
    share = None
    if both:
        seen = percent_agreement(first, second, level=LEVEL)
        share = _rate(seen.value, seen.interval, len(both))
    return PairAgreement(
        first=pair[0], second=pair[1], items=len(both), agreement=share, kappa=kappa, note=note
    )


def _alpha(by_annotator: Mapping[str, Mapping[str, str]], seed: int) -> tuple[Rate | None, str]:
    from roadworthy.stats.alpha import bootstrap_alpha  # noqa: PLC0415 - costs start-up time

    items = sorted({item for said in by_annotator.values() for item in said})
    ratings = [[said.get(item) for said in by_annotator.values()] for item in items]
    rng = Random(seed)  # noqa: S311 - a bootstrap, nothing secret
    try:
        found = bootstrap_alpha(ratings, level=LEVEL, draws=DRAWS, rng=rng)
    except StatisticsError as error:
        return None, error.message
    return _rate(found.value, found.interval, found.items), thin(found.items)


def _rate(value: float, interval: tuple[float, float], items: int) -> Rate:
    return Rate(value=value, low=interval[0], high=interval[1], measured=items, level=LEVEL)


def thin(items: int) -> str:
    """What is to be said of a number that rests on so many items; empty: nothing."""
    few = "item" if items == 1 else "items"
    return f"only {items} {few} in common; {LEAST} say more" if items < LEAST else ""
