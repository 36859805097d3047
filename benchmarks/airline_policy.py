"""The airline policy of tau-bench, as rules, against the rewards of 200 recorded trajectories.

Prints the table of the how-to guide on policies, and what it took to check them all.
"""

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter

from measuring import ROOT

from roadworthy.app.app import App
from roadworthy.app.import_traces import import_file
from roadworthy.app.policy_run import PolicyReport, hold_against
from roadworthy.records.reading import TrialVerdict
from roadworthy.scaffold.data_files import TAU_BENCH_AIRLINE, data_path

POLICY = ROOT / "tests" / "data" / "airline-policy"


def main() -> None:
    with tempfile.TemporaryDirectory() as place, App(Path(place)) as app:
        path = data_path(TAU_BENCH_AIRLINE)
        import_file(app, path, as_run="gpt-4o", format_name=None, strict=True)
        before = perf_counter()
        report = asyncio.run(hold_against(app, "gpt-4o", POLICY))
        took_s = perf_counter() - before
    print("\n".join(table(report)))
    rules, trials = len(report.rules), report.trials
    print(f"\n{trials} trials by {rules} rules in {took_s:.2f} s, loading them included")


def table(report: PolicyReport) -> list[str]:
    lines = ["| rule | trials that broke it | of these unrewarded |", "|---|---:|---:|"]
    for one in report.rules:
        name = f"`{one.rule}`" + ("" if one.required else " (low: shown only)")
        lines.append(f"| {name} | {one.broken} | {one.broken - one.broken_and_passed} |")
    failed, passed = (report.broken(v) for v in (TrialVerdict.FAILED, TrialVerdict.PASSED))
    lines.append(f"| **any but the low one** | **{failed + passed}** | **{failed}** |")
    return lines


if __name__ == "__main__":
    main()
