"""Proof that a case tells a broken version from a fixed one."""

from roadworthy.records.record import Record


class ProofRun(Record, frozen=True, kw_only=True):
    """One side of the proof."""

    run: str
    target: str
    version: str
    digest: str  # of the target's fingerprint
    passed: int
    measured: int


class Proof(Record, frozen=True, kw_only=True):
    """Red on the version that failed, green on the fix."""

    red: ProofRun
    green: ProofRun
    proved_at: str  # RFC 3339
    case: str = ""  # digest of the case as it was proved; empty: not written down
