"""How often a failed call may be tried again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from roadworthy.grade.call_identity import call_identity
from roadworthy.grade.policy.check import Breach, PolicyCheck, Sight
from roadworthy.grade.policy.scene import Scene
from roadworthy.grade.policy.text_search import found_in
from roadworthy.grade.policy.tool_names import Tools, names_tool
from roadworthy.grade.regex import pattern_problem
from roadworthy.records.grader_spec import OptionProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriesCheck(PolicyCheck):
    """After a failure of `tool` with an error like `error`, at most `most` further tries of it.

    A success starts the count anew. With `unchanged`, only a try with the same arguments counts:
    another question after an error is no retry.
    """

    most: int
    tool: Tools = "*"
    error: str = ""
    unchanged: bool = False
    name: ClassVar[str] = "policy.retries"

    def problems(self) -> Iterator[OptionProblem]:
        """A count below zero, or a pattern that is none."""
        if self.most < 0:
            yield OptionProblem(place="most", message=f"is at least 0, got {self.most}")
        if (wrong := pattern_problem(self.error)) is not None:
            yield OptionProblem(place="error", message=wrong)

    def look(self, scene: Scene) -> Iterator[Sight]:
        """Count tries after a failure."""
        calls = [call for _, call in scene.calls if names_tool(self.tool, call.tool)]
        failed = [call for call in calls if call.error is not None]
        found = found_in(self.error, [call.error or "" for call in failed])
        classed = {id(call) for call, is_one in zip(failed, found, strict=True) if is_one}
        open_: dict[object, list[str]] = {}  # what is being tried, and the spans of its tries
        for call in calls:
            what = call_identity(call) if self.unchanged else call.tool
            tries = open_.get(what, [])
            if len(tries) > self.most:
                why = f"{call.tool} was tried again {len(tries)} times, at most {self.most} allowed"
                yield Breach(why, (*tries, call.span))
            if id(call) in classed:
                open_[what] = [*tries, call.span]
            elif call.error is None:
                open_.pop(what, None)
