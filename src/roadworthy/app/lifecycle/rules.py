"""Which rule speaks of a case, by where it stands, and where the rule would move it."""

from collections.abc import Mapping
from typing import NamedTuple

from roadworthy.app.lifecycle.history import Past
from roadworthy.gate.graduation import Ruling, flaky, reliable
from roadworthy.records.case import Kind
from roadworthy.suite.case_file import EvidenceEntry
from roadworthy.suite.read_case import ReadCase


class Bar(NamedTuple):
    """What a suite asks of its cases."""

    thresholds: Mapping[str, float | None]  # by tier
    min_measured: float


class Ruled(NamedTuple):
    """Where a case should go; `None`: it stays. `ruling` says why in either case."""

    to: Kind | None
    ruling: Ruling


def rule_on(case: ReadCase, past: Past, bar: Bar) -> Ruled:
    """Apply the rule of the case's kind.

    A verified candidate becomes a regression case where it is reliable, else a capability case;
    a reliable capability or quarantined case a regression case; a flaky regression case ought to
    be quarantined. Everything else stays.
    """
    match case.file.kind:
        case Kind.CANDIDATE if not case.case.proved:
            why = "it has no proof that holds; `roadworthy case verify` makes one"
            return Ruled(None, Ruling(rule="proof", holds=False, why=why))
        case Kind.CANDIDATE:
            ruling = ruled_reliable(case, past, bar)
            return (
                Ruled(Kind.REGRESSION, ruling)
                if ruling.holds
                else Ruled(Kind.CAPABILITY, _proved(case))
            )
        case Kind.CAPABILITY | Kind.QUARANTINED:
            ruling = ruled_reliable(case, past, bar)
            return Ruled(Kind.REGRESSION if ruling.holds else None, ruling)
        case Kind.REGRESSION:
            ruling = ruled_flaky(case, past, bar)
            return Ruled(Kind.QUARANTINED if ruling.holds else None, ruling)
        case Kind.RETIRED:
            return Ruled(None, Ruling(rule="retired", holds=False, why="it is retired"))


def ruled_reliable(case: ReadCase, past: Past, bar: Bar) -> Ruling:
    """Whether the case passes reliably by the threshold of its tier."""
    return reliable(
        past.runs,
        threshold=bar.thresholds.get(case.file.tier),
        min_measured=bar.min_measured,
        whole=past.whole,
    )


def ruled_flaky(case: ReadCase, past: Past, bar: Bar) -> Ruling:
    """Whether the case is flaky by the threshold of its tier."""
    return flaky(past.runs, threshold=bar.thresholds.get(case.file.tier), whole=past.whole)


def evidence_entry(ruling: Ruling) -> EvidenceEntry | None:
    """What a ruling rests on, for the case's history; `None`: on no runs."""
    counts = ruling.counts
    if not counts.runs:
        return None
    return EvidenceEntry(
        rule=ruling.rule,
        runs=counts.runs,
        versions=counts.versions,
        passed=counts.passed,
        failed=counts.failed,
        unmeasured=counts.unmeasured,
        first_run=counts.first_run,
        last_run=counts.last_run,
        e_value=float(f"{min(ruling.e_value, 1e6):.3g}"),
    )


def _proved(case: ReadCase) -> Ruling:
    proof = case.file.proof
    assert proof is not None
    why = (
        f"proved: red on {proof.red.version}, green on {proof.green.version}; "
        "not shown to pass reliably yet"
    )
    return Ruling(rule="proof", holds=True, why=why)
