"""The server's own loop over the frozen anchors."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from roadworthy.app.app import App
from roadworthy.server.anchor_watch import watch


class Listener(logging.Handler):
    """Calls back when something is logged."""

    def __init__(self, heard: Callable[[], object]) -> None:
        super().__init__()
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard()


async def test_a_broken_anchor_file_is_told_and_does_not_end_the_watch(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = tmp_path / "roadworthy.toml"
    settings.write_text("[judging]\ncheck_every_h = 1\n", encoding="utf-8")
    anchors = tmp_path / "evals" / "anchors"
    anchors.mkdir(parents=True)
    (anchors / "tone.jsonl").write_text("no json\n", encoding="utf-8")
    told = asyncio.Event()
    here = asyncio.get_running_loop()
    listener = Listener(lambda: here.call_soon_threadsafe(told.set))
    log = logging.getLogger("roadworthy.server")
    log.addHandler(listener)
    with App(tmp_path) as app, caplog.at_level(logging.WARNING, logger=log.name):
        watching = asyncio.create_task(watch(app, pause_s=0.01))
        async with asyncio.timeout(30):
            await told.wait()
        still_going = not watching.done()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    log.removeHandler(listener)

    assert still_going
    assert "checking the anchors failed" in caplog.text
