"""A run as text: the rate first, then what stands behind it."""

from collections.abc import Iterator

from rich.text import Text

from roadworthy.app.calibration.corrected_rates import JudgedRate
from roadworthy.app.failures import Failure
from roadworthy.app.report import CaseLine, Ends, RunReport
from roadworthy.app.run_state import CUT_SHORT
from roadworthy.cli.render.profile import print_profile
from roadworthy.cli.render.rates import percent, rate_text
from roadworthy.cli.render.sensitivity import print_sensitivity
from roadworthy.cli.render.table import line, print_table, stdout
from roadworthy.gate.trust import said
from roadworthy.gate.wording import counted

WHY_LIMIT = 160
CASES_SHOWN = 25
FAILED_SHOWN = 20  # cases
REASONS_SHOWN = 8  # of one case
K_SHOWN = 5


def print_run(report: RunReport, *, cases: bool = True, profile: bool = False) -> None:
    """Print a run's report on stdout; `profile` adds the pass rates of groups of cases."""
    out = stdout()
    out.print(line(("run ", "dim"), (report.run, "bold"), _about(report)))
    out.print(line(("pass rate  ", "dim"), (rate_text(report.pass_rate), "bold")))
    if len(set(report.pass_hat_k.values()) | set(report.pass_at_k.values())) > 1:
        print_pass_k(report)
    for label, text in _facts(report):
        out.print(line((f"{label}  ", "dim"), text))
    for judged in report.judged:
        _print_judged(judged)
    if cases and report.case_results:
        out.print()
        _print_cases(report.case_results)
    if profile and report.profile:
        out.print()
        print_profile(report.profile)
    if cases and report.sensitivity:
        out.print()
        print_sensitivity(report.sensitivity)
    if report.state == CUT_SHORT and report.origin == "executed":
        out.print(
            line(("it was killed; go on with: ", "dim"), f"roadworthy eval resume {report.run}")
        )
    if report.failed_cases:
        out.print()
        _print_failures(report)


def _print_judged(one: JudgedRate) -> None:
    """What a judge passes, and the rate once its errors are taken out."""
    out = stdout()
    out.print(line(("judge  ", "dim"), one.instrument, (f"  {said(one.standing)} here", "dim")))
    out.print(line(("  passes     ", "dim"), f"{one.passed} of {one.judged}, {percent(one.raw)} %"))
    if one.corrected is None or one.method is None:
        out.print(line(("  corrected  ", "dim"), f"no rate: {one.why_not}"))
        return
    how = f"{one.method.replace('_', ' ')}, {counted(one.labelled, 'trial')} labelled"
    out.print(line(("  corrected  ", "dim"), f"{rate_text(one.corrected)}; {how}"))


def _about(report: RunReport) -> str:
    state = "" if report.state == "finished" else f", {report.state.replace('_', ' ')}"
    origin = ", imported" if report.origin == "imported" else ""
    version = "" if report.version == report.target else f" ({report.version})"
    return f"  suite {report.suite}, target {report.target}{version}{origin}{state}"


def print_pass_k(report: RunReport) -> None:
    """Print pass^k and pass@k with their intervals."""
    rows = [
        [
            k,
            _share(hat),
            _ends(report.pass_hat_k_interval[k]),
            _share(report.pass_at_k[k]),
            _ends(report.pass_at_k_interval[k]),
        ]
        for k, hat in list(report.pass_hat_k.items())[:K_SHOWN]
    ]
    stdout().print()
    print_table([">k", ">pass^k", "95 % interval", ">pass@k", "95 % interval"], rows)
    stdout().print()


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _ends(ends: Ends) -> str:
    low, high = ends
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def _facts(report: RunReport) -> list[tuple[str, str]]:
    facts = [
        ("trials", f"{report.trials} of {report.planned} planned, {counted(report.cases, 'case')}")
    ]
    if report.unmeasured:
        ours = f", {report.infrastructure} by infrastructure" if report.infrastructure else ""
        facts.append(("unmeasured", counted(report.unmeasured, "trial") + ours))
    if report.refused:
        facts.append(("refused", counted(report.refused, "record") + " of the imported files"))
    facts += grading_facts(report)
    if report.pass_k_left_out:
        facts.append(("pass^k", report.pass_k_left_out))
    if report.tool_calls is not None:
        facts.append(("tools", f"{report.tool_calls:,} calls, {report.tool_errors} errors"))
    if report.usage.cost_usd is not None:
        facts.append(("cost", f"${report.usage.cost_usd:,.4f}"))
    if report.usage.tokens is not None:
        facts.append(("tokens", f"{report.usage.tokens:,}"))
    stops = ", ".join(f"{count} {reason}" for reason, count in report.stops.items())
    if stops:
        facts.append(("stops", stops))
    findings = ", ".join(f"{count} {kind}" for kind, count in sorted(report.findings.items()))
    if findings:
        facts.append(("findings", f"{findings}  (roadworthy finding list --run {report.run})"))
    return facts


def grading_facts(report: RunReport) -> list[tuple[str, str]]:
    """Which grading is told, and which others there are; nothing where there is but one."""
    finished = [one for one in report.gradings if one.number == 0 or one.finished_at is not None]
    under_way = [str(one.number) for one in report.gradings if one not in finished]
    facts = []
    if len(finished) > 1 or report.grading:
        told = next(one for one in report.gradings if one.number == report.grading)
        others = ", ".join(str(one.number) for one in finished if one.number != report.grading)
        how = "in force" if told.in_force else "not in force"
        note = f", {told.note}" if told.note else ""
        see = f"; others: {others} (--grading N)" if others else ""
        facts.append(("grading", f"{told.number}, {how}{note}{see}"))
    if under_way:
        facts.append(("not finished", f"grading {', '.join(under_way)}; {_again(report)} goes on"))
    if report.ungraded:
        trials = counted(report.ungraded, "trial")
        facts.append(("ungraded", f"{trials} came after the grading in force: {_again(report)}"))
    return facts


def _again(report: RunReport) -> str:
    return f"roadworthy eval regrade {report.run}"


def _print_cases(cases: tuple[CaseLine, ...]) -> None:
    """All cases of a small run; of a large one those that did not always pass."""
    shown = [case for case in cases if len(cases) <= CASES_SHOWN or case.passed < case.planned]
    rows: list[list[str | Text]] = [_case_row(case) for case in shown[:CASES_SHOWN]]
    if rows:
        print_table(["case", "kind", "tier", ">passed", ">%", ">unmeasured"], rows)
    rest = len(shown) - len(rows)
    if rest:
        stdout().print(line((f"and {rest} more that did not always pass (--json has all)", "dim")))
    if len(shown) < len(cases):
        stdout().print(
            line((f"{counted(len(cases) - len(shown), 'case')} passed every trial", "dim"))
        )


def _case_row(case: CaseLine) -> list[str | Text]:
    rate = percent(case.passed / case.measured) if case.measured else "unmeasured"
    style = "green" if case.measured and case.passed == case.measured else "red"
    return [
        case.case,
        case.kind,
        case.tier,
        Text(f"{case.passed}/{case.measured}", style=style if case.measured else "yellow"),
        rate,
        str(case.unmeasured) if case.unmeasured else "",
    ]


def _print_failures(report: RunReport) -> None:
    """For each case that did not always pass: every reason, then one trial to look at."""
    shown = report.failed_cases[:FAILED_SHOWN]
    rows: list[list[str | Text]] = []
    logs: set[str] = set()
    for failed in shown:
        for place, reason in enumerate(failed.reasons[:REASONS_SHOWN]):
            name = failed.case if place == 0 else ""
            rows.append([name, str(reason.trials), reason.grader, reason.why[:WHY_LIMIT]])
        rows += _one_trial(failed.first, logs)
    print_table(["not passed", ">trials", "grader", "why"], rows)
    rest = len(report.failed_cases) - len(shown)
    if rest:
        cases = "case" if rest == 1 else "cases"
        stdout().print(line((f"and {rest} more {cases} (--json has all)", "dim")))


def _one_trial(first: Failure, logs: set[str]) -> Iterator[list[str | Text]]:
    """What the first such trial said, and where to see the whole of it; the same log only once."""
    if first.output:
        said = first.output[:WHY_LIMIT]
        yield ["", "", "", line(("answered ", "dim"), said)]
    if first.log and first.log not in logs:
        logs.add(first.log)
        for text in first.log.splitlines():
            yield ["", "", "", line((text[:WHY_LIMIT], "dim"))]
    if first.trace is not None:
        yield ["", "", "", line(("roadworthy trace show ", "dim"), first.trace[:12])]
