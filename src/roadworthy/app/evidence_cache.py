"""Evidence of runs that was gathered before, so that a list of runs reads no trial twice.

A run's trials are only ever added to, so its counts and the grading in force tell whether what
is kept still holds; so do the judges behind it, which must stand as they did.
"""

from collections import OrderedDict
from threading import Lock
from weakref import WeakKeyDictionary

from roadworthy.app.app import App
from roadworthy.app.calibration.standings import standings
from roadworthy.app.regrading.regraded_run import graded_run
from roadworthy.gate.gather import gather
from roadworthy.gate.trust import StandingOf
from roadworthy.records.evidence import RunEvidence
from roadworthy.records.run import RunState
from roadworthy.store.ports import RunRow

MOST_RUNS = 256


class EvidenceCache:
    """The evidence of the runs looked at last, at most `most` of them. Safe among threads."""

    def __init__(self, most: int = MOST_RUNS) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[object, ...], RunEvidence] = OrderedDict()
        self._lock = Lock()

    def of(self, app: App, row: RunRow) -> RunEvidence:
        """What the run of `row` measured, as far as `row` knows it."""
        counts = (row.passed, row.failed, row.unmeasured, row.run.planned_trials)
        refused = sum(row.run.refused.values())
        key = (row.run.id, row.state, row.grading, len(row.run.cases), refused, *counts)
        standing_of = standings(app, row.run.suite)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and _still_stand(kept, standing_of):
            return self._noted(key, kept)
        finished = row.state is RunState.FINISHED
        seen = graded_run(app, row)
        results = app.store.runs.results(row.run.id, grading=seen.number)
        measured = gather(seen.run, results, finished=finished, standing_of=standing_of)
        return self._noted(key, seen.told(measured))

    def _noted(self, key: tuple[object, ...], measured: RunEvidence) -> RunEvidence:
        """Keep evidence as the one that was looked at last."""
        with self._lock:
            self._kept[key] = measured
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return measured


def _still_stand(kept: RunEvidence, standing_of: StandingOf) -> bool:
    now = {name: standing_of(name) for name in kept.judges}
    return all(kept.judges[name] == (how.value if how else "") for name, how in now.items())


_caches: WeakKeyDictionary[App, EvidenceCache] = WeakKeyDictionary()


def evidence_of(app: App, row: RunRow) -> RunEvidence:
    """What a run measured, from the cache that lives as long as `app`."""
    return _caches.setdefault(app, EvidenceCache()).of(app, row)
