"""Paths that a probe may look at: those within one folder, wherever links lead."""

from pathlib import Path

from roadworthy.records.probe_spec import filled
from roadworthy.world.probes.cannot_look import CannotLook
from roadworthy.world.probes.subject import Subject


def confined(folder: Path, root: str | None, written: str, subject: Subject) -> Path:
    """The path `written`, filled in, within `root` (from `folder`).

    A value that is filled in is one part of a path: it can neither hold a slash nor lead up.

    Raises:
        CannotLook: it leads out of the folder, or is no path.
    """
    values = subject.placeholders
    for name, value in values.items():
        if f"{{{name}}}" in written and not _is_one_part(value):
            raise CannotLook(f"the trial's {name} cannot be part of a path: {value!r}")
    base = folder if root is None else folder / root
    try:
        base = base.resolve()
        path = (base / filled(written, values)).resolve()
    except (OSError, ValueError, RuntimeError):
        raise CannotLook(f"{written!r} is not a path") from None
    if not path.is_relative_to(base):
        raise CannotLook(f"{written!r} leads out of {'the target' if root is None else root!r}")
    return path


def _is_one_part(value: str) -> bool:
    return not any(sign in value for sign in ("/", "\\", "\0")) and value not in ("", ".", "..")
