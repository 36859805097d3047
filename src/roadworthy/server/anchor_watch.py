"""Judges the frozen anchors again on schedule, in a thread of its own with its own event loop.

What it finds is in the store: a judge that has drifted gates nothing from then on, and Home says
so. What goes wrong is logged, and tried again at the next time that is due.
"""

import asyncio
import logging
from typing import Final

from anyio import to_thread

from roadworthy.app.app import App
from roadworthy.app.calibration.anchor_schedule import check_due
from roadworthy.base.printable import printable
from roadworthy.server.complaints import Complaints

PAUSE_S: Final = 60.0
_log = logging.getLogger("roadworthy.server")


async def watch(app: App, *, pause_s: float = PAUSE_S) -> None:
    """Look every `pause_s` seconds whether a check is due, for as long as the server runs."""
    complaints = Complaints(_log)
    while True:
        try:
            await to_thread.run_sync(_look, app, abandon_on_cancel=True)
        except Exception as error:  # noqa: BLE001 - the next check may go well
            complaints.warn("checking the anchors failed", error=error)
        await asyncio.sleep(pause_s)


def _look(app: App) -> None:
    checked = asyncio.run(check_due(app))
    if not checked:
        return
    from roadworthy.app.calibration.anchors import AnchorState  # noqa: PLC0415 - loaded by now

    for found in checked:
        if found.state is not AnchorState.STEADY:
            judge = printable(found.instrument, limit=160)
            _log.warning("judge %s in %s: %s", judge, found.domain, found.said)
