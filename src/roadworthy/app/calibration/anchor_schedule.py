"""When anchors are judged again by themselves: every so many hours, whoever restarts the server.

The time of the last check is kept in the project's state folder and is written before judges are
asked, so that a server that dies in the middle does not ask them again and again.
"""

from typing import TYPE_CHECKING, Final

from roadworthy.app.app import App

if TYPE_CHECKING:
    from roadworthy.app.calibration.anchors import AnchorCheck

MEMORY: Final = "anchors-checked-at"
_HOUR_S: Final = 3600.0


def is_due(app: App) -> bool:
    """Whether the project asks for checks, has anchors, and the last check is long enough ago."""
    every_h = app.settings.judging.check_every_h
    if every_h is None:
        return False
    last = _last(app)
    if last is not None and app.clock().timestamp() - last < every_h * _HOUR_S:
        return False
    from roadworthy.app.calibration.anchors_file import anchor_sets  # noqa: PLC0415 - read seldom

    return bool(anchor_sets(app.project))


async def check_due(app: App) -> "list[AnchorCheck]":
    """Check every set if that is due; an empty list when it is not.

    Raises:
        BadFile: an anchor file is broken.
        OSError: the time of the check cannot be kept; then nobody was asked.
    """
    if not is_due(app):
        return []
    from roadworthy.app.calibration.anchors import check_all  # noqa: PLC0415 - 0.3 s, seldom used

    path = app.state_folder() / MEMORY
    path.write_text(f"{app.clock().timestamp()!r}\n", encoding="utf-8")
    return await check_all(app)


def _last(app: App) -> float | None:
    """Seconds since 1970, UTC; `None`: never, or what was kept cannot be read."""
    try:
        return float((app.state_folder() / MEMORY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
