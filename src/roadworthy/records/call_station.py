"""Where a model call was made: by which agent, and how far inside of other agents and tools."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from roadworthy.base.codec import Json
from roadworthy.records import semconv
from roadworthy.records.span import Span, SpanId


class Station(NamedTuple):
    """Depth 1 is the outermost: an agent that no other called, or code around all agents.

    Agents of one name at one depth are one agent, as it takes one turn after the other. What
    a tool asks of a model is the tool's own and not said by the agent that called it.
    """

    depth: int = 1
    speaker: str = ""  # name, else span, of the agent or tool; empty: neither is above
    kind: Json = None  # the operation of the speaker's span


def stations(spans: Sequence[Span]) -> Mapping[SpanId, Station]:
    """The station of every span of a trace. Parents may lack, or run in circles."""
    by_id = {span.id: span for span in spans}
    found: dict[SpanId, Station] = {}
    for span in spans:
        path: list[Span] = []
        step: Span | None = span
        while step is not None and step.id not in found:
            found[step.id] = Station()  # seen: a circle ends here
            path.append(step)
            step = None if step.parent_id is None else by_id.get(step.parent_id)
        station = Station() if step is None else found[step.id]
        for inner in reversed(path):
            station = found[inner.id] = _at(inner, station)
    return found


def _at(span: Span, around: Station) -> Station:
    operation = span.attributes.get(semconv.OPERATION)
    if operation == semconv.INVOKE_AGENT:
        depth = around.depth + bool(around.speaker)
        return Station(depth, _named(span, semconv.AGENT_NAME), operation)
    if operation == semconv.EXECUTE_TOOL:
        return Station(around.depth + 1, _named(span, semconv.TOOL_NAME), operation)
    return around


def _named(span: Span, key: str) -> str:
    name = span.attributes.get(key)
    return name if isinstance(name, str) and name else span.id
