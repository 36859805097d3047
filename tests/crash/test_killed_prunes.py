"""Pruning beside capture, both killed at random moments."""

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("pruned_under_load.py")


def test_twenty_kills_of_prune_and_extend_leave_a_store_that_holds_together(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path / "store.db")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
