"""Each benchmark works at a tiny size; its JSON is the one that `docs/reference` documents.

What they measure is never asserted: this machine may be busy.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NAMES = (
    "trials",
    "importing",
    "grading",
    "startup",
    "boundary",
    "ingest",
    "store_scale",
    "page_views",
)
HEAD = {"benchmark", "date", "quick", "machine", "load_1m", "python", "figures"}
MACHINE = {"system", "processor", "cores", "memory_mb"}
FIGURE = {"name", "unit", "min", "median", "max", "runs", "at_least", "at_most", "met"}
DATE = "2030-01-02T03:04:05+00:00"


def test_every_benchmark_runs_at_a_tiny_size_and_writes_the_documented_json(
    tmp_path: Path,
) -> None:
    together = tmp_path / "all.json"

    table = run(
        *("all", "--quick", "--date", DATE),
        *("--results", str(tmp_path), "--json", str(together)),
    )

    reports = json.loads(together.read_text(encoding="utf-8"))
    assert [report["benchmark"] for report in reports] == list(NAMES)
    for report in reports:
        alone = tmp_path / f"{report['benchmark']}.json"
        assert json.loads(alone.read_text(encoding="utf-8")) == report
        check_report(report, table)


def test_a_peer_that_is_not_installed_is_skipped_with_the_way_to_install_it(
    tmp_path: Path,
) -> None:
    done = start("peers", "--quick", "--into", str(tmp_path))

    assert done.returncode == 0
    for peer in ("pydantic-evals", "promptfoo", "inspect-ai", "deepeval"):
        assert f"skipped {peer}: it is not installed in" in done.stderr
    assert "--install does that" in done.stderr


def test_the_page_has_a_place_for_every_benchmark() -> None:
    page = (ROOT / "docs" / "reference" / "performance.md").read_text(encoding="utf-8")

    for name in (*NAMES, "peers"):
        assert re.search(rf"<!-- {name} -->\n.+?\n<!-- end -->", page, re.DOTALL), name


def run(name: str, *words: str) -> str:
    done = start(name, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def start(name: str, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def check_report(report: dict[str, Any], table: str) -> None:
    assert set(report) == HEAD
    assert (report["date"], report["quick"]) == (DATE, True)
    assert set(report["machine"]) == MACHINE
    assert report["figures"]
    for figure in report["figures"]:
        check_figure(figure)
        assert figure["name"] in table


def check_figure(figure: dict[str, Any]) -> None:
    assert set(figure) == FIGURE
    assert figure["unit"]
    assert 0 < figure["min"] <= figure["median"] <= figure["max"]
    assert figure["runs"] >= 1
    has_goal = figure["at_least"] is not None or figure["at_most"] is not None
    assert (figure["met"] is not None) == has_goal
