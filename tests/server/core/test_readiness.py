"""What a server does before its first request."""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import TYPE_CHECKING

from litestar.plugins.jinja import JinjaTemplateEngine

from roadworthy.server.asgi import create_server
from roadworthy.server.readiness import THRESHOLDS, short_pauses, warm_up

if TYPE_CHECKING:
    from pathlib import Path

    from roadworthy.app.app import App


def test_the_collector_is_given_back_as_it_was() -> None:
    before = gc.get_threshold()

    with short_pauses():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > 0

    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_every_template_is_compiled_before_somebody_waits_for_it(app: App) -> None:
    server = create_server(app)

    warm_up(app, server)

    assert isinstance(server.template_engine, JinjaTemplateEngine)
    templates = server.template_engine.engine
    assert templates.cache is not None
    assert len(templates.cache) == len(templates.list_templates()) > 20


def test_a_store_that_cannot_be_used_is_told_before_the_server_listens(tmp_path: Path) -> None:
    folder = tmp_path / ".roadworthy"
    folder.mkdir()
    (folder / "store.db").write_bytes(b"no store at all" * 100)

    done = subprocess.run(
        [sys.executable, "-m", "roadworthy", "serve", "--port", "0"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
