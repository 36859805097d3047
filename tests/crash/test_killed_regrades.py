"""A grading that is killed and begun again ends as one that nobody disturbed."""

import shutil
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from roadworthy.scaffold.data_files import TAU_BENCH_AIRLINE, data_path
from roadworthy.store.sql import open_store

if TYPE_CHECKING:
    from tests.crash.conftest import Folder

IMPORT = ("trace", "import", str(data_path(TAU_BENCH_AIRLINE)), "--as-run", "gpt-4o")
POLICY = Path(__file__).parents[1] / "data" / "airline-policy"
REGRADE = ("eval", "regrade", "gpt-4o", "--suite", str(POLICY))
KILLS = 12
UNTOLD = {"resumed"}


def kept(folder: "Folder") -> tuple[Any, ...]:
    """Every reading of every grading, the cases of each, and the counts of the run."""
    store = open_store(folder.path / ".roadworthy/store.db")
    try:
        row = store.runs.load("gpt-4o")
        made = store.runs.gradings("gpt-4o")
        return (
            (row.passed, row.failed, row.unmeasured, row.grading),
            [(one.number, one.cases, one.source, one.finished_at is not None) for one in made],
            [list(store.runs.results("gpt-4o", grading=number)) for number in (0, 1)],
            store.stats().rows,
        )
    finally:
        store.close()


def read_so_far(folder: "Folder") -> int | None:
    """Trials that the grading has read; `None` where none was begun."""
    store = open_store(folder.path / ".roadworthy/store.db")
    try:
        if not store.runs.gradings("gpt-4o"):
            return None
        return len(store.runs.graded("gpt-4o", 1))
    finally:
        store.close()


def test_a_grading_killed_at_random_moments_and_begun_again_is_whole(folder: "Folder") -> None:
    assert folder.ask(*IMPORT)[0] == 0
    fresh = folder.path / "fresh"
    shutil.copytree(folder.path / ".roadworthy", fresh)
    code, report, _ = folder.ask(*REGRADE)
    assert (code, report["trials"], report["passed_to_failed"]) == (0, 200, 9)
    calm = kept(folder)
    grown = folder.store_bytes
    rng = Random(11)
    halves = 0

    for _ in range(KILLS):
        shutil.rmtree(folder.path / ".roadworthy")
        shutil.copytree(fresh, folder.path / ".roadworthy")
        start = folder.store_bytes
        process = folder.start(*REGRADE)
        folder.wait_for_bytes(rng.uniform(start + 1, max(grown, start + 2)), process)
        folder.kill(process)
        done = read_so_far(folder)
        halves += done is not None and 0 < done < 200

        code, again, _ = folder.ask(*REGRADE)

        if again["before"] == 0:  # else it was finished before the kill, and this is another
            assert again["resumed"] == (done or 0)
            same = {name for name in report if name not in UNTOLD}
            assert {name: again[name] for name in same} == {name: report[name] for name in same}
            assert kept(folder) == calm
        assert code == 0
    assert halves, "no kill came while readings were being written"
