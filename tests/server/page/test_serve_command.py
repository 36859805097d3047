"""`serve` says an address that can be opened; what it stores is its user's alone."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from roadworthy.app.app import App
from roadworthy.app.prune import prune
from roadworthy.cli.main import cli
from roadworthy.server import listening
from roadworthy.testing import a_trace


def said(monkeypatch: pytest.MonkeyPatch, project: Path, url: str, *words: str) -> str:
    """What `serve` tells when it listens at `url`."""

    def listen(*_: object, ready: Callable[[str, str | None], None], **__: object) -> None:
        ready(url, None)

    monkeypatch.setattr(listening, "serve", listen)
    monkeypatch.chdir(project)
    return CliRunner().invoke(cli, ["serve", *words]).output


@pytest.mark.parametrize(
    ("listens", "opens"),
    [
        ("http://0.0.0.0:4318", "http://127.0.0.1:4318"),
        ("http://[::]:4318", "http://[::1]:4318"),
        ("http://10.0.0.7:4318", "http://10.0.0.7:4318"),
    ],
)
def test_the_address_it_tells_can_be_opened(
    monkeypatch: pytest.MonkeyPatch, project: Path, listens: str, opens: str
) -> None:
    output = said(monkeypatch, project, listens, "--host", "0.0.0.0")

    assert f"page  {opens}\n" in output
    assert ("every address of this machine" in output) == (listens != opens)


def test_a_new_store_can_be_read_by_its_user_alone(project: Path) -> None:
    with App(project) as app:
        app.store.traces.append([a_trace()])
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in (project / ".roadworthy").glob("*.db*")
        }

    assert modes
    assert set(modes.values()) == {0o600}


def test_the_mode_that_somebody_gave_a_store_is_kept(project: Path) -> None:
    with App(project) as app:
        app.store.traces.append([a_trace()])
    (file,) = (project / ".roadworthy").glob("*.db")
    file.chmod(0o640)

    with App(project) as app:
        app.store.traces.count()

    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_pruning_tells_what_stays_and_why(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    with App(project) as app:
        app.store.traces.append([a_trace(seed="1"), a_trace(seed="2")])
        assert prune(app, older_than_days=None, keep_bytes=10**9, dry_run=True).kept == 2
    monkeypatch.chdir(project)

    done = CliRunner().invoke(cli, ["db", "prune", "--keep-mb", "1000", "--dry-run"])

    assert "would delete 0 traces" in done.output
    assert "kept 2 traces: they are newer or within the size" in done.output
