"""When a judge is good enough to gate: a rule on what was measured, and on nothing else.

Every requirement is held against the 95 % interval of its number on held-out items. It is met
when the whole interval reaches the bar, missed when none of it does, and open in between.

* A missed one, or a failed probe: not calibrated.
* An open one, or a number that cannot be made: too little data.
* All met: calibrated. A judge that is in truth below a bar gets there at most once in forty times.

The requirements: enough verdicts that can be read; kappa; for pass or fail the skill on both sides
(informedness) and the share of bad work that is caught; for other answers the skill in telling
each of them from the rest.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from roadworthy.app.calibration.figures import LEVEL, table_of
from roadworthy.app.settings import JudgingSettings
from roadworthy.base.printable import printable
from roadworthy.gate.wording import counted, percent
from roadworthy.records.calibration import Calibration, Confusion, Slice, Standing
from roadworthy.records.decision import Rate

LEAST_OF_EACH: Final = 10
"""Held-out items of each answer, below which nothing is concluded."""
ANSWER: Final = "answer="
"""Begins the name of a slice that holds one answer against every other."""
FAILED: Final = "failed"
"""Begins what is stored of a probe that the judge did not stand."""


class Requirement(NamedTuple):
    """One number with its interval and the bar that it must reach."""

    name: str
    value: float
    low: float
    high: float
    bar: float
    rests_on: str

    @property
    def met(self) -> bool:
        """The whole interval reaches the bar."""
        return self.low >= self.bar

    @property
    def missed(self) -> bool:
        """None of the interval does."""
        return self.high < self.bar

    def __str__(self) -> str:
        judged = "reaches" if self.met else "misses" if self.missed else "may or may not reach"
        return (
            f"{self.name} {self.value:.2f} (95 % interval {self.low:.2f} to {self.high:.2f}, "
            f"{self.rests_on}) {judged} {self.bar:g}"
        )


def stand(draft: Calibration, bars: JudgingSettings) -> Calibration:
    """`draft` with the standing that its figures and probes give it, and the reasons."""
    failed = [f"probe {name}: {said}" for name, said in draft.probes.items() if has_failed(said)]
    lacking = [*_lacking(draft)]
    required = [] if lacking else [*_requirements(draft, bars)]
    missed = [str(one) for one in required if one.missed]
    unsure = [str(one) for one in required if not one.met and not one.missed]
    met = [str(one) for one in required if one.met]
    standing = Standing.CALIBRATED
    if missed or failed:
        standing = Standing.NOT_CALIBRATED
    elif unsure or lacking:
        standing = Standing.TOO_LITTLE_DATA
        unsure = [*unsure, "label more items"] if unsure else unsure
    reasons = (*missed, *failed, *lacking, *unsure, *met, *_weak_slices(draft))
    return replace(draft, standing=standing, reasons=reasons)


def has_failed(said: str) -> bool:
    """Whether a probe said so."""
    return said.startswith(FAILED)


def _lacking(draft: Calibration) -> Iterator[str]:
    """Why nothing can be concluded yet."""
    if not draft.labelled:
        yield "no item has both a human label and a verdict of this judge"
        return
    sides = [*_sides(draft)]
    if not sides:
        yield f"of {counted(draft.held_out, 'held-out item')} none has a verdict that can be read"
    for answer, count in sides:
        if count < LEAST_OF_EACH:
            yield (
                f"{counted(count, 'held-out item')} that people call {answer}, at least "
                f"{LEAST_OF_EACH} are needed: label more of them"
            )


def _sides(draft: Calibration) -> Iterator[tuple[str, int]]:
    """Each answer with the held-out items that people gave it."""
    answers = _answers(draft)
    for one in answers:
        counts = one.confusion
        name = printable(one.name.removeprefix(ANSWER), limit=60)
        yield name, counts.true_pass + counts.false_fail
    if not answers and draft.confusion.items:
        counts = draft.confusion
        yield "pass", counts.true_pass + counts.false_fail
        yield "fail", counts.true_fail + counts.false_pass


def _answers(draft: Calibration) -> Sequence[Slice]:
    return [one for one in draft.slices if one.name.startswith(ANSWER)]


def _requirements(draft: Calibration, bars: JudgingSettings) -> Iterator[Requirement]:
    if draft.confusion.items:
        yield _skill("informedness", draft.confusion, bars.min_informedness)
        yield _catches(draft.confusion, bars.min_true_fail_rate)
    for one in _answers(draft):
        answer = printable(one.name.removeprefix(ANSWER), limit=60)
        yield _skill(f"informedness of {answer!r}", one.confusion, bars.min_informedness)
    yield _kappa(draft.kappa, bars.min_kappa)
    yield _readable(draft, bars.min_readable)


def _skill(name: str, confusion: Confusion, bar: float) -> Requirement:
    from roadworthy.stats.confusion import informedness  # noqa: PLC0415 - loads scipy

    value, (low, high), _ = informedness(table_of(confusion), LEVEL)
    return Requirement(name, value, low, high, bar, counted(confusion.items, "item"))


def _catches(confusion: Confusion, bar: float) -> Requirement:
    from roadworthy.stats.intervals import clopper_pearson  # noqa: PLC0415 - loads scipy

    fails = confusion.true_fail + confusion.false_pass
    low, high = clopper_pearson(confusion.true_fail, fails, LEVEL)
    on = f"{counted(fails, 'item')} that people fail"
    return Requirement("true-fail rate", confusion.true_fail / fails, low, high, bar, on)


def _kappa(kappa: Rate | None, bar: float) -> Requirement:
    if kappa is None or kappa.value is None or kappa.low is None or kappa.high is None:
        return Requirement("kappa", 0.0, -1.0, 1.0, bar, "no value: one answer throughout")
    on = counted(kappa.measured, "item")
    return Requirement("kappa", kappa.value, kappa.low, kappa.high, bar, on)


def _readable(draft: Calibration, bar: float) -> Requirement:
    from roadworthy.stats.intervals import clopper_pearson  # noqa: PLC0415 - loads scipy

    n, read = draft.labelled, draft.labelled - draft.unreadable
    low, high = clopper_pearson(read, n, LEVEL)
    return Requirement("readable share", read / n, low, high, bar, counted(n, "verdict"))


def _weak_slices(draft: Calibration) -> Iterator[str]:
    """Parts on which the judge is clearly worse; they decide nothing."""
    whole = draft.agreement
    if whole is None or whole.low is None:
        return
    for one in draft.slices:
        here = one.agreement
        if one.name.startswith(ANSWER) or here.value is None or here.high is None:
            continue
        if here.high < whole.low:
            name = printable(one.name, limit=80)
            yield (
                f"note: on {name} it agrees on {percent(here.value)} of {here.measured}, "
                f"on {percent(whole.value or 0.0)} of all"
            )
