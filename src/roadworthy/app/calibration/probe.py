"""Putting adversarial answers to a judge: `judge probe`.

What is found is stored with the newest calibration of the instrument in that domain, whose
standing it can only lower. A judge that nobody has calibrated yet gets a calibration without
labels, so that its probes are known when they come.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.calibration.items import LabelledItem
from roadworthy.app.calibration.judged import AT_A_TIME, Instrument, OnItem
from roadworthy.app.calibration.known_probes import after, known_probes, results_said
from roadworthy.app.calibration.rule import has_failed, stand
from roadworthy.app.calibration.suspension import unlabelled
from roadworthy.app.calibration.truth import FAIL
from roadworthy.base.codec import canonical
from roadworthy.base.errors import BadRequest
from roadworthy.base.ids import hex_digest
from roadworthy.grade.judge.answer_form import Position
from roadworthy.grade.judge.judge import Judge
from roadworthy.grade.judge.material import Material
from roadworthy.grade.judge.probes import (
    Probe,
    ProbeCase,
    ProbeResult,
    cases_of,
    conclude,
    position,
)
from roadworthy.records.calibration import Calibration, Standing
from roadworthy.records.judgement import Judgement
from roadworthy.records.reading import Grade
from roadworthy.records.rubric import Flaw, Rubric

MOST_ITEMS: Final = 50
"""Items that are probed by default; each is asked about up to a dozen times."""
ONE_AT_A_TIME: Final = ProbeResult(Probe.POSITION, None, "the judge sees one answer at a time")
"""A judge that rates has no places to prefer."""


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """What `judge probe` tells; the documented shape of its `--json`."""

    instrument: str
    domain: str
    items: int
    results: tuple[ProbeResult, ...]
    calibration: Calibration

    @property
    def caught(self) -> list[ProbeResult]:
        """The probes that the judge did not stand."""
        return [one for one in self.results if one.caught]

    @property
    def lacking(self) -> list[ProbeResult]:
        """The probes that had too little to say anything."""
        return [one for one in self.results if one.caught is None and one != ONE_AT_A_TIME]

    @property
    def held_against(self) -> dict[str, str]:
        """Every probe that the judge failed when it last ran, earlier ones included."""
        return {name: said for name, said in self.calibration.probes.items() if has_failed(said)}


async def probe_judge(
    items: Sequence[LabelledItem],
    instrument: Instrument,
    *,
    without: Collection[Probe] = (),
    on_item: OnItem | None = None,
) -> tuple[ProbeResult, ...]:
    """Put every probe but `without` to the judge, with the answers of `items`.

    A judge that compares is probed for place alone, one that rates for all the rest. A rubric
    that itself takes off for doubt is not probed for it.

    Raises:
        BadRequest: an item holds nothing to judge.
    """
    materials = [_material(item) for item in items]
    if instrument.pairwise:
        return (await _position(materials, instrument),)
    bad = [item.truth == FAIL for item in items]
    off = {*without, *([Probe.HEDGING] if Flaw.HEDGED in instrument.rubric.penalties else [])}
    cases = [one for one in cases_of(materials, bad) if one.probe not in off]
    verdicts: dict[tuple[Probe, int, str], bool | None] = {}
    for start in range(0, len(cases), AT_A_TIME):
        some = cases[start : start + AT_A_TIME]
        found = await asyncio.gather(*(_verdict(one, instrument) for one in some))
        verdicts |= {
            (one.probe, one.pair, one.side): said for one, said in zip(some, found, strict=True)
        }
        if on_item is not None:
            on_item(len(verdicts), len(cases))
    return (*conclude(verdicts), ONE_AT_A_TIME)


def keep_probes(
    app: App, instrument: Instrument, domain: str, results: Sequence[ProbeResult]
) -> Calibration:
    """Store what probes found, with what is known of the judge in this domain.

    Where no probe could be run, nothing is stored: what was known stands as it stood.
    """
    at = app.clock().timestamp()
    probes = after(known_probes(app, instrument.name), results_said(results))
    known = app.store.calibrations.newest(instrument.name, domain)
    ran = any(one.caught is not None for one in results)
    if known is not None and not ran:
        return known
    draft = replace(
        known or unlabelled(instrument, domain),
        id=hex_digest(canonical([instrument.name, domain, at, "probes"])),
        at=at,
        probes=probes,
    )
    drifted = known is not None and known.standing is Standing.DRIFTED
    calibration = draft if drifted else stand(draft, app.settings.judging)
    if ran:
        app.store.calibrations.add(calibration)
    return calibration


def _material(item: LabelledItem) -> Material:
    if item.material is None:
        raise BadRequest(
            f"item {item.id!r} holds nothing to judge",
            hint="give each item its `material`: at least input and output",
        )
    return item.material


async def _verdict(case: ProbeCase, instrument: Instrument) -> bool | None:
    reading = await instrument.read(case.material)
    return reading.passed if isinstance(reading, Grade) else None


async def _position(materials: Sequence[Material], instrument: Instrument) -> ProbeResult:
    """Compare each answer with the next item's, in both orders, with the first judge."""
    pairs = [*_pairs(materials)]
    judge, rubric = instrument.panel[0], instrument.rubric
    found = await asyncio.gather(*(_both(judge, rubric, one) for one in pairs))
    kept = [both for both in found if both is not None]
    return position([first for first, _ in kept], [second for _, second in kept])


def _pairs(materials: Sequence[Material]) -> Iterator[Material]:
    for number, material in enumerate(materials):
        other = materials[(number + 1) % len(materials)]
        rival = material.other if material.other is not None else other.output
        if rival != material.output:
            yield replace(material, other=rival)


async def _both(judge: Judge, rubric: Rubric, material: Material) -> tuple[str, str] | None:
    straight, swapped = await asyncio.gather(
        judge.judge(rubric, material, 0, Position.FIRST),
        judge.judge(rubric, material, 0, Position.SECOND),
    )
    if straight.unread is not None or swapped.unread is not None:
        return None
    return _place(straight, Position.FIRST), _place(swapped, Position.SECOND)


def _place(judgement: Judgement, mine: Position) -> str:
    """The place that was chosen, where the agent's answer stood in `mine`."""
    score = sum(one.score for one in judgement.scores) / len(judgement.scores)
    if score == 0.5:  # noqa: PLR2004 - what a tie is worth
        return "tie"
    return mine.value if score > 0.5 else mine.swapped.value  # noqa: PLR2004 - the same
