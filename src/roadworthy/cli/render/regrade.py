"""A grading beside the one before it, as text."""

from collections.abc import Iterator

from rich.text import Text

from roadworthy.app.regrading.changes import Cause, GraderChange, GraderTally, TrialChange
from roadworthy.app.regrading.report import RegradeReport
from roadworthy.cli.render.rates import rate_text
from roadworthy.cli.render.table import line, print_table, stdout
from roadworthy.gate.wording import counted, names

CHANGES_SHOWN = 30
WHY_LIMIT = 160

_WORDS = {
    Cause.NEW: "is new",
    Cause.GONE: "is gone",
    Cause.VERSION: "has another version",
    Cause.OPTIONS: "has other options",
    Cause.REQUIRED: "counts otherwise",
    Cause.JUDGE: "has another judge",
    Cause.MIND: "changed its mind",
}


def print_regrade(report: RegradeReport) -> None:
    """Print what a grading changed, and which grader made it."""
    out = stdout()
    out.print(line(("run ", "dim"), (report.run, "bold"), f"  {_which(report)}"))
    out.print(line(("graders of  ", "dim"), report.suite))
    for label, text in _facts(report):
        out.print(line((f"{label}  ", "dim"), text))
    out.print()
    _print_graders(report.graders)
    if report.changes:
        out.print()
        _print_changes(report.changes)
    out.print()
    out.print(line((f"{_sentence(report.meaning)}.", "bold")))
    if report.grading is not None:
        before = f"roadworthy eval show {report.run} --grading {report.before}"
        out.print(line(("as it was: ", "dim"), before))


def _which(report: RegradeReport) -> str:
    if report.grading is None:
        return f"grading {report.before} against what would be the next; nothing was stored"
    force = "in force" if report.in_force else "not in force: a later one is"
    on = f", {report.resumed} read before it was killed" if report.resumed else ""
    return f"grading {report.grading}, after {report.before}; {force}{on}"


def _facts(report: RegradeReport) -> Iterator[tuple[str, str]]:
    same = "every verdict is as it was"
    moved = [
        f"{count} {word}"
        for count, word in (
            (report.passed_to_failed, "passed → failed"),
            (report.failed_to_passed, "failed → passed"),
            (report.to_unmeasured, "now unmeasured"),
            (report.from_unmeasured, "no longer unmeasured"),
        )
        if count
    ]
    yield "trials", f"{counted(report.trials, 'trial')}: {', '.join(moved) or same}"
    yield "pass rate before", rate_text(report.pass_rate_before)
    yield "pass rate after ", rate_text(report.pass_rate_after)
    for refused in report.refused:
        yield "not read again", f"{refused.case}: {refused.why}"
    if report.kept:
        yield "kept as they were", names(report.kept)
    if report.ungraded:
        yield "not read", f"{counted(report.ungraded, 'trial')} without a reading: unmeasured"


def _print_graders(tallies: tuple[GraderTally, ...]) -> None:
    rows = [
        [
            one.grader + ("" if one.required else " (shown only)"),
            _tally(one.before, "new"),
            _tally(one.after, "gone"),
            str(one.other_mind) if one.other_mind else "",
        ]
        for one in tallies
    ]
    print_table(["grader", "before", "after", ">reads otherwise"], rows)


def _tally(counts: dict[str, int] | None, absent: str) -> str:
    if counts is None:
        return absent
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def _print_changes(changes: tuple[TrialChange, ...]) -> None:
    rows: list[list[str | Text]] = []
    for one in changes[:CHANGES_SHOWN]:
        first = [one.case, str(one.repeat + 1), f"{one.before} → {one.after}"]
        for grader in one.graders or (None,):
            rows.append([*first, "" if grader is None else _why(grader)])
            first = ["", "", ""]
    print_table(["case", ">trial", "verdict", "why"], rows)
    rest = len(changes) - CHANGES_SHOWN
    if rest > 0:
        stdout().print(line((f"and {counted(rest, 'more trial')} (--json has all)", "dim")))


def _why(change: GraderChange) -> str:
    told = f"{change.grader} {_WORDS[change.cause]}"
    if change.cause is Cause.GONE:
        return f"{told}; it said: {_short(change.why_before)}"
    if change.cause is Cause.NEW:
        return f"{told}: {_short(change.why_after)}"
    return f"{told}: {_short(change.why_after)} (before: {_short(change.why_before)})"


def _short(why: str | None) -> str:
    text = why or ""
    return text if len(text) <= WHY_LIMIT else f"{text[: WHY_LIMIT - 1]}…"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
