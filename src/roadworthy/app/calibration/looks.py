"""How often a judge was measured here before: each look at new labels is another chance to pass.

One measurement lets a judge below a bar through at most once in forty times; the best of several
does so more often. Nothing is refused for it, and it is always told.
"""

from roadworthy.app.app import App
from roadworthy.records.calibration import Calibration


def earlier_looks(app: App, draft: Calibration) -> int:
    """Stored measurements of the same instrument in the same domain that differ from `draft`.

    Measuring the same labels again with the same seed is the same look. What probes and anchors
    store is a copy of a measurement, and no other one.
    """
    stored = (
        _look(one)
        for one in app.store.calibrations.list()
        if one.instrument == draft.instrument and one.domain == draft.domain and one.labelled
    )
    return len({*stored} - {_look(draft)})


def looks_note(earlier: int) -> str:
    """The sentence that tells it."""
    return (
        f"{_ordinal(earlier + 1)} calibration of this judge here; each is another chance for a "
        "judge that is not good enough to be called calibrated"
    )


def _look(one: Calibration) -> tuple[object, ...]:
    counts = one.confusion
    sides = (counts.true_pass, counts.false_pass, counts.true_fail, counts.false_fail)
    return (one.source, one.seed, one.labelled, one.unreadable, one.held_out, *sides)


def _ordinal(number: int) -> str:
    last = 0 if number % 100 in (11, 12, 13) else number % 10
    ending = {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
    return f"{number}{ending}"
