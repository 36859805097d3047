"""Calibrations, probes and checks of judges as text."""

from collections.abc import Sequence

from rich.text import Text

from roadworthy.app.calibration.anchors import AnchorCheck, AnchorState
from roadworthy.app.calibration.figures import Figures, People
from roadworthy.app.calibration.known_judges import KnownJudge
from roadworthy.app.calibration.probe import Probed
from roadworthy.app.calibration.report import Calibrated
from roadworthy.app.calibration.rule import ANSWER
from roadworthy.cli.progress import MovingLine
from roadworthy.cli.render.moment import moment_text
from roadworthy.cli.render.table import line, print_table, stdout
from roadworthy.gate.trust import said
from roadworthy.gate.wording import counted
from roadworthy.grade.judge.probes import ProbeResult
from roadworthy.records.calibration import Calibration, Standing
from roadworthy.records.decision import Rate

SLICES_SHOWN = 30
_STYLE = {
    Standing.CALIBRATED: "bold green",
    Standing.NOT_CALIBRATED: "bold red",
    Standing.TOO_LITTLE_DATA: "bold yellow",
    Standing.DRIFTED: "bold red",
}
_STATE_STYLE = {
    AnchorState.STEADY: "green",
    AnchorState.DRIFTED: "bold red",
    AnchorState.UNMEASURED: "yellow",
}
_ANSWERED = {True: ("CAUGHT", "bold red"), False: ("stood", "green"), None: ("not run", "yellow")}


class ItemProgress(MovingLine):
    """Shows how many items are judged."""

    def tick(self, done: int, of: int) -> None:
        """Show that `done` of `of` are judged."""
        if self._live is not None:
            self._live.update(Text(f"judged {done}/{of}"), refresh=True)


def print_calibration(report: Calibrated, *, disagreements: int) -> None:
    """Print what was measured, then what follows from it."""
    out = stdout()
    found = report.calibration
    out.print(line(("judge ", "dim"), (found.instrument, "bold")))
    out.print(line(("for   ", "dim"), f"{report.question} in {found.domain}"))
    _print_coverage(report)
    _print_people(report.people)
    _print_figures(report)
    _print_rates(found)
    _print_slices(found)
    _print_disagreements(report, disagreements)
    out.print()
    words = found.standing.value.replace("_", " ").upper()
    out.print(line((words, _STYLE[found.standing])))
    for reason in found.reasons:
        out.print(line("  ", reason))
    for note in report.notes:
        out.print(line(("  note: ", "dim"), note))
    if not found.probes:
        out.print(line(("  probes: ", "dim"), "not run yet (roadworthy judge probe)"))
    if report.anchors is not None:
        out.print(line(("  anchors: ", "dim"), report.anchors))
    if not report.stored:
        out.print(line(("  not stored: ", "dim"), "--dry-run"))


def print_probes(probed: Probed) -> None:
    """Print what each probe showed."""
    out = stdout()
    out.print(line(("judge ", "dim"), (probed.instrument, "bold")))
    rows: list[list[str | Text]] = [_probe_row(one) for one in probed.results]
    print_table(["probe", "judge", "what it did", ">p"], rows)
    now = {one.probe.value for one in probed.caught}
    for name, said_of in probed.held_against.items():
        if name not in now:
            out.print(line(("earlier    ", "dim"), f"{name} {said_of}; stays until it passes"))
    standing = probed.calibration.standing
    out.print(
        line(
            ("stands as  ", "dim"), (said(standing.value), _STYLE[standing]), f" in {probed.domain}"
        )
    )


def print_checks(found: Sequence[AnchorCheck]) -> None:
    """Print a line for each set of anchors."""
    out = stdout()
    for one in found:
        out.print(line((one.state.value.upper(), _STATE_STYLE[one.state]), f"  {one.instrument}"))
        out.print(line(("  in ", "dim"), one.domain))
        out.print(line("  ", one.said))
        if one.p_shift is not None:
            noise = "" if one.p_noise is None else f", noise p = {one.p_noise:.3f}"
            out.print(line(("  exact McNemar ", "dim"), f"p = {one.p_shift:.3f}{noise}"))


def print_known(judges: Sequence[KnownJudge]) -> None:
    """Print a table of judges."""
    rows = [_known_row(one) for one in judges]
    headers = ["judge", "for", "state", ">kappa", ">fails caught", ">held out", "probes", "since"]
    print_table(headers, rows)


def _print_coverage(report: Calibrated) -> None:
    seen = report.coverage
    out = stdout()
    out.print(
        line(
            ("items ", "dim"),
            f"{seen.items}, {seen.labelled} compared; "
            f"held out {report.held_out.items} (seed {report.calibration.seed}), "
            f"for tuning {report.tuning.items}",
        )
    )
    for count, what in (
        (seen.without_human_label, "without a label by a person"),
        (seen.without_majority, "on which annotators are at odds"),
        (seen.not_judged, "without a verdict"),
    ):
        if count:
            out.print(line(("left out ", "dim"), f"{counted(count, 'item')} {what}"))
    if report.all_items.unreadable:
        words = ", ".join(f"{word!r} {n}" for word, n in seen.unreadable.items())
        out.print(
            line(
                (f"{counted(report.all_items.unreadable, 'unreadable verdict')} ", "yellow"),
                f"(neither right nor wrong): {words}",
            )
        )


def _print_people(people: People) -> None:
    out = stdout()
    counts = ", ".join(f"{answer} {count}" for answer, count in people.majority.items())
    out.print(line(("people say ", "dim"), counts or "nothing"))
    if people.alpha is not None:
        both = counted(people.alpha.measured, "item")
        out.print(line(("Krippendorff's alpha ", "dim"), f"{_alpha(people.alpha)}, {both}"))
    rows = [[one.first, one.second, _number(one.kappa), str(one.items)] for one in people.pairs]
    if rows:
        out.print()
        print_table(["annotator", "annotator", ">kappa", ">items"], rows)


def _print_figures(report: Calibrated) -> None:
    stdout().print()
    rows = [
        *_figure_rows("all", report.all_items),
        *_figure_rows("held out", report.held_out),
    ]
    print_table(["judge and people", ">items", ">agreement", ">kappa"], rows)


def _figure_rows(name: str, figures: Figures) -> list[list[str]]:
    rows = [[name, str(figures.read), _ends(figures.agreement), _ends(figures.kappa)]]
    if figures.unreadable:
        over_all = f"{name}, unreadable counted as wrong"
        agreement, kappa = _ends(figures.agreement_over_all), _ends(figures.kappa_over_all)
        rows.append([over_all, str(figures.items), agreement, kappa])
    return rows


def _print_rates(found: Calibration) -> None:
    for name, rate in (("true-pass", found.true_pass_rate), ("true-fail", found.true_fail_rate)):
        if rate is not None:
            on = counted(rate.measured, "item")
            stdout().print(line((f"{name} rate ", "dim"), f"{_ends(rate)}, {on}"))


def _print_slices(found: Calibration) -> None:
    rows = [
        [one.name, str(one.agreement.measured), _ends(one.agreement)]
        for one in found.slices
        if not one.name.startswith(ANSWER)
    ]
    if rows:
        stdout().print()
        print_table(["slice, held out", ">items", ">agreement"], rows[:SLICES_SHOWN])
        if len(rows) > SLICES_SHOWN:
            stdout().print(line((f"and {len(rows) - SLICES_SHOWN} more (--json has all)", "dim")))


def _print_disagreements(report: Calibrated, most: int) -> None:
    rows = [[one.item, one.people, one.judge] for one in report.disagreements[:most]]
    if rows:
        stdout().print()
        print_table(["differ, for tuning", "people", "judge"], rows)


def _probe_row(one: ProbeResult) -> list[str | Text]:
    word, style = _ANSWERED[one.caught]
    p_value = "" if one.p_value is None else f"{one.p_value:.3f}"
    return [one.probe.value, Text(word, style=style), one.said, p_value]


def _known_row(one: KnownJudge) -> list[str | Text]:
    found = one.calibration
    if found is None:
        unknown = Text(said(one.standing), style="yellow")
        return [one.instrument, one.domain, unknown, "", "", "", "", ""]
    failed = [name for name, what in found.probes.items() if what.startswith("failed")]
    probes = ", ".join(failed) + " failed" if failed else "stood" if found.probes else "not run"
    return [
        one.instrument,
        one.domain,
        Text(said(one.standing), style=_STYLE[found.standing]),
        _number(found.kappa),
        _number(found.true_fail_rate),
        str(found.held_out),
        probes,
        moment_text(found.at),
    ]


def _alpha(rate: Rate) -> str:
    """With its interval, where there are items enough for one."""
    return _number(rate) if rate.low is None else _ends(rate)


def _number(rate: Rate | None) -> str:
    return "" if rate is None or rate.value is None else f"{rate.value:.3f}"


def _ends(rate: Rate | None) -> str:
    """``0.716 (0.687 to 0.743)``, or that there is no value."""
    if rate is None or rate.value is None or rate.low is None or rate.high is None:
        return "no value"
    return f"{rate.value:.3f} ({rate.low:.3f} to {rate.high:.3f})"
