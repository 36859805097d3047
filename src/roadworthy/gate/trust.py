"""Which judges may gate: those whose error is known in this suite, and was found small enough.

A required reading of any other judge counts as `Unmeasured` where evidence is gathered for a
decision. What is stored stays as it was, and can be shown (`as_read`). A suite may say in writing
that it gates with such judges anyway; then the reason stands beside every verdict.

Graders that no judge stands behind are not touched: a trial that one of them fails has failed. Nor
is a combination whose other graders settled the outcome, so that no judge took part in it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from roadworthy.base.printable import printable
from roadworthy.gate.wording import counted, names
from roadworthy.grade.part import instruments_behind
from roadworthy.records.calibration import Standing
from roadworthy.records.decision import Reason, Verdict
from roadworthy.records.evidence import CaseEvidence, RunEvidence
from roadworthy.records.reading import Cause, Grade, TrialReading, Unmeasured

StandingOf: TypeAlias = Callable[[str], Standing | None]
"""How an instrument stands in the suite of a run; `None`: nobody has calibrated it there."""

RULE = "calibrated"
_SAID = {
    Standing.CALIBRATED: "calibrated",
    Standing.NOT_CALIBRATED: "shown not to be good enough",
    Standing.TOO_LITTLE_DATA: "labelled too little to tell",
    Standing.DRIFTED: "drifted since it was calibrated",
}
_NEVER = "never calibrated"


def nobody_calibrated(instrument: str) -> None:
    """A `StandingOf` that knows no judge, so that none gates."""
    del instrument


def instruments_of(reading: TrialReading) -> tuple[str, ...]:
    """The judges behind a reading: of a combination of graders, those its outcome rests on."""
    return tuple(sorted(instruments_behind(reading.reading, reading.instrument)))


def said(standing: str) -> str:
    """How a judge stands, in words; `standing` as in `RunEvidence.judges`."""
    return _SAID[Standing(standing)] if standing else _NEVER


class Trust:
    """Looks at the readings of one run; remembers every judge that it met.

    Args:
        standing_of: asked once for each judge.
        exception: why judges may gate whatever their standing; empty: they may not.
    """

    def __init__(self, standing_of: StandingOf, exception: str = "") -> None:
        self._standing_of = standing_of
        self._exception = exception
        self.judges: dict[str, str] = {}

    def trusted(self, readings: tuple[TrialReading, ...]) -> tuple[TrialReading, ...]:
        """The readings as far as a decision may rest on them."""
        if not any(entry.instrument and entry.required for entry in readings):
            return readings
        return tuple(self._trusted(entry) for entry in readings)

    def _trusted(self, entry: TrialReading) -> TrialReading:
        if not entry.required or not entry.instrument:
            return entry
        bad = [name for name in instruments_of(entry) if not self._may_gate(name)]
        if not bad or self._exception or not isinstance(entry.reading, Grade):
            return entry
        return replace(entry, reading=_unmeasured(bad[0], self.judges[bad[0]]))

    def _may_gate(self, instrument: str) -> bool:
        if instrument not in self.judges:
            standing = self._standing_of(instrument)
            self.judges[instrument] = "" if standing is None else standing.value
        return self.judges[instrument] == Standing.CALIBRATED


def _unmeasured(instrument: str, standing: str) -> Unmeasured:
    judge = printable(instrument, limit=120)
    why = f"judge {judge} is {said(standing)}; next: {NEXT}"
    return Unmeasured(cause=Cause.UNCALIBRATED, why=why)


NEXT = "roadworthy judge calibrate"
"""The command that lets a judge gate."""


def as_read(evidence: RunEvidence) -> RunEvidence:
    """What the run's graders found, whether or not their judges may gate: for showing."""
    if not evidence.judges:
        return evidence
    return replace(evidence, cases=tuple(_as_read(case) for case in evidence.cases))


def _as_read(case: CaseEvidence) -> CaseEvidence:
    return replace(
        case,
        passed=case.passed + case.untrusted_passed,
        failed=case.failed + case.untrusted_failed,
        unmeasured=case.unmeasured - case.untrusted_passed - case.untrusted_failed,
        untrusted_passed=0,
        untrusted_failed=0,
    )


def trust_reasons(run: RunEvidence, judged: Sequence[CaseEvidence]) -> Iterator[Reason]:
    """What a decision must say of the judges behind the cases that it looks at."""
    bad = [f"{name} ({said(how)})" for name, how in run.judges.items() if how != _GOOD]
    if not bad:
        return
    if run.uncalibrated:
        why = (
            f"{counted(len(bad), 'judge')} that {_is(bad)} not calibrated may gate: {names(bad)}; "
            f"the suite says why: {printable(run.uncalibrated, limit=400)}"
        )
        yield Reason(verdict=Verdict.PASS, why=why, rule=RULE)
        return
    lost = sum(case.untrusted_passed + case.untrusted_failed for case in judged)
    if lost:
        why = (
            f"{counted(lost, 'trial')} {'hangs' if lost == 1 else 'hang'} on "
            f"{'a judge' if len(bad) == 1 else 'judges'} that may be read but not gate in suite "
            f"{printable(run.suite, limit=80)}: {names(bad)}; next: {NEXT}, or give the reason "
            "why it may gate all the same (uncalibrated_judges in suite.yaml)"
        )
        yield Reason(verdict=Verdict.UNMEASURED, why=why, rule=RULE)


_GOOD = Standing.CALIBRATED.value


def _is(bad: Sequence[str]) -> str:
    return "is" if len(bad) == 1 else "are"
