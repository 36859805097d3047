"""An import that is killed and done again ends as one that nobody disturbed."""

import shutil
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest

from roadworthy.records.run import Run, RunState
from roadworthy.scaffold.data_files import TAU_BENCH_AIRLINE, data_path
from roadworthy.store.sql import open_store

if TYPE_CHECKING:
    from tests.crash.conftest import Folder

FILE = str(data_path(TAU_BENCH_AIRLINE))
IMPORT = ("trace", "import", FILE, "--as-run", "gpt-4o")
KILLS = 5
MOST_KILLS = 25  # until one of them came while the run was being written


class Kept(NamedTuple):
    """All that an import leaves, but for the moments when it was done."""

    run: Run
    state: RunState
    results: tuple[Any, ...]
    findings: tuple[Any, ...]
    traces: dict[str, Any]
    rows: dict[str, int]


def kept(folder: "Folder") -> Kept:
    store = open_store(folder.path / ".roadworthy/store.db")
    try:
        row = store.runs.load("gpt-4o")
        return Kept(
            run=msgspec.structs.replace(row.run, started_at=0.0),
            state=row.state,
            results=tuple(store.runs.results("gpt-4o")),
            findings=tuple(store.findings.list(run="gpt-4o")),
            traces={trace_id: store.traces.load(trace_id) for trace_id in store.traces.ids()},
            rows=store.stats().rows,
        )
    finally:
        store.close()


def test_an_import_killed_at_random_moments_and_done_again_is_whole(folder: "Folder") -> None:
    code, report, _ = folder.ask(*IMPORT)
    whole = folder.store_bytes
    assert (code, report["trials"], report["errors"]) == (0, 200, [])
    calm = kept(folder)
    rng = Random(7)
    kills = halves = 0

    while kills < KILLS or (not halves and kills < MOST_KILLS):
        kills += 1
        shutil.rmtree(folder.path / ".roadworthy")
        process = folder.start(*IMPORT)
        folder.wait_for_bytes(rng.uniform(0.0, 0.9) * whole, process)
        folder.kill(process)
        halves += _is_told_honestly(folder)

        code, report, _ = folder.ask(*IMPORT)

        assert (code, report["traces"], report["trials"], report["errors"]) == (0, 200, 200, [])
        assert kept(folder) == calm
    assert halves, "no kill came while the run was being written"


def _is_told_honestly(folder: "Folder") -> bool:
    """What `eval show` says of a half-imported run; whether there was one."""
    code, shown, err = folder.ask("eval", "show", "gpt-4o")
    if code == 2:
        assert "error: no run and no baseline called 'gpt-4o'" in err
        return False
    assert code == 0
    assert shown["trials"] <= 200
    assert shown["pass_rate"]["measured"] <= shown["trials"]
    assert shown["state"] == ("cut_short" if shown["trials"] < 200 else shown["state"])
    return bool(0 < shown["trials"] < 200)


@pytest.mark.parametrize("wait_s", [0.0, 0.1, 0.3])
def test_a_command_killed_while_it_makes_the_store_leaves_one_that_opens(
    folder: "Folder", wait_s: float
) -> None:
    process = folder.start("eval", "list")
    time.sleep(wait_s)
    folder.kill(process)

    code, rows, _ = folder.ask("eval", "list")

    assert (code, rows) == (0, [])
    assert Path(folder.path / ".roadworthy/store.db").is_file()
