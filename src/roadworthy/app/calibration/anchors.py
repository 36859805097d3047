"""Freezing items with a judge's verdicts, and asking the judge again later: has it changed?

A model behind an API can change without a word. Two things show it, each tested at 1 %:

* a shift: more verdicts turned one way than the other (exact McNemar);
* more noise: more verdicts turned than when the judge was asked the same twice at once (Fisher).

It is the model that has changed, so every judge that asks it stops gating, whatever its rubric
and in every domain: what was known of them holds no longer. Of a panel that drifted nobody knows
which model it was; all of them count as changed.
"""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from roadworthy.app.app import App
from roadworthy.app.calibration.anchors_file import (
    FOLDER,
    Anchor,
    AnchorHead,
    AnchorSet,
    anchor_sets,
    write_anchors,
)
from roadworthy.app.calibration.items import LabelledItem
from roadworthy.app.calibration.judged import (
    AT_A_TIME,
    Asked,
    Instrument,
    Occasion,
    OnItem,
    instrument_of,
    open_judges,
)
from roadworthy.app.calibration.suspension import suspend
from roadworthy.app.calibration.truth import binary
from roadworthy.app.judging.drifts import drifts_of
from roadworthy.base.codec import canonical
from roadworthy.base.errors import BadRequest
from roadworthy.base.ids import hex_digest
from roadworthy.base.printable import printable
from roadworthy.grade.judge.material import Material
from roadworthy.records.calibration import Standing
from roadworthy.records.reading import Grade
from roadworthy.stats.fisher import fisher_exact
from roadworthy.stats.mcnemar import exact_mcnemar

DRIFTED_BELOW: Final = 0.01
LEAST: Final = 20
LEAST_READ: Final = 0.8
"""Share of the anchors that must get a verdict again for anything to be said."""


class AnchorState(StrEnum):
    """What a check found."""

    STEADY = "steady"
    DRIFTED = "drifted"
    UNMEASURED = "unmeasured"


class AnchorCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One set, judged again; the documented shape of a line of `judge check --json`."""

    file: str
    instrument: str
    domain: str
    state: AnchorState
    said: str
    anchors: int
    read: int  # with a verdict then and now
    to_pass: int  # failed then, pass now
    to_fail: int
    noise: int  # verdicts that turned when the judge was asked twice at once
    p_shift: float | None
    p_noise: float | None


async def freeze(
    app: App,
    items: Sequence[LabelledItem],
    instrument: Instrument,
    asked: Asked,
    *,
    domain: str,
    count: int,
    seed: int,
    on_item: OnItem | None = None,
) -> Path:
    """Write `count` of the judged `items` as anchors; each is judged once more for its noise.

    Raises:
        BadRequest: too few are asked for, or too few were judged.
    """
    usable = [one for one in items if one.material is not None and binary(one.verdict) is not None]
    if min(count, len(usable)) < LEAST:
        raise BadRequest(
            f"{min(count, len(usable))} anchors are too few to see a judge drift",
            hint=f"freeze at least {LEAST} judged items; 50 show a shift of a sixth",
        )
    usable.sort(key=lambda one: hex_digest(canonical([seed, "anchor", one.id])))
    chosen = usable[:count]
    now = app.clock().timestamp()
    materials = [one.material for one in chosen if one.material is not None]
    again = await _verdicts(materials, instrument.anew(Occasion.FREEZE, now), on_item)
    head = AnchorHead(
        instrument=instrument.name,
        domain=domain,
        rubric=asked.rubric,
        frozen_at=now,
        judges=tuple(asked.judges),
        passes=asked.passes,
        aggregate=asked.aggregate,
        min_score=asked.min_score,
        suite=asked.suite,
    )
    anchors = [
        Anchor(item=one.id, material=material, passed=binary(one.verdict), again=second)
        for one, material, second in zip(chosen, materials, again, strict=True)
    ]
    return write_anchors(app.project, head, anchors)


async def check(app: App, known: AnchorSet, *, on_item: OnItem | None = None) -> AnchorCheck:
    """Judge a set again, compare, and suspend the judge where it has drifted.

    Raises:
        BadRequest: the judge is not to be had, it is another instrument by now, or it has
            drifted and was calibrated again since the anchors were frozen.
    """
    head = known.head
    judges = open_judges(app, head.suite)
    try:
        instrument = instrument_of(judges, _asked(head))
        if instrument.name != head.instrument:
            raise BadRequest(
                f"{known.path.name} is of judge {printable(head.instrument, limit=120)}, and the "
                f"settings make {printable(instrument.name, limit=120)} now",
                hint="calibrate that one and freeze anchors of it, or remove the file",
            )
        stale = _is_stale(app, known, instrument)
        anew = instrument.anew(Occasion.CHECK, app.clock().timestamp())
        now = await _verdicts([one.material for one in known.anchors], anew, on_item)
    finally:
        await judges.close()
    found = compared(known, now)
    if found.state is AnchorState.DRIFTED and not stale:
        suspend(app, instrument, found.domain, found.said)
    return found


async def check_all(app: App, *, on_item: OnItem | None = None) -> list[AnchorCheck]:
    """Check every set of the project; one that cannot be checked is UNMEASURED and says why.

    Raises:
        BadRequest: there is none.
    """
    sets = anchor_sets(app.project)
    if not sets:
        raise BadRequest(
            f"there are no anchors in {FOLDER}",
            hint="freeze some: roadworthy judge calibrate --labels FILE --question RUBRIC "
            "--run-judge --freeze-anchors 50",
        )
    return [await _checked(app, one, on_item) for one in sets]


async def _checked(app: App, known: AnchorSet, on_item: OnItem | None) -> AnchorCheck:
    try:
        return await check(app, known, on_item=on_item)
    except BadRequest as error:
        hint = f"; {error.hint}" if error.hint else ""
        unread = compared(known, [None] * len(known.anchors))
        return replace(unread, said=f"{error.message}{hint}")


def compared(known: AnchorSet, now: Sequence[bool | None]) -> AnchorCheck:
    """What the verdicts `now` say against those of the file, same order."""
    pairs = [
        (one.passed, said)
        for one, said in zip(known.anchors, now, strict=True)
        if one.passed is not None and said is not None
    ]
    to_pass = pairs.count((False, True))
    to_fail = pairs.count((True, False))
    twice = [one for one in known.anchors if one.passed is not None and one.again is not None]
    noise = sum(one.passed != one.again for one in twice)
    enough = bool(pairs) and len(pairs) >= LEAST_READ * len(known.anchors)
    p_shift = exact_mcnemar(to_pass, to_fail) if enough else None
    turned = to_pass + to_fail
    p_noise = None
    if enough and twice:
        here, then = (turned, len(pairs) - turned), (noise, len(twice) - noise)
        p_noise = fisher_exact(here, then, alternative="greater")
    state = _state(p_shift, p_noise)
    return AnchorCheck(
        file=known.path.name,
        instrument=known.head.instrument,
        domain=known.head.domain,
        state=state,
        said=_said(state, len(known.anchors), len(pairs), to_pass, to_fail),
        anchors=len(known.anchors),
        read=len(pairs),
        to_pass=to_pass,
        to_fail=to_fail,
        noise=noise,
        p_shift=p_shift,
        p_noise=p_noise,
    )


def _state(p_shift: float | None, p_noise: float | None) -> AnchorState:
    if p_shift is None:
        return AnchorState.UNMEASURED
    shown = min(p_shift, 1.0 if p_noise is None else p_noise)
    return AnchorState.DRIFTED if shown < DRIFTED_BELOW else AnchorState.STEADY


def _said(state: AnchorState, anchors: int, read: int, to_pass: int, to_fail: int) -> str:
    if state is AnchorState.UNMEASURED:
        return f"{read} of {anchors} anchors got a verdict, too few to say anything"
    turned = f"of {read} anchors {to_pass} turned to a pass and {to_fail} to a fail"
    if state is AnchorState.STEADY:
        return f"{turned}; no drift was shown"
    return f"{turned}: the judge has drifted, and gates nothing until it is calibrated again"


def _asked(head: AnchorHead) -> Asked:
    return Asked(
        rubric=head.rubric,
        judges=head.judges,
        passes=head.passes,
        aggregate=head.aggregate,
        min_score=head.min_score,
        suite=head.suite,
    )


def _is_stale(app: App, known: AnchorSet, instrument: Instrument) -> bool:
    """Whether the set is of a model that has drifted since: it can show that drift, and no other.

    Raises:
        BadRequest: the judge was calibrated again after the drift, and the set was left as it was.
    """
    head = known.head
    drifted_at = drifts_of(app).of(*instrument.models)
    if drifted_at is None or head.frozen_at > drifted_at:
        return False
    newest = app.store.calibrations.newest(head.instrument, head.domain)
    if newest is not None and newest.standing is not Standing.DRIFTED:
        raise BadRequest(
            f"{known.path.name} was frozen before the judge drifted, so it cannot watch it now",
            hint="calibrate with --freeze-anchors once more",
        )
    return True


async def _verdicts(
    materials: Sequence[Material], instrument: Instrument, on_item: OnItem | None
) -> list[bool | None]:
    done: list[bool | None] = []
    for start in range(0, len(materials), AT_A_TIME):
        some = materials[start : start + AT_A_TIME]
        readings = await asyncio.gather(*(instrument.read(one) for one in some))
        done += [one.passed if isinstance(one, Grade) else None for one in readings]
        if on_item is not None:
            on_item(len(done), len(materials))
    return done
