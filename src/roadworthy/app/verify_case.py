"""The red-green proof: a case must fail on the version that failed and pass on the fix.

The rule: every trial on green passes, some trial on red fails, and Fisher's exact test gives two
versions of one pass rate at most a chance of 5 % to look so different. Three trials a side that
all fail and all pass are just enough (1 in 20); a fault that shows only now and then takes more.
Whatever is asked, one unmeasured trial is no proof, and one failure on green is none. A trial that
hangs on a judge is measured where the judge may gate (`gate.trust`), as in every other decision.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from roadworthy.app.app import App
from roadworthy.app.cases import CaseRow, find_case
from roadworthy.app.evaluate import OnTick, RunRequest, execute, plan_run
from roadworthy.app.evidence_cache import evidence_of
from roadworthy.app.report import show_run
from roadworthy.app.targets import fingerprint, resolve_target
from roadworthy.base.clock import timestamp
from roadworthy.base.errors import BadRequest, Interrupted
from roadworthy.gate.trust import trust_reasons
from roadworthy.records.case import Kind
from roadworthy.records.decision import Verdict
from roadworthy.records.proof import Proof, ProofRun
from roadworthy.records.run import RunPurpose, RunState
from roadworthy.run.runner import Control
from roadworthy.stats.fisher import fisher_exact
from roadworthy.store.ports import RunRow
from roadworthy.suite.case_file import EvidenceEntry
from roadworthy.suite.edit import add_proof
from roadworthy.suite.lifecycle import Move, plan_move

CHANCE: Final = 0.05
"""The most that chance may explain of a proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest:
    """What to prove: `case` fails on target `red` and passes on target `green`."""

    case: str
    suite: str | None = None
    red: str
    green: str
    repeats: int = 3
    promote: bool = True  # a proved candidate becomes a regression case


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; the documented shape of ``case verify --json``."""

    case: str
    verdict: Verdict
    why: str
    kind: str
    red: ProofRun
    green: ProofRun


async def verify_case(
    app: App, request: VerifyRequest, *, control: Control, on_tick: OnTick | None = None
) -> Verification:
    """Run the case on both targets; if it is red and green, write the proof into its file.

    Raises:
        BadRequest: no such case or target, or both targets are the same version.
        Interrupted: `control` stopped it; nothing was written into the case's file.
    """
    row = find_case(app, request.case, suite=request.suite)
    _refuse_twins(app, request)
    suite = str(Path(row.path).parents[1])
    red, green = [
        await _side(app, request, suite, target, control=control, on_tick=on_tick)
        for target in (request.red, request.green)
    ]
    verdict, why = judge(red, green, planned=request.repeats)
    why += _of_judges(app, verdict, red, green) or _reason_against(app, verdict, red, green)
    kind = row.kind
    if verdict is Verdict.PASS:
        proof = Proof(red=red, green=green, proved_at=_now(app), case=_asked(app, red))
        kind = _keep(app, row, proof, request)
    return Verification(case=row.case, verdict=verdict, why=why, kind=kind, red=red, green=green)


def judge(red: ProofRun, green: ProofRun, *, planned: int) -> tuple[Verdict, str]:
    """PASS only if every planned trial was measured and the proof's rule holds."""
    if red.digest == green.digest:
        return Verdict.FAIL, "red and green are the same version of the agent"
    for name, side in (("red", red), ("green", green)):
        if side.measured < planned:
            missing = planned - side.measured
            return Verdict.UNMEASURED, f"{missing} of {planned} trials on {name} were not measured"
    return _judge_measured(red, green)


def _judge_measured(red: ProofRun, green: ProofRun) -> tuple[Verdict, str]:
    if red.passed == red.measured and green.passed == 0:
        return Verdict.FAIL, "red passed and green failed: are --red and --green swapped?"
    if red.passed == red.measured:
        return Verdict.FAIL, f"it does not fail on {red.target}: the case cannot see the fault"
    if green.passed == 0:
        return Verdict.FAIL, f"it does not pass on {green.target}: the fix does not fix it"
    by_chance = fisher_exact(_outcomes(red), _outcomes(green), alternative="less")
    if green.passed < green.measured or by_chance > CHANCE:
        return Verdict.INCONCLUSIVE, _not_enough(red, green)
    if red.passed:
        failed = red.measured - red.passed
        return Verdict.PASS, (
            f"fails now and then on {red.target} ({failed} of {red.measured}), "
            f"always passes on {green.target}; by chance at most 1 time in {int(1 / by_chance)}"
        )
    return Verdict.PASS, f"fails on {red.target}, passes on {green.target}"


def _outcomes(side: ProofRun) -> tuple[int, int]:
    return side.passed, side.measured - side.passed


def _not_enough(red: ProofRun, green: ProofRun) -> str:
    why = (
        f"passed {red.passed} of {red.measured} on {red.target} and "
        f"{green.passed} of {green.measured} on {green.target}: "
    )
    if green.passed < green.measured:
        return why + "the fix must pass every time"
    return why + f"so few trials may differ by chance; try more: --repeats {_repeats(red)}"


def _repeats(red: ProofRun) -> int:
    """Trials a side that prove a fault showing as often as it did on red."""
    share = red.passed / red.measured
    for repeats in range(red.measured + 1, 100):
        passed = round(share * repeats)
        chance = fisher_exact((passed, repeats - passed), (repeats, 0), alternative="less")
        if chance <= CHANCE:
            return repeats
    return 100


def _refuse_twins(app: App, request: VerifyRequest) -> None:
    red, green = (
        fingerprint(app, resolve_target(app, name)[1]) for name in (request.red, request.green)
    )
    if red.digest == green.digest:
        raise BadRequest(
            f"{request.red} and {request.green} are the same version of the agent",
            hint="--red takes the version that failed, --green the one that is fixed",
        )


def _of_judges(app: App, verdict: Verdict, red: ProofRun, green: ProofRun) -> str:
    """What is to be said of judges: why they may not decide, or why they may all the same."""
    for side in (red, green):
        measured = evidence_of(app, app.store.runs.load(side.run))
        for reason in trust_reasons(measured, measured.cases):
            if (reason.verdict is Verdict.UNMEASURED) == (verdict is Verdict.UNMEASURED):
                return f"; {reason.why}"
    return ""


def _reason_against(app: App, verdict: Verdict, red: ProofRun, green: ProofRun) -> str:
    """What kept the case from being proved, in the words of whoever graded."""
    if verdict is Verdict.UNMEASURED:
        sides = [red, green]
    elif verdict is Verdict.FAIL and red.passed == 0:
        sides = [green]
    else:
        return ""
    for side in sides:
        for failure in show_run(app, side.run, failures=1).failures:
            for cited in failure.reasons:
                return f"; {cited.grader}: {cited.why}"
    return ""


async def _side(
    app: App,
    request: VerifyRequest,
    suite: str,
    target: str,
    *,
    control: Control,
    on_tick: OnTick | None,
) -> ProofRun:
    planned = plan_run(
        app,
        RunRequest(
            suite=suite,
            target=target,
            cases=[request.case],
            repeats=request.repeats,
            purpose=RunPurpose.PROVE,
        ),
    )
    state = await execute(app, planned.id, control=control, on_tick=on_tick)
    if state is RunState.INTERRUPTED:
        raise Interrupted("stopped before both sides had run; nothing was proved")
    return _proof_run(app, app.store.runs.load(planned.id))


def _proof_run(app: App, row: RunRow) -> ProofRun:
    cases = evidence_of(app, row).cases
    passed, failed = sum(one.passed for one in cases), sum(one.failed for one in cases)
    return ProofRun(
        run=row.run.id,
        target=row.run.target,
        version=row.run.fingerprint.version,
        digest=row.run.fingerprint.digest,
        passed=passed,
        measured=passed + failed if row.state is RunState.FINISHED else 0,
    )


def _asked(app: App, side: ProofRun) -> str:
    """Digest of the case as it was run."""
    return app.store.runs.load(side.run).run.cases[0].digest


def _keep(app: App, row: CaseRow, proof: Proof, request: VerifyRequest) -> str:
    """Write the proof, then the promotion that rests on it; either alone is a good file."""
    path = Path(row.path)
    add_proof(path, proof)
    if not request.promote or row.kind != Kind.CANDIDATE:
        return row.kind
    move = Move(
        kind=Kind.REGRESSION,
        why=f"red on {proof.red.version}, green on {proof.green.version}",
        by="roadworthy case verify",
        at=app.clock(),
        evidence=_evidence(proof),
    )
    plan_move(path, move).write()
    return Kind.REGRESSION.value


def _evidence(proof: Proof) -> EvidenceEntry:
    sides = (proof.red, proof.green)
    passed = sum(side.passed for side in sides)
    return EvidenceEntry(
        rule="proof",
        runs=2,
        versions=2,
        passed=passed,
        failed=sum(side.measured for side in sides) - passed,
        first_run=proof.red.run,
        last_run=proof.green.run,
    )


def _now(app: App) -> str:
    return timestamp(app.clock())
