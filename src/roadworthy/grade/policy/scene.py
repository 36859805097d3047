"""What a policy check looks at: a trial's messages and calls in one order, each with its span.

Where their order is not known, `told` is false and only the calls are there, so that no check can
mistake "we do not know when it was said" for "it was not said".
"""

from bisect import bisect_left
from functools import cached_property

from roadworthy.base.codec import Json, canonical
from roadworthy.grade.policy.events import Called, Event, Said, message_spans, told_events
from roadworthy.grade.policy.json_path import values_at
from roadworthy.grade.policy.text_search import found_in
from roadworthy.grade.policy.tool_names import Tools, names_tool
from roadworthy.records.span import Span, SpanId
from roadworthy.records.trace import Trace
from roadworthy.records.trajectory import ToolCall, Trajectory
from roadworthy.records.trial import Trial


class Scene:
    """One trial with a trace, read once and looked at by any number of checks."""

    def __init__(self, trial: Trial, trace: Trace) -> None:
        self.trial = trial
        self.trace = trace
        self.path: Trajectory = trace.trajectory
        self._alike: dict[
            tuple[Tools, tuple[str, ...]], dict[bytes, list[tuple[int, ToolCall]]]
        ] = {}
        self._found: dict[tuple[str, str], list[tuple[int, Said]]] = {}

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Messages with text and calls, in order; calls alone where their order is not told."""
        return self._told if self._told is not None else self._calls_alone

    @property
    def told(self) -> bool:
        """Whether it is known which messages stand before which calls."""
        return self._told is not None

    @cached_property
    def calls(self) -> tuple[tuple[int, ToolCall], ...]:
        """The agent's calls, each with its place among the events."""
        return tuple(
            (place, event.call)
            for place, event in enumerate(self.events)
            if isinstance(event, Called) and event.call.requestor == "agent"
        )

    @cached_property
    def said(self) -> tuple[tuple[int, Said], ...]:
        """Messages with their places; empty where nothing was told."""
        return tuple(
            (place, event) for place, event in enumerate(self.events) if isinstance(event, Said)
        )

    def spoken(self, role: str, since: int = 0, until: int | None = None) -> list[tuple[int, Said]]:
        """Messages of `role` with text, from one place up to another."""
        of_role = self._spoken.get(role, [])
        first = bisect_left(of_role, since, key=_place)
        last = len(of_role) if until is None else bisect_left(of_role, until, key=_place)
        return of_role[first:last]

    def alike(
        self, tools: Tools, names: tuple[str, ...], call: ToolCall
    ) -> list[tuple[int, ToolCall]]:
        """The agent's calls of `tools` that say under `names` what `call` says, in order.

        What a call has no argument for is taken from its result.
        """
        key = (tools, names)
        if key not in self._alike:
            index: dict[bytes, list[tuple[int, ToolCall]]] = {}
            for place, one in self.calls:
                if names_tool(tools, one.tool) and (said := _said_under(names, one, one.result)):
                    index.setdefault(said, []).append((place, one))
            self._alike[key] = index
        wanted = _said_under(names, call, None)
        return [] if wanted is None else self._alike[key].get(wanted, [])

    def saying(self, pattern: str, role: str) -> list[tuple[int, Said]]:
        """Messages of `role` in which `pattern` is found; searched once, however often asked."""
        key = (pattern, role)
        if key not in self._found:
            said = self.spoken(role)
            found = found_in(pattern, [one.text for _, one in said])
            self._found[key] = [pair for pair, is_one in zip(said, found, strict=True) if is_one]
        return self._found[key]

    def messages(self, role: str) -> list[Said]:
        """Messages of `role` with text, whether or not calls can be placed among them."""
        if self.told:
            return [said for _, said in self.spoken(role)]
        spans = message_spans(self.trace.spans, self.path.messages)
        return [
            Said(message.role, message.text, span)
            for message, span in zip(self.path.messages, spans, strict=True)
            if message.role == role and message.text
        ]

    @cached_property
    def last_span(self) -> SpanId:
        """The span that wrote the last answer; the first of the trace where none is known to."""
        answers = self.messages("assistant")
        return answers[-1].span if answers else self.trace.spans[0].id

    def place_of(self, span: Span) -> int:
        """How many events stand before `span`, by the calls that began before it."""
        starts = {one.id: one.start_ns for one in self.trace.spans}
        before = [place for place, call in self.calls if starts[call.span] < span.start_ns]
        return before[-1] if before else -1

    def attribute(self, name: str) -> Json:
        """What the trace says under `name`: of the whole, or on a root span; `None`: nothing."""
        if name == "session" and self.trace.session is not None:
            return self.trace.session
        if name in self.trace.attributes:
            return self.trace.attributes[name]
        for span in self.trace.spans:
            if span.parent_id is None and name in span.attributes:
                return span.attributes[name]
        return None

    @cached_property
    def _spoken(self) -> dict[str, list[tuple[int, Said]]]:
        by_role: dict[str, list[tuple[int, Said]]] = {}
        for place, said in self.said:
            if said.text:
                by_role.setdefault(said.role, []).append((place, said))
        return by_role

    @cached_property
    def _calls_alone(self) -> tuple[Event, ...]:
        return tuple(Called(call) for call in self.path.calls)

    @cached_property
    def _told(self) -> tuple[Event, ...] | None:
        return told_events(self.trace)


def _place(pair: tuple[int, Said]) -> int:
    return pair[0]


def _said_under(names: tuple[str, ...], call: ToolCall, otherwise: Json) -> bytes | None:
    """Equal for calls that say the same under all `names`; `None` when one says nothing."""
    said: list[Json] = []
    for name in names:
        values = values_at(call.arguments, name) or values_at(otherwise, name)
        if not values:
            return None
        said.append(values)
    try:
        return canonical(said)
    except (RecursionError, ValueError, TypeError, OverflowError):
        return None
