"""The simulation of corrected rates works at a tiny size; `tests/stats` holds it to its level."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_simulation_prints_its_worst_settings_and_writes_every_method(tmp_path: Path) -> None:
    written = tmp_path / "found.json"
    command = [sys.executable, str(ROOT / "benchmarks/judge_correction.py"), "--quick"]

    done = subprocess.run(
        [*command, "--json", str(written)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "worst settings of each method, 20 draws, seed" in done.stdout
    found = json.loads(written.read_text(encoding="utf-8"))
    assert (found["benchmark"], found["quick"]) == ("judge_correction", True)
    methods = {figure["name"].partition(":")[0] for figure in found["figures"]}
    assert methods >= {"chosen", "labels alone", "PPI", "PPI++", "Rogan-Gladen"}
    assert all(figure["min"] > 0 for figure in found["figures"])
