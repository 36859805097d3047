"""The clock that an App is given is the one that its store goes by."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from roadworthy.app.app import App
from roadworthy.app.prune import prune
from roadworthy.records.trace import Trace

DAY = datetime(2031, 5, 1, tzinfo=UTC)


def test_a_trace_without_times_ages_by_the_clock_of_the_app(tmp_path: Path) -> None:
    with App(tmp_path, clock=lambda: DAY) as app:
        app.store.traces.extend([Trace(id="a" * 32, spans=(), source="otlp")])

    def gone_after(days: int) -> int:
        with App(tmp_path, clock=lambda: DAY + timedelta(days=days)) as app:
            return prune(app, older_than_days=2, keep_bytes=None, dry_run=True).traces

    assert [gone_after(days) for days in (0, 1, 3)] == [0, 0, 1]
