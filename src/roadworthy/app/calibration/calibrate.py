"""Measuring a judge against people: `judge calibrate`.

Labels come from a file or from the review queue; verdicts from a file, from stored trials, or
from asking the judge now. The held-out part decides by the rule of `calibration_rule`; all items
are described beside it. What is found is kept in the store, where gates look for it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.calibration.figures import (
    BINARY,
    LEVEL,
    Figures,
    figures,
    people,
    possible_answers,
)
from roadworthy.app.calibration.items import LabelledItem, LabelledItems
from roadworthy.app.calibration.known_probes import known_probes
from roadworthy.app.calibration.looks import earlier_looks, looks_note
from roadworthy.app.calibration.one_per_case import one_per_case
from roadworthy.app.calibration.report import Calibrated, Coverage, Disagreement
from roadworthy.app.calibration.rule import stand
from roadworthy.app.calibration.slices import answer_slices, slices_of
from roadworthy.app.calibration.split import Split, split
from roadworthy.app.calibration.truth import PASS
from roadworthy.base.codec import canonical
from roadworthy.base.errors import BadRequest, StatisticsError
from roadworthy.base.ids import hex_digest
from roadworthy.base.printable import printable
from roadworthy.gate.wording import counted
from roadworthy.grade.output_text import text_of
from roadworthy.records.calibration import Calibration, Slice, Standing
from roadworthy.records.decision import Rate

MAX_ANSWERS = 30
"""Different answers that a question can have; more are free text."""
DISAGREEMENTS = 1_000
_DRAWS = 500


class Judge(NamedTuple):
    """The instrument that is measured."""

    instrument: str
    rubric: str
    digest: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a judge is measured."""

    held_out: float = 0.5  # share of the labelled items that decides
    seed: int = 0
    answers: Sequence[str] = ()  # what a verdict can be beside what people said
    keep: bool = True  # in the store


def verdict_file_judge(path: Path) -> Judge:
    """The name of a judge of whom only a file of verdicts is known; no grader ever has it."""
    return Judge(f"verdicts:{path.stem}", "", "", (path.stem,))


def calibrate(app: App, labelled: LabelledItems, judge: Judge, terms: Terms) -> Calibrated:
    """Measure `judge` on `labelled`, whose items hold its verdicts, and store the outcome.

    Raises:
        BadRequest: the share or the answers make no sense.
    """
    answers = possible_answers(labelled.items, [one.strip().casefold() for one in terms.answers])
    _refuse(answers, terms)
    compared = _compared(labelled.items)
    usable = one_per_case(compared, terms.seed)
    parts = split(usable, share=terms.held_out, seed=terms.seed)
    whole, held = figures(usable, answers), figures(parts.held_out, answers)
    who = people(labelled.items, terms.seed)
    draft = replace(
        _draft(app, labelled, judge, terms, held=held, slices=_slices(held, parts, answers)),
        labelled=whole.items,
        unreadable=whole.unreadable,
        alpha=None if who.alpha is None else who.alpha.value,
    )
    earlier = earlier_looks(app, draft)
    calibration = stand(draft, app.settings.judging)
    if terms.keep:
        app.store.calibrations.add(calibration)
    return Calibrated(
        calibration=calibration,
        stored=terms.keep,
        question=labelled.question,
        coverage=_coverage(labelled, usable, answers),
        people=who,
        all_items=whole,
        held_out=held,
        tuning=figures(parts.tuning, answers),
        share=terms.held_out,
        length_leaning=_length_leaning(usable, terms.seed),
        disagreements=_disagreements(parts.tuning, answers),
        earlier=earlier,
        notes=(*labelled.told, *_notes(labelled.items, len(compared) - len(usable), earlier)),
    )


def _refuse(answers: Sequence[str], terms: Terms) -> None:
    if not 0 < terms.held_out <= 1:
        raise BadRequest(
            f"the held-out share lies above 0 and up to 1, got {terms.held_out:g}",
            hint="0.5 holds out half; 1 where nothing was tuned on these items",
        )
    if len(answers) > MAX_ANSWERS:
        raise BadRequest(
            f"people gave {len(answers)} different answers, at most {MAX_ANSWERS} can be compared",
            hint="label with pass, fail or a few categories",
        )


def _compared(items: Sequence[LabelledItem]) -> list[LabelledItem]:
    return [item for item in items if item.truth is not None and _was_asked(item)]


def _was_asked(item: LabelledItem) -> bool:
    return item.verdict is not None or item.unread


def _draft(
    app: App,
    labelled: LabelledItems,
    judge: Judge,
    terms: Terms,
    *,
    held: Figures,
    slices: tuple[Slice, ...],
) -> Calibration:
    """The calibration before its standing is known."""
    at = app.clock().timestamp()
    sides = held.confusion
    return Calibration(
        id=hex_digest(
            canonical([judge.instrument, labelled.domain, at, terms.seed, labelled.source])
        ),
        instrument=judge.instrument,
        rubric=judge.rubric or labelled.question,
        rubric_digest=judge.digest,
        models=judge.models,
        domain=labelled.domain,
        standing=Standing.TOO_LITTLE_DATA,
        reasons=(),
        at=at,
        held_out=held.read,
        confusion=sides,
        agreement=held.agreement,
        kappa=held.kappa,
        true_pass_rate=_rate(sides.true_pass, sides.true_pass + sides.false_fail),
        true_fail_rate=_rate(sides.true_fail, sides.true_fail + sides.false_pass),
        slices=slices,
        probes=known_probes(app, judge.instrument),
        seed=terms.seed,
        source=labelled.source,
    )


def _slices(held: Figures, parts: Split, answers: Sequence[str]) -> tuple[Slice, ...]:
    return (*answer_slices(held), *slices_of(parts.held_out, answers))


def _rate(count: int, of: int) -> Rate | None:
    from roadworthy.stats.intervals import wilson  # noqa: PLC0415 - not for `--help`

    if of == 0:
        return None
    low, high = wilson(count, of, LEVEL)
    return Rate(value=count / of, low=low, high=high, measured=of, level=LEVEL)


def _coverage(
    labelled: LabelledItems, usable: Sequence[LabelledItem], answers: Sequence[str]
) -> Coverage:
    items = labelled.items
    unread = Counter(
        printable(item.verdict or "", limit=60) for item in usable if item.verdict not in answers
    )
    return Coverage(
        items=len(items),
        labelled=len(usable),
        unreadable=dict(unread.most_common(20)),
        left_out=labelled.left_out,
        same_case=len(_compared(items)) - len(usable),
        without_majority=sum(bool(item.labels) and item.truth is None for item in items),
        without_human_label=sum(not item.labels for item in items),
        not_judged=sum(item.truth is not None and not _was_asked(item) for item in items),
        model_labels=sum(item.model_labels for item in items),
    )


def _disagreements(
    items: Sequence[LabelledItem], answers: Sequence[str]
) -> tuple[Disagreement, ...]:
    found = [item for item in items if item.verdict in answers and item.verdict != item.truth]
    return tuple(
        Disagreement(
            item=item.id, people=str(item.truth), judge=str(item.verdict), slices=item.slices
        )
        for item in found[:DISAGREEMENTS]
    )


def _length_leaning(items: Sequence[LabelledItem], seed: int) -> Rate | None:
    """Whether the judge passes longer answers among those that people call the same."""
    from roadworthy.stats.judge_bias import leaning  # noqa: PLC0415 - loads scipy

    seen = [
        (item.verdict == PASS, item.truth, float(len(text_of(item.material.output))))
        for item in items
        if item.verdict in BINARY and item.material is not None
    ]
    if not seen:
        return None
    verdicts, truths, lengths = zip(*seen, strict=True)
    rng = Random(seed)  # noqa: S311 - permutations, nothing secret
    try:
        found = leaning(verdicts, truths, lengths, level=LEVEL, draws=_DRAWS, rng=rng)
    except StatisticsError:
        return None
    low, high = found.interval
    return Rate(value=found.value, low=low, high=high, measured=found.items, level=LEVEL)


def _notes(items: Sequence[LabelledItem], same_case: int, earlier: int) -> Iterator[str]:
    if made := sum(item.model_labels for item in items):
        yield f"{counted(made, 'label')} made by a model left out: only people calibrate"
    if same_case:
        yield f"{counted(same_case, 'trial')} left out: another trial of the same case counts"
    if earlier:
        yield looks_note(earlier)
