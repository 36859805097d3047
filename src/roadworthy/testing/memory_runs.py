"""Runs in memory: the part of `MemoryStore` that keeps them, with their trials and readings."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from threading import Lock

import msgspec

from roadworthy.base.codec import decode
from roadworthy.base.errors import BadRequest, DuplicateName
from roadworthy.records.finding import Finding
from roadworthy.records.grading import Grading
from roadworthy.records.reading import TrialReading, TrialVerdict
from roadworthy.records.run import Run, RunOrigin, RunState
from roadworthy.records.trial import Trial
from roadworthy.records.trial_result import TrialResult
from roadworthy.store.admission import without_trace
from roadworthy.store.encoding import encoded
from roadworthy.store.grading_refusals import AS_IT_RAN, check_beginning
from roadworthy.store.missing import unknown_run
from roadworthy.store.ports import CaseResult, RunRow
from roadworthy.testing.memory_findings import MemoryFindingStore, encode_findings
from roadworthy.testing.memory_gradings import MemoryGradings, encode_readings
from roadworthy.testing.memory_traces import MemoryTraceStore, encode_traces


class KeptRun:
    """A run with its results by case and repeat, and what later gradings read of them."""

    def __init__(self, run: Run) -> None:
        self.plan = encoded(run, f"run {run.id!r}")
        self.state = RunState.RUNNING
        self.ended_at: float | None = None
        self.results: dict[tuple[str, int], bytes] = {}
        self.gradings = MemoryGradings(run.id)

    def row(self) -> RunRow:
        """One line of `eval list`."""
        grading = self.gradings.in_force
        verdicts = [self.told(place, grading).verdict for place in self.results]
        return RunRow(
            run=decode(Run, self.plan),
            state=self.state,
            ended_at=self.ended_at,
            passed=verdicts.count(TrialVerdict.PASSED),
            failed=verdicts.count(TrialVerdict.FAILED),
            unmeasured=verdicts.count(TrialVerdict.UNMEASURED),
            grading=grading,
        )

    def told(self, place: tuple[str, int], grading: int) -> TrialResult:
        """One result with the readings of a grading."""
        result = decode(TrialResult, self.results[place])
        if grading == AS_IT_RAN:
            return result
        return msgspec.structs.replace(result, readings=self.gradings.readings(grading, place))


class MemoryRunStore:
    """See `RunStore`."""

    def __init__(self, traces: MemoryTraceStore, findings: MemoryFindingStore) -> None:
        self.kept: dict[str, KeptRun] = {}
        self._lock = Lock()
        self._traces = traces
        self._findings = findings

    def create(self, run: Run) -> None:
        """Write a run in state RUNNING."""
        with self._lock:
            if run.id in self.kept:
                raise DuplicateName(f"a run called {run.id!r} is there already")
            self.kept[run.id] = KeptRun(run)

    def load(self, run_id: str) -> RunRow:
        """Load one run with its counts."""
        return self._run(run_id).row()

    def list(self, *, suite: str | None = None, limit: int = 50) -> Sequence[RunRow]:
        """Newest start first."""
        rows = [kept.row() for kept in reversed(self.kept.values())]
        matching = [row for row in rows if suite is None or row.run.suite == suite]
        return sorted(matching, key=lambda row: -row.run.started_at)[:limit]

    def extend(self, run: Run) -> None:
        """Replace the plan of an imported run."""
        kept = self._run(run.id)
        if decode(Run, kept.plan).origin is not RunOrigin.IMPORTED:
            raise BadRequest(f"run {run.id!r} was not imported, so its plan is fixed")
        kept.plan = encoded(run, f"run {run.id!r}")

    def discard(self, run_id: str) -> None:
        """Take back a run without a trial."""
        if not self._run(run_id).results:
            del self.kept[run_id]

    def set_state(self, run_id: str, state: RunState, *, at: float) -> None:
        """Record where the run stands."""
        kept = self._run(run_id)
        kept.state = state
        kept.ended_at = None if state is RunState.RUNNING else at

    def append(self, results: Sequence[TrialResult], findings: Sequence[Finding] = ()) -> int:
        """Store trials with traces, readings and findings, all or none."""
        rows = [(result, _encoded_result(result)) for result in results]
        brought = (result.trial.trace for result in results)
        traces = encode_traces(trace for trace in brought if trace is not None)
        found = encode_findings(findings)
        with self._lock:
            places = [self._run(result.trial.run).results for result in results]
            new = 0
            for place, (result, data) in zip(places, rows, strict=True):
                trial = result.trial
                if (trial.case, trial.repeat) not in place:
                    new += 1
                    place[trial.case, trial.repeat] = data
                    if trial.trace is not None:
                        self._traces.add({trial.trace.id: traces[trial.trace.id]})
            self._findings.add_encoded(found)
            return new

    def case_history(self, suite: str, case: str, *, limit: int = 20) -> Sequence[CaseResult]:
        """The last runs of a suite in which the case has a trial, newest first."""
        found = []
        for run in [row.run for row in self.list(suite=suite, limit=len(self.kept))]:
            verdicts = [result.verdict for result in self.results(run.id, case=case)]
            if verdicts:
                found.append(_case_result(run, verdicts))
        return found[: max(limit, 0)]

    def done(self, run_id: str) -> Collection[tuple[str, int]]:
        """The (case, repeat) pairs that have a result."""
        return set(self._run(run_id).results)

    def results(
        self, run_id: str, *, case: str | None = None, grading: int | None = None
    ) -> Iterator[TrialResult]:
        """Stream results by case and repeat."""
        kept = self._run(run_id)
        number = kept.gradings.in_force if grading is None else grading
        if number != AS_IT_RAN:
            kept.gradings.of(number)
        return self._stream(kept, case, number)

    def begin_grading(self, grading: Grading) -> None:
        """Write a grading that is about to be made."""
        check_beginning(grading)
        with self._lock:
            self._run(grading.run).gradings.begin(grading)

    def append_readings(
        self, run_id: str, number: int, readings: Mapping[tuple[str, int], Sequence[TrialReading]]
    ) -> int:
        """Add readings to an unfinished grading; returns how many trials were new to it."""
        rows = {place: encode_readings(found) for place, found in readings.items()}
        with self._lock:
            kept = self._run(run_id)
            return kept.gradings.append(number, rows, made=kept.results)

    def graded(self, run_id: str, number: int) -> Collection[tuple[str, int]]:
        """The (case, repeat) pairs that the grading has read already."""
        return set(self._run(run_id).gradings.of(number).readings)

    def finish_grading(self, run_id: str, number: int, *, at: float) -> None:
        """Put a grading in force; one that is finished stays as it is."""
        with self._lock:
            self._run(run_id).gradings.finish(number, at=at)

    def gradings(self, run_id: str) -> Sequence[Grading]:
        """Later gradings of the run, by number."""
        return self._run(run_id).gradings.list()

    def trials_of(self, run_id: str) -> Sequence[Trial]:
        """A run's trials; none for a run that is not there."""
        kept = self.kept.get(run_id)
        return (
            [] if kept is None else [found.trial for found in self._stream(kept, None, AS_IT_RAN)]
        )

    def trace_ids(self, run_id: str) -> set[str]:
        """Ids of the traces of a run's trials."""
        return {trial.trace_id for trial in self.trials_of(run_id) if trial.trace_id is not None}

    def all_trace_ids(self) -> set[str]:
        """Ids of the traces of every run's trials."""
        return {trace_id for run in list(self.kept) for trace_id in self.trace_ids(run)}

    def _stream(self, kept: KeptRun, case: str | None, grading: int) -> Iterator[TrialResult]:
        for place in sorted(kept.results):
            if case is None or place[0] == case:
                yield kept.told(place, grading)

    def _run(self, name: str) -> KeptRun:
        if name not in self.kept:
            raise unknown_run(name, list(self.kept)[::-1])
        return self.kept[name]


def _case_result(run: Run, verdicts: Sequence[TrialVerdict]) -> CaseResult:
    return CaseResult(
        run=run.id,
        started_at=run.started_at,
        version=run.fingerprint.version,
        passed=verdicts.count(TrialVerdict.PASSED),
        failed=verdicts.count(TrialVerdict.FAILED),
        unmeasured=verdicts.count(TrialVerdict.UNMEASURED),
    )


def _encoded_result(result: TrialResult) -> bytes:
    kept = msgspec.structs.replace(result, trial=without_trace(result.trial))
    return encoded(kept, f"trial {kept.trial.repeat} of case {kept.trial.case!r}")
