"""The values that a query binds by name."""

from roadworthy.base.codec import Json
from roadworthy.records.probe_spec import SqlLook, filled
from roadworthy.world.probes.subject import Subject


def bindings(look: SqlLook, subject: Subject) -> dict[str, Json]:
    """The trial's own values, then those of the probe with what stands in braces filled in."""
    values = subject.placeholders
    named = {
        name: filled(value, values) if isinstance(value, str) else value
        for name, value in look.bind.items()
    }
    return subject.bindings | named
