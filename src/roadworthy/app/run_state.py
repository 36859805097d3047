"""Where a run stands, as people are told."""

from typing import Final

from roadworthy.app.app import App
from roadworthy.app.run_lock import is_driven
from roadworthy.records.run import RunOrigin, RunState
from roadworthy.store.ports import RunRow

GOES_ON: Final = RunState.RUNNING.value
CUT_SHORT: Final = "cut_short"
"""Stored as running, but no process drives it any more: it was killed, and can be resumed."""


def shown_state(app: App, row: RunRow) -> str:
    """The stored state, or `CUT_SHORT` for a run that only seems to run."""
    if row.state is not RunState.RUNNING:
        return row.state.value
    imported = row.run.origin is RunOrigin.IMPORTED
    if not imported and is_driven(app.lock_folder, row.run.id):
        return GOES_ON
    now = app.store.runs.load(row.run.id).state  # it may have ended since `row` was read
    return CUT_SHORT if now is RunState.RUNNING else now.value
