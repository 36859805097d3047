"""How many calls one message of the agent may make, and whether it may talk meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from roadworthy.grade.policy.check import Breach, Gap, PolicyCheck, Sight
from roadworthy.grade.policy.scene import Scene
from roadworthy.records.grader_spec import OptionProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsCheck(PolicyCheck):
    """A message makes at most `max_calls` calls and, with `apart`, has no text beside a call."""

    max_calls: int | None = None
    apart: bool = False
    name: ClassVar[str] = "policy.turns"

    def problems(self) -> Iterator[OptionProblem]:
        """Neither rule is set, or a count below one."""
        if self.max_calls is None and not self.apart:
            yield OptionProblem(place="", message="sets no rule", hint="known: max_calls, apart")
        if self.max_calls is not None and self.max_calls < 1:
            message = f"is at least 1, got {self.max_calls}"
            yield OptionProblem(place="max_calls", message=message)

    def look(self, scene: Scene) -> Iterator[Sight]:
        """Look at each message of the agent."""
        said = [one for _, one in scene.said if one.role == "assistant"]
        if scene.calls and not any(one.calls for one in said):
            yield Gap("the trace does not tell which message made which call")
        for one in said:
            if self.max_calls is not None and one.calls > self.max_calls:
                why = f"one message made {one.calls} calls, at most {self.max_calls} allowed"
                yield Breach(why, (one.span,))
            if self.apart and one.calls and one.text.strip():
                yield Breach("a message talks to the user and calls a tool", (one.span,))
