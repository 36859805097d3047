"""What probes found of a judge, over all the times that it was probed.

A failure stays until that same probe passes: leaving it out, or giving it too little to run on,
takes nothing back.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from roadworthy.app.app import App
from roadworthy.grade.judge.probes import Probe, ProbeResult

NOT_RUN: Final = "not run"
LEFT_OUT: Final = f"{NOT_RUN}: left out"


def known_probes(app: App, instrument: str) -> dict[str, str]:
    """What each probe said of this instrument when it last ran, in whatever domain."""
    found: dict[str, str] = {}
    for one in reversed(app.store.calibrations.list()):
        if one.instrument == instrument:
            found = after(found, one.probes)
    return found


def results_said(results: Iterable[ProbeResult]) -> dict[str, str]:
    """What every probe says, those that were left out too."""
    return {probe.value: LEFT_OUT for probe in Probe} | {
        one.probe.value: one.stored for one in results
    }


def after(earlier: Mapping[str, str], later: Mapping[str, str]) -> dict[str, str]:
    """`earlier`, and in its place what `later` found; a probe that did not run found nothing."""
    ran = {name: said for name, said in later.items() if not said.startswith(NOT_RUN)}
    return {**later, **earlier, **ran}
