"""Cases that do not gate although they did: quarantined, or gone from the suite's files.

A case that is set aside is told with every verdict, or nobody would come back to it. It decides
nothing. A case whose file is gone without having been retired may be broken unseen, so nothing
that would have passed passes.
"""

from collections.abc import Sequence
from datetime import datetime

from roadworthy.base.ids import natural_key
from roadworthy.gate.wording import counted, names
from roadworthy.records.case import Kind
from roadworthy.records.decision import Reason, Verdict
from roadworthy.records.evidence import CaseEvidence, RunEvidence
from roadworthy.records.quarantine import Quarantine


def set_aside_reasons(
    candidate: RunEvidence, base: RunEvidence | None, now: datetime
) -> list[Reason]:
    """Name them, those whose review is overdue first."""
    aside = [case for case in candidate.cases if case.kind is Kind.QUARANTINED]
    aside.sort(key=lambda case: natural_key(case.case))
    late = [case for case in aside if _quarantine(case).is_overdue(now)]
    others = [case for case in aside if case not in late]
    found = (
        _missing_reason(candidate, base),
        _quarantined(late, "whose review is overdue") if late else None,
        _quarantined(others, "") if others else None,
    )
    return [reason for reason in found if reason is not None]


def _missing_reason(candidate: RunEvidence, base: RunEvidence | None) -> Reason | None:
    """Cases that `base` names are told where it is compared."""
    told = {case.case for case in base.cases} if base is not None else set[str]()
    missing = sorted({*candidate.missing} - told, key=natural_key)
    if not missing:
        return None
    are, their = ("is", "its file") if len(missing) == 1 else ("are", "their files")
    why = (
        f"{counted(len(missing), 'case')} that gated in an earlier run of this suite {are} in no "
        f"file of it any more, and may be broken unseen: {names(missing)}; put {their} back, and "
        "take out of service with `roadworthy case retire CASE --why …` what has had its time"
    )
    return Reason(verdict=Verdict.INCONCLUSIVE, why=why, rule="missing")


def _quarantined(cases: Sequence[CaseEvidence], what: str) -> Reason:
    told = names([f"{case.case} ({_quarantine(case).told})" for case in cases])
    do = "does" if len(cases) == 1 else "do"
    why = f"{counted(len(cases), 'quarantined case')} {what}".rstrip()
    why += f" {do} not gate: {told}"
    return Reason(verdict=Verdict.PASS, why=why, rule="quarantined")


def _quarantine(case: CaseEvidence) -> Quarantine:
    return case.quarantine or Quarantine()
