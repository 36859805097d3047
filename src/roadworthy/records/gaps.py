"""What the conversation of a trace is known to lack, in numbers and in words."""

from collections.abc import Iterator

from roadworthy.records.record import Record


class Gaps(Record, frozen=True, kw_only=True):
    """What is not among a trajectory's messages. All 0 and false: nothing is known to lack."""

    model_calls_untold: int = 0  # that do not say what they were sent
    ends_unsaid: bool = False  # the last model call does not say what it answered
    messages_dropped: int = 0  # left out where the conversation was recorded
    model_calls_elsewhere: int = 0  # of other agents or prompts, with conversations of their own

    @property
    def is_partial(self) -> bool:
        """Whether the conversation itself lacks something; other agents' stand beside it."""
        return bool(self.model_calls_untold or self.ends_unsaid or self.messages_dropped)

    @property
    def in_words(self) -> tuple[str, ...]:
        """A sentence for each gap."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.model_calls_untold:
            calls = _counted(self.model_calls_untold, "model call does", "model calls do")
            yield f"{calls} not say what was sent: messages may be missing here."
        if self.ends_unsaid:
            yield "The last model call does not say what it answered."
        if self.messages_dropped:
            dropped = _counted(self.messages_dropped, "message was", "messages were")
            yield f"{dropped} left out when this was recorded."
        if self.model_calls_elsewhere:
            calls = _counted(self.model_calls_elsewhere, "model call belongs", "model calls belong")
            yield f"{calls} to another agent or prompt: what was said there stands on the spans."


def _counted(count: int, one: str, several: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {several}"
