"""The progress of a run on stderr: one moving line on a terminal, a line now and then in a log."""

import sys
from typing import Self

from rich.live import Live
from rich.text import Text

from roadworthy.cli.render.table import line, stderr
from roadworthy.run.tally import Tally

BAR = 24
LOG_EVERY_S = 10.0
_MINUTE = 60
_HOUR = 3600


class MovingLine:
    """A line on stderr that is written anew, on a terminal only; gone when the block ends."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and not self._quiet:
            self._live = Live(console=stderr(), transient=True, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()


class Progress(MovingLine):
    """Shows a `Tally` as it grows; give `tick` to the runner."""

    def __init__(self, *, quiet: bool = False) -> None:
        super().__init__(quiet=quiet)
        self._logged_s = 0.0

    def tick(self, tally: Tally) -> None:
        """Show where the run stands."""
        if self._live is not None:
            self._live.update(progress_line(tally), refresh=True)
        elif not self._quiet and tally.seconds - self._logged_s >= LOG_EVERY_S:
            self._logged_s = tally.seconds
            stderr().print(progress_line(tally, bar=False))


def progress_line(tally: Tally, *, bar: bool = True) -> Text:
    """Trials done, verdicts, pass rate, speed, cost and time left."""
    done = tally.before + tally.written
    share = done / tally.planned if tally.planned else 1.0
    speed = tally.written / tally.seconds if tally.seconds > 0 else 0.0
    graded = tally.passed + tally.failed
    parts: list[str | tuple[str, str]] = []
    if bar:
        full = int(share * BAR)
        parts += [("━" * full, "green"), ("━" * (BAR - full), "dim"), " "]
    parts += [f"{done}/{tally.planned} trials  "]
    if graded:
        parts += [f"{tally.passed / graded:.1%} pass  "]
    if tally.failed:
        parts += [(f"{tally.failed} failed  ", "red")]
    if tally.unmeasured:
        parts += [(f"{tally.unmeasured} unmeasured  ", "yellow")]
    parts += [f"{speed:,.1f}/s  ", _cost(tally)]
    if speed and done < tally.planned:
        parts += [(f"{clock_time((tally.planned - done) / speed)} left", "dim")]
    return line(*parts)


def _cost(tally: Tally) -> str:
    if not tally.written or tally.cost_unknown == tally.written:
        return ""
    at_least = "≥ " if tally.cost_unknown else ""
    return f"{at_least}${tally.cost_usd:.2f}  "


def clock_time(seconds: float) -> str:
    """Seconds as ``0:42``, ``12:05`` or ``1:02:03``."""
    whole = int(seconds)
    minutes, rest = divmod(whole, _MINUTE)
    if whole < _HOUR:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // _MINUTE}:{minutes % _MINUTE:02d}:{rest:02d}"
