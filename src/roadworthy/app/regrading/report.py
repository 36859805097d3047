"""What `eval regrade` tells: a grading beside the one before it, over the same trials."""

from collections.abc import Sequence
from typing import Final

import msgspec

from roadworthy.app.app import App
from roadworthy.app.evidence_cache import evidence_of
from roadworthy.app.regrading.changes import Changes, GraderTally, TrialChange
from roadworthy.app.regrading.plan import RegradePlan
from roadworthy.app.regrading.regraded_run import unread_trials
from roadworthy.gate.gather import gather
from roadworthy.gate.rates import pass_rate
from roadworthy.gate.trust import as_read
from roadworthy.records.decision import Rate
from roadworthy.records.evidence import RunEvidence
from roadworthy.records.reading import TrialVerdict
from roadworthy.records.run import RunState
from roadworthy.records.trial_result import TrialResult

LEVEL: Final = 0.95
MEANING: Final = "the grading changed, the agent did not"


class RefusedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case whose trials could not be read again, so they are unmeasured."""

    case: str
    why: str


class RegradeReport(msgspec.Struct, frozen=True, kw_only=True):
    """The documented shape of ``eval regrade --json``."""

    run: str
    suite: str  # folder of the suite whose graders read
    before: int  # number of the grading that was in force
    grading: int | None  # of the new one; None: nothing was stored
    in_force: bool
    meaning: str
    trials: int
    resumed: int  # trials that an earlier, killed try had read already
    kept: tuple[str, ...]  # cases whose readings stayed as they were
    refused: tuple[RefusedCase, ...]
    ungraded: int  # trials that it has not read
    passed_to_failed: int
    failed_to_passed: int
    to_unmeasured: int
    from_unmeasured: int
    unchanged: int
    pass_rate_before: Rate
    pass_rate_after: Rate
    graders: tuple[GraderTally, ...]
    changes: tuple[TrialChange, ...]


def regrade_report(
    app: App,
    plan: RegradePlan,
    changes: Changes,
    *,
    number: int | None = None,
    resumed: int = 0,
    rehearsed: Sequence[TrialResult] = (),
) -> RegradeReport:
    """Sum up; without a `number` nothing was stored, and `rehearsed` is what would have been."""
    row = app.store.runs.load(plan.row.run.id)
    after = evidence_of(app, row) if number is not None else _rehearsed(plan, rehearsed)
    moves = changes.moves
    passed, failed, open_ = TrialVerdict.PASSED, TrialVerdict.FAILED, TrialVerdict.UNMEASURED
    return RegradeReport(
        run=row.run.id,
        suite=str(plan.folder),
        before=plan.row.grading,
        grading=number,
        in_force=number is not None and row.grading == number,
        meaning=MEANING,
        trials=moves.total(),
        resumed=resumed,
        kept=tuple(sorted(plan.kept)),
        refused=tuple(RefusedCase(case=case, why=why) for case, why in plan.refused.items()),
        ungraded=0 if number is None else unread_trials(app, row),
        passed_to_failed=moves[passed, failed],
        failed_to_passed=moves[failed, passed],
        to_unmeasured=moves[passed, open_] + moves[failed, open_],
        from_unmeasured=moves[open_, passed] + moves[open_, failed],
        unchanged=sum(moves[one, one] for one in TrialVerdict),
        pass_rate_before=_rate(evidence_of(app, plan.row)),
        pass_rate_after=_rate(after),
        graders=changes.tallies(),
        changes=tuple(changes.trials),
    )


def _rate(measured: RunEvidence) -> Rate:
    """Of what was read, whether or not its judges may gate."""
    return pass_rate(as_read(measured).cases, level=LEVEL)


def _rehearsed(plan: RegradePlan, results: Sequence[TrialResult]) -> RunEvidence:
    run = msgspec.structs.replace(plan.row.run, cases=plan.cases)
    return gather(run, results, finished=plan.row.state is RunState.FINISHED)
