"""When models that judge were last seen to have changed.

A drift is found on one instrument, and it is the model behind it that changed: what that model
said before, to whatever rubric and at whatever temperature, says nothing of it any more. Answers
of before are not used again, and calibrate nothing.
"""

from collections.abc import Mapping

from roadworthy.app.app import App
from roadworthy.records.calibration import Standing
from roadworthy.records.reading import TrialReading
from roadworthy.store.judging_ports import CalibrationStore


class Drifts:
    """The time of the last drift of every model."""

    def __init__(self, at: Mapping[str, float]) -> None:
        self._at = at

    def of(self, *models: str) -> float | None:
        """When one of `models` drifted last, in seconds since 1970, UTC; `None`: none ever did."""
        known = (self._at.get(_bare(model)) for model in models)
        return max((at for at in known if at is not None), default=None)

    def touch(self, entry: TrialReading, *, began_at: float) -> bool:
        """Whether `entry`, of a run that `began_at`, rests on what was said before a drift.

        A run that began after a drift may hold answers of before, read again from the store. A
        pass that does not say when it was asked is as old as its run.
        """
        passes = entry.reading.details.get("passes")
        for one in passes if isinstance(passes, list) else []:
            if isinstance(one, dict):
                drifted_at = self.of(str(one.get("model", "")))
                asked_at = one.get("asked_at")
                at = asked_at if isinstance(asked_at, int | float) else began_at
                if drifted_at is not None and at <= drifted_at:
                    return True
        return False


def drifts_of(app: App) -> Drifts:
    """What is known of drifts now."""
    return Drifts(_last(app.store.calibrations))


def share_a_model(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether one model is among both; its temperature makes no other model of it."""
    return not {_bare(one) for one in some}.isdisjoint(_bare(one) for one in others)


def _last(known: CalibrationStore) -> dict[str, float]:
    """Model to drift. A record that repeats a drift, to add what probes found, is no new one."""
    found: dict[str, float] = {}
    before: dict[tuple[str, str], Standing] = {}
    for one in reversed(known.list()):
        key = one.instrument, one.domain
        if one.standing is Standing.DRIFTED and before.get(key) is not Standing.DRIFTED:
            for model in one.models:
                found[_bare(model)] = max(one.at, found.get(_bare(model), one.at))
        before[key] = one.standing
    return found


def _bare(model: str) -> str:
    """``provider:model`` without the temperature that it is asked at."""
    return model.rpartition(" t=")[0] or model
