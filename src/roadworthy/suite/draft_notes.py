"""Comments in a drafted case: what to edit, what was found, what was answered."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from roadworthy.base.codec import encode
from roadworthy.records.finding import Finding
from roadworthy.records.trace import Trace

_CONTROL_TOKEN: Final = re.compile(r"###[A-Z][A-Z_ -]*###")
_MAX_ANSWER: Final = 600
_HEAD: Final = (
    "Drafted from a trace. While its kind is candidate it gates nothing. What to do:",
    "1. Read it through: is anything private left?",
    "2. Say under `expect` what is right; remove what does not matter.",
    "3. `roadworthy case verify`: red on the version that failed, green on the fix.",
)


def without_control(text: str) -> str:
    """Without the marks by which simulated users end a conversation, such as ``###STOP###``."""
    return _CONTROL_TOKEN.sub("", text).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftNotes:
    """What a person should know of a trace; everything it said goes through `hide`."""

    trace: Trace
    findings: Sequence[Finding]
    hide: Callable[[str], str]

    def comments(self, *, why_expected: str, unseen: int) -> dict[str, list[str]]:
        """Comment lines by the top-level key above which they stand; ``""`` opens the file."""
        noted = [f"Found: {self.hide(f'{one.kind}: {one.why}')}" for one in self.findings]
        gaps = self.trace.trajectory.gaps
        if gaps.is_partial:
            noted += [f"The conversation is partial. {gap}" for gap in gaps.in_words]
        if unseen:
            calls = "1 call" if unseen == 1 else f"{unseen} calls"
            noted.append(f"Not recorded: {calls} whose reply the trace lacks.")
        notes = {
            "": [*_HEAD, "", *noted] if noted else [*_HEAD],
            "expect": [*self._on_answer(), why_expected],
        }
        if self._has_other_parts():
            notes["input"] = ["Parts of the messages that are not text were left out."]
        return notes

    def _on_answer(self) -> list[str]:
        answer = self.trace.trajectory.final_answer
        if answer is None:
            return []
        quoted = encode(_shortened(self.hide(without_control(answer)))).decode()
        success = None if self.trace.outcome is None else self.trace.outcome.success
        if success:
            return [
                "The answer passed in production. To expect one like it:",
                "output:",
                f"  - similarity: {{text: {quoted}, at_least: 0.8}}",
            ]
        failed = "The answer that failed was"
        open_ = "The answer was (nobody said whether it was right)"
        return [
            "What must a right answer say? For example:",
            "output:",
            "  - contains: ...",
            f"{failed if success is False else open_}: {quoted}",
        ]

    def _has_other_parts(self) -> bool:
        users = self.trace.trajectory.user_messages
        kinds = {part.get("type") for message in users for part in message.parts}
        return bool(kinds - {"text", "tool_call", "tool_call_response"})


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_ANSWER else text[: _MAX_ANSWER - 1] + "…"
