"""Cases and proofs as text."""

import sys
from collections.abc import Sequence

from rich.syntax import Syntax

from roadworthy.app.cases import CaseDetail, CaseRow
from roadworthy.app.import_cases import CaseImportReport
from roadworthy.app.verify_case import Verification
from roadworthy.base.printable import printable
from roadworthy.cli.render.problems import print_problems
from roadworthy.cli.render.rates import VERDICT_STYLE
from roadworthy.cli.render.table import line, print_table, stdout
from roadworthy.gate.wording import counted
from roadworthy.records.case import Kind
from roadworthy.records.decision import Verdict


def print_cases(rows: Sequence[CaseRow]) -> None:
    """One line for each case."""
    print_table(
        ["case", "suite", "kind", "tier", "graders", ">recorded", "title"],
        [
            [
                row.case,
                row.suite,
                _standing(row),
                row.tier,
                " ".join(row.graders),
                "" if row.recorded_calls is None else str(row.recorded_calls),
                row.title,
            ]
            for row in rows
        ],
        one_line=True,
    )


def _standing(row: CaseRow) -> str:
    """The kind, and what of it matters today: ``quarantined until 2026-12-24 (ada)``."""
    if row.verified:
        return f"{row.kind}, verified"
    if row.kind != Kind.QUARANTINED:
        return row.kind
    until = f" until {row.review_by}" if row.review_by else ""
    return f"{row.kind}{until} ({row.owner or 'no owner'})" + (", OVERDUE" if row.overdue else "")


def print_case(detail: CaseDetail) -> None:
    """The file as it stands, then what is odd about it."""
    out = stdout()
    out.print(line((detail.row.path, "dim")))
    text = "\n".join(printable(text) for text in detail.text.rstrip().splitlines())
    if sys.stdout.isatty():
        out.print(Syntax(text, "yaml", background_color="default", word_wrap=True))
    else:
        out.print(text, soft_wrap=True)
    for item in detail.lint:
        out.print(line((f"{item.severity}: ", "yellow"), str(item)))


def print_verification(done: Verification) -> None:
    """Red, green, and what follows."""
    out = stdout()
    for name, style, side in (("red", "red", done.red), ("green", "green", done.green)):
        out.print(
            line(
                (f"{name:<6}", f"bold {style}"),
                f"{side.target} ({side.version}): {side.passed}/{side.measured} passed",
                (f"  run {side.run}", "dim"),
            )
        )
    out.print(line((done.verdict.value, VERDICT_STYLE[done.verdict]), f"  {done.why}"))
    stands = "is now" if done.verdict is Verdict.PASS else "stays"
    out.print(line(f"{done.case} {stands} a {done.kind} case"))


def print_case_import(report: CaseImportReport) -> None:
    """The cases that were written, and what could not be read."""
    out = stdout()
    for name in report.written:
        out.print(line("wrote ", (f"evals/{report.suite}/cases/{name}.yaml", "bold")))
    if report.unchanged:
        out.print(line(f"{counted(len(report.unchanged), 'case')} there already, unchanged"))
    if report.redacted:
        hidden = ", ".join(f"{count} {kind}" for kind, count in report.redacted.items())
        out.print(line(f"redacted: {hidden}"))
    print_problems(report.errors)
