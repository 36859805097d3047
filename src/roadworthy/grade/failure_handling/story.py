"""A trial as one line of steps: what was said and what the agent called, in order.

Calls stand where the conversation made them. Those that no message mentions come after the last
thing the user said, and before what the agent answered to it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from roadworthy.records.trajectory import Message, ToolCall, Trajectory
from roadworthy.records.trial import Trial

_LONGEST = 20_000  # characters of one text that are read


class Said(NamedTuple):
    """One text; `role` is ``user``, ``assistant``, ``system`` or a name of the source's own."""

    role: str
    text: str


Step: TypeAlias = Said | ToolCall


@dataclass(frozen=True, slots=True)
class Story:
    """The steps of one trial, the simulated user's own calls left out."""

    steps: tuple[Step, ...]
    calls: tuple[tuple[int, ToolCall], ...]  # the agent's, with their places

    def turn_end(self, at: int) -> int:
        """The place after step `at` where the user spoke again, or the end."""
        after = range(at + 1, len(self.steps))
        return next((n for n in after if _is_user(self.steps[n])), len(self.steps))

    def turn_after(self, at: int) -> tuple[Step, ...]:
        """What the agent did after step `at`, until the user spoke again."""
        return self.steps[at + 1 : self.turn_end(at)]

    def turn_before(self, at: int) -> tuple[Step, ...]:
        """What the agent did before step `at`, since the user had spoken."""
        before = range(at - 1, -1, -1)
        start = next((n + 1 for n in before if _is_user(self.steps[n])), 0)
        return self.steps[start:at]


def _is_user(step: Step) -> bool:
    return isinstance(step, Said) and step.role == "user"


def story_of(trial: Trial, path: Trajectory) -> Story:
    """The trial's steps; an answer that no message holds comes last."""
    steps = _placed(path)
    output = trial.output
    spoken = [step.text for step in steps if isinstance(step, Said) and step.role == "assistant"]
    if isinstance(output, str) and output.strip() and output[:_LONGEST] not in spoken:
        steps.append(Said("assistant", output[:_LONGEST]))
    calls = ((at, step) for at, step in enumerate(steps) if isinstance(step, ToolCall))
    return Story(tuple(steps), tuple(calls))


def _placed(path: Trajectory) -> list[Step]:
    calls = path.agent_calls
    by_id = {call.call_id: call for call in calls if call.call_id}
    told: set[int] = set()
    steps: list[Step] = []
    for message in path.messages:
        if message.text and message.role != "tool":
            steps.append(Said(message.role, message.text[:_LONGEST]))
        for call in _named_in(message, by_id):
            if id(call) not in told:
                told.add(id(call))
                steps.append(call)
    left = [call for call in calls if id(call) not in told]
    at = _after_last_user(steps)
    return [*steps[:at], *left, *steps[at:]]


def _named_in(message: Message, by_id: dict[str, ToolCall]) -> Iterator[ToolCall]:
    for part in message.parts:
        call_id = part.get("id")
        if part.get("type") == "tool_call" and isinstance(call_id, str) and call_id in by_id:
            yield by_id[call_id]


def _after_last_user(steps: Sequence[Step]) -> int:
    """Where calls without a place go: after the last user's text and calls that have one."""
    for at in range(len(steps), 0, -1):
        step = steps[at - 1]
        if isinstance(step, ToolCall) or step.role == "user":
            return at
    return 0
