"""Bounds on what the agent may pass to a tool."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from roadworthy.base.codec import Json
from roadworthy.grade.policy.check import Breach, Gap, PolicyCheck, Sight
from roadworthy.grade.policy.scene import Scene
from roadworthy.grade.policy.terms import hold, term_problems, unmet
from roadworthy.grade.policy.tool_names import Tools, names_tool
from roadworthy.records.grader_spec import OptionProblem
from roadworthy.records.trajectory import ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentsCheck(PolicyCheck):
    """Every call of `tool` whose arguments meet `where` must meet `must`.

    An attempt counts, whether or not the tool refused it; `succeeded` looks at those alone that
    went through.
    """

    tool: Tools
    must: dict[str, Json]
    where: dict[str, Json] = field(default_factory=dict)
    succeeded: bool = False
    name: ClassVar[str] = "policy.arguments"

    def problems(self) -> Iterator[OptionProblem]:
        """Terms that cannot be read, or none."""
        if not self.must:
            yield OptionProblem(place="must", message="asks for nothing")
        yield from term_problems(self.must, "must")
        yield from term_problems(self.where, "where")

    def look(self, scene: Scene) -> Iterator[Sight]:
        """Hold each call's arguments against the terms."""
        for place, call in scene.calls:
            if names_tool(self.tool, call.tool) and not (self.succeeded and call.error):
                yield from self._sights(scene, place, call)

    def _sights(self, scene: Scene, place: int, call: ToolCall) -> Iterator[Sight]:
        at = self.at(scene, place)
        concerned = hold(self.where, call.arguments, at, absent=False)
        if concerned is False:
            return
        missed = unmet(self.must, call.arguments, at, absent=False)
        if concerned is None:
            yield Gap(f"{call.tool}: whether the rule is for this call is not known", (call.span,))
        elif missed is not None:
            kind = Gap if missed.truth is None else Breach
            yield kind(f"{call.tool}: {missed.why}", (call.span,))
