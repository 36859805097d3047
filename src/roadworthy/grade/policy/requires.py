"""What must stand before a call: another call, its result, something said."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from roadworthy.grade.policy.check import Breach, Gap, PolicyCheck, Sight
from roadworthy.grade.policy.condition import Condition, Window, answered, turning_points
from roadworthy.grade.policy.scene import Scene
from roadworthy.grade.policy.tool_names import Tools, names_tool
from roadworthy.records.grader_spec import OptionProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiresCheck(PolicyCheck):
    """Before a call of one of the tools `before`, for which `where` holds, `require` must hold.

    Calls that failed changed nothing and are let be, unless `attempts` is true. `reason` is what a
    breach is called.
    """

    before: Tools
    require: Condition
    where: Condition | None = None
    attempts: bool = False
    reason: str = "what the policy asks for first is not there"
    name: ClassVar[str] = "policy.requires"

    def problems(self) -> Iterator[OptionProblem]:
        """Conditions that cannot be read."""
        yield from self.require.problems("require")
        if self.where is not None:
            yield from self.where.problems("where")

    def look(self, scene: Scene) -> Iterator[Sight]:
        """Hold what stood before each call against the condition."""
        for place, call in scene.calls:
            if not names_tool(self.before, call.tool) or (call.error and not self.attempts):
                continue
            window = Window(scene=scene, facts=self.facts, until=place, call=call)
            concerned = True if self.where is None else answered(self.where, window).truth
            answer = answered(self.require, window)
            spans = (*dict.fromkeys(answer.spans), call.span)
            if concerned is False or answer.truth is True:
                continue
            if concerned is None or answer.truth is None:
                yield Gap(f"{call.tool}: it cannot be told whether {self.reason}", spans)
            else:
                yield Breach(f"{call.tool}: {self.reason}", spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationCheck(PolicyCheck):
    """Once `when` holds, `must` has to follow before the end: a tool is called, a phrase is said.

    `within_calls`: among so many of the agent's next calls, and what is said until then.
    """

    when: Condition
    must: Condition
    within_calls: int | None = None
    reason: str = "what the policy asks for then did not follow"
    name: ClassVar[str] = "policy.escalation"

    def problems(self) -> Iterator[OptionProblem]:
        """Conditions that cannot be read."""
        yield from self.when.problems("when")
        yield from self.must.problems("must")
        if self.within_calls is not None and self.within_calls < 1:
            message = f"is at least 1, got {self.within_calls}"
            yield OptionProblem(place="within_calls", message=message)

    def look(self, scene: Scene) -> Iterator[Sight]:
        """Find the first moment at which the condition holds, then what follows it."""
        unknown = False
        for place in turning_points(self.when, scene):
            risk = answered(self.when, Window(scene=scene, facts=self.facts, until=place))
            if risk.truth is True:
                yield from self._after(scene, place, risk.spans)
                return
            unknown = unknown or risk.truth is None
        if unknown:
            yield Gap("it cannot be told whether the risk was there")

    def _after(self, scene: Scene, place: int, spans: tuple[str, ...]) -> Iterator[Sight]:
        until = len(scene.events)
        following = [at for at, _ in scene.calls if at >= place]
        if self.within_calls is not None and len(following) > self.within_calls:
            until = following[self.within_calls]
        window = Window(scene=scene, facts=self.facts, since=place, until=until)
        answer = answered(self.must, window)
        if answer.truth is None:
            yield Gap(f"it cannot be told whether {self.reason}", spans)
        elif answer.truth is False:
            yield Breach(self.reason, spans or (scene.trace.spans[0].id,))
