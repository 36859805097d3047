"""The trial that a probe looks after, and where the agent worked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from roadworthy.base.codec import Json
from roadworthy.records.trial import Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where the agent worked: the same for every trial of a run."""

    folder: Path
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The trial that has just ended."""

    run: str
    case: str
    repeat: int
    trace_id: str
    ending: Ending
    input: Json = None
    output: Json = None
    stop: str | None = None
    error: str | None = None

    @property
    def placeholders(self) -> dict[str, str]:
        """What may stand in braces, as text."""
        return {
            "run": self.run,
            "case": self.case,
            "repeat": str(self.repeat),
            "trace_id": self.trace_id,
        }

    @property
    def bindings(self) -> dict[str, Json]:
        """What a query may bind by name."""
        return {
            "run": self.run,
            "case": self.case,
            "repeat": self.repeat,
            "trace_id": self.trace_id,
        }

    @property
    def as_mapping(self) -> dict[str, Json]:
        """What a check in Python is given."""
        return {
            **self.bindings,
            "ending": self.ending.value,
            "input": self.input,
            "output": self.output,
            "stop": self.stop,
            "error": self.error,
        }
