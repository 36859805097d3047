"""A store in memory that keeps the same promises, for tests that need no file.

It passes the contract tests of the real one. Records are kept as encoded bytes, so that what
JSON cannot hold is refused here as well and no test shares an object with the store.
"""

from typing import Any, NoReturn

from roadworthy.base.clock import Clock, system_clock
from roadworthy.base.errors import StoreError
from roadworthy.store.ports import PruneRule, StoreStats
from roadworthy.store.pruning_choice import chosen
from roadworthy.testing.memory_baselines import MemoryBaselineStore
from roadworthy.testing.memory_findings import MemoryFindingStore
from roadworthy.testing.memory_judging import (
    MemoryCalibrationStore,
    MemoryJudgementStore,
    MemoryLabelStore,
)
from roadworthy.testing.memory_keys import MemoryKeyStore
from roadworthy.testing.memory_runs import MemoryRunStore
from roadworthy.testing.memory_traces import MemoryTraceStore


class MemoryStore:
    """See `Store`."""

    def __init__(self, clock: Clock = system_clock) -> None:
        self.traces = MemoryTraceStore(clock)
        self.findings = MemoryFindingStore()
        self.runs = MemoryRunStore(self.traces, self.findings)
        self.traces.ids_in_run = self.runs.trace_ids
        self.traces.ids_with_finding = self.findings.trace_ids
        self.findings.trials_of = self.runs.trials_of
        self.baselines = MemoryBaselineStore()
        self.keys = MemoryKeyStore()
        self.labels = MemoryLabelStore()
        self.calibrations = MemoryCalibrationStore()
        self.judgements = MemoryJudgementStore()

    def stats(self) -> StoreStats:
        """Row counts; the size is that of the encoded traces and results."""
        trials = [kept.results for kept in self.runs.kept.values()]
        return StoreStats(
            location="memory",
            schema="memory",
            bytes=self._trace_bytes()
            + sum(len(data) for results in trials for data in results.values()),
            rows={
                "traces": len(self.traces.kept),
                "runs": len(self.runs.kept),
                "trials": sum(map(len, trials)),
                "gradings": sum(len(kept.gradings.kept) for kept in self.runs.kept.values()),
                "baselines": len(self.baselines.kept),
                "findings": len(self.findings.kept),
                "api_keys": len(self.keys.kept),
                "labels": len(self.labels.kept),
                "calibrations": len(self.calibrations.kept),
                "judgements": len(self.judgements.kept),
            },
        )

    def prune(self, rule: PruneRule, *, dry_run: bool = False) -> int:
        """Delete the traces that `rule` lets go."""
        if rule.before is None and rule.keep_bytes is None:
            return 0
        referred = self.findings.trace_ids("any") | self.runs.all_trace_ids()
        referred |= self.labels.trace_ids()
        spans = max(sum(len(kept.trace.spans) for kept in self.traces.kept.values()), 1)
        size = self._trace_bytes()
        candidates = self.traces.candidates(referred)
        rows = set(chosen(candidates, rule, bytes_now=size, bytes_per_span=size / spans))
        if not dry_run:
            self.traces.drop(rows)
        return len(rows)

    def _trace_bytes(self) -> int:
        return sum(len(kept.data) for kept in self.traces.kept.values())

    def close(self) -> None:
        """Refuse further use."""
        closed: Any = _Closed()
        self.traces = self.runs = self.baselines = self.findings = self.keys = closed
        self.labels = self.calibrations = self.judgements = closed


class _Closed:
    """Stands where a part of the store was."""

    def __getattr__(self, name: str) -> NoReturn:
        raise StoreError("the store in memory is closed")
