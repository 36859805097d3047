"""Which trial an annotator sees next: a seeded function of trials and labels. Pure.

Every item has three numbers of its own, drawn from the seed, the question and the item's name
and from nothing else: not from verdicts, scores, labels, annotators or the time.

* `audit`: below `audit_share` the item belongs to the audit. Its items are shown in the order of
  this number and for no other reason, so those labelled at any moment are a simple random sample
  of the run's items, and each item belongs to the audit with probability `audit_share`.
* `overlap`: below `overlap_share` several annotators see the item; any other item is first
  offered to one of them.
* `tie`: the order among items of equal value.

Items outside the audit fall into those where graders disagree, those where a judge is uncertain,
and the rest, of which the strata with the fewest labels come first. Which of the four an annotator
sees next is drawn, too: the audit with probability `audit_share`, the others evenly. One that is
exhausted gives way to the next.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from roadworthy.base.errors import InvalidRecord
from roadworthy.base.ids import digest
from roadworthy.records.label import Label
from roadworthy.records.record import Record

_BYTES: Final = 5  # of each number; 2**-40 apart


class Drawn(StrEnum):
    """Why an item is shown; kept on its label."""

    AUDIT = "audit"
    DISAGREEMENT = "disagreement"
    UNCERTAINTY = "uncertainty"
    STRATUM = "stratum"


class SamplingPlan(Record, frozen=True, kw_only=True):
    """Set before the first label and kept: another seed or share is another draw."""

    seed: int = 0
    audit_share: float = 0.5
    overlap_share: float = 0.2

    def __post_init__(self) -> None:
        for share in (self.audit_share, self.overlap_share):
            if not 0.0 <= share <= 1.0:
                raise InvalidRecord(f"a share lies within 0 and 1, got {share}")


class Candidate(Record, frozen=True, kw_only=True):
    """An item that can be labelled, with what is known of it."""

    item: str
    disagreement: float = 0.0
    uncertainty: float = 0.0
    strata: dict[str, str] = {}  # e.g. {"tier": "critical", "verdict": "failed"}


class Chosen(NamedTuple):
    """What is shown next, and why."""

    item: str
    drawn: Drawn


class Draw(NamedTuple):
    """The numbers of one item, each uniform from 0 to below 1 and independent of the others."""

    audit: float
    overlap: float
    tie: float


def draw_of(item: str, question: str, seed: int) -> Draw:
    """The numbers of an item; the same arguments always give the same."""
    return Draw(*_numbers("item", str(seed), question, item))


def reason_of(one: Candidate, question: str, plan: SamplingPlan) -> Drawn:
    """Why an item is shown, whenever it is."""
    if draw_of(one.item, question, plan.seed).audit < plan.audit_share:
        return Drawn.AUDIT
    if one.disagreement > 0:
        return Drawn.DISAGREEMENT
    return Drawn.UNCERTAINTY if one.uncertainty > 0 else Drawn.STRATUM


def choose(
    candidates: Sequence[Candidate],
    labels: Sequence[Label],
    *,
    question: str,
    annotator: str,
    plan: SamplingPlan,
) -> Chosen | None:
    """The next item of an annotator; `None` when they have seen all of them.

    Args:
        candidates: every item in question, in any order.
        labels: all labels of `question`, skipped items too, of every annotator.
        question: the rubric's name.
        annotator: who is going to label; never shown an item twice.
        plan: seed and shares.
    """
    seen = {label.item for label in labels if label.annotator == annotator}
    waiting: dict[Drawn, list[Candidate]] = {}
    for one in candidates:
        if one.item not in seen:
            waiting.setdefault(reason_of(one, question, plan), []).append(one)
    wanted = _wanted(len(seen), question, annotator, plan)
    reason = next((one for one in (wanted, *_BY_VALUE, Drawn.AUDIT) if one in waiting), None)
    if reason is None:
        return None
    order = _Order(candidates, labels, question, plan)
    return Chosen(min(waiting[reason], key=order.key_of(reason)).item, reason)


_BY_VALUE: Final = (Drawn.DISAGREEMENT, Drawn.UNCERTAINTY, Drawn.STRATUM)


def _wanted(place: int, question: str, annotator: str, plan: SamplingPlan) -> Drawn:
    """Why the item at `place` (from 0) of this annotator is to be shown."""
    numbers = _numbers("place", str(plan.seed), question, annotator, str(place))
    if numbers.audit < plan.audit_share:
        return Drawn.AUDIT
    return _BY_VALUE[int(numbers.tie * len(_BY_VALUE))]


class _Order:
    """Which of the items with one reason comes first."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        labels: Sequence[Label],
        question: str,
        plan: SamplingPlan,
    ) -> None:
        self._question = question
        self._plan = plan
        self._answered = {label.item for label in labels if not label.skipped}
        self._labelled = _per_stratum(candidates, self._answered)

    def key_of(self, reason: Drawn) -> Callable[[Candidate], tuple[bool, float, float, str]]:
        """Sorts the items of `reason`: those that nobody has labelled, then by rank."""

        def key(one: Candidate) -> tuple[bool, float, float, str]:
            draw = draw_of(one.item, self._question, self._plan.seed)
            is_taken = one.item in self._answered and draw.overlap >= self._plan.overlap_share
            rank = {
                Drawn.AUDIT: draw.audit,
                Drawn.DISAGREEMENT: -one.disagreement,
                Drawn.UNCERTAINTY: -one.uncertainty,
                Drawn.STRATUM: self._crowd(one),
            }
            return is_taken, rank[reason], draw.tie, one.item

        return key

    def _crowd(self, one: Candidate) -> float:
        """Mean number of labels in the strata that an item belongs to."""
        return sum(self._labelled[name] for name in one.strata.items()) / max(len(one.strata), 1)


def _per_stratum(
    candidates: Sequence[Candidate], answered: set[str]
) -> Mapping[tuple[str, str], int]:
    return Counter(
        name for one in candidates if one.item in answered for name in one.strata.items()
    )


def _numbers(*parts: str) -> Draw:
    """Three numbers that `parts` decide, each part told apart from the next by its length."""
    data = b"".join(b"%d:%b" % (len(raw), raw) for raw in _raw(parts))
    whole = digest(data)
    cut = (whole[at : at + _BYTES] for at in range(0, 3 * _BYTES, _BYTES))
    return Draw(*(int.from_bytes(piece, "big") / 256**_BYTES for piece in cut))


def _raw(parts: Sequence[str]) -> Iterator[bytes]:
    return (part.encode("utf-8", "surrogatepass") for part in parts)
