"""Model calls, each once, although two libraries may have traced one call.

A framework and the client library below it each write a span for the same call, one inside the
other; messages that were logged beside a call stand on a span of their own inside it. What an
agent or a tool inside a call asks of a model is another call.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from roadworthy.base.codec import Json
from roadworthy.records import semconv
from roadworthy.records.span import Span, SpanId

_APART = (semconv.INVOKE_AGENT, semconv.EXECUTE_TOOL)
_MESSAGES = (semconv.INPUT_MESSAGES, semconv.OUTPUT_MESSAGES)


def model_calls(chats: Sequence[Span], spans: Sequence[Span]) -> list[Span]:
    """The innermost of `chats`, in their order; `spans` are all of the trace.

    Where one call stands alone inside another, it takes over what only the outer one says.
    """
    chats = _with_logged(chats)
    above = _nearest_above(chats, spans)
    within = Counter(above.values())
    outer = {chat.id: chat for chat in chats}
    calls = []
    for chat in chats:
        if chat.id in within:
            continue
        attributes, upper = chat.attributes, above.get(chat.id)
        while upper is not None and within[upper] == 1:
            attributes = _taken_over(attributes, outer[upper].attributes)
            upper = above.get(upper)
        calls.append(
            chat if attributes is chat.attributes else replace(chat, attributes=attributes)
        )
    return calls


def _taken_over(inner: Mapping[str, Json], outer: Mapping[str, Json]) -> dict[str, Json]:
    """What `inner` says, and of what `outer` says the rest; an empty list of messages is none."""
    said = {name: value for name, value in inner.items() if value or name not in _MESSAGES}
    return {**outer, **said}


def _with_logged(chats: Sequence[Span]) -> list[Span]:
    """`chats` with the messages that were logged for them, without the spans that hold these."""
    known = {chat.id: chat for chat in chats}
    kept: dict[SpanId, Span] = {}
    for chat in chats:
        called = chat.attributes.get(semconv.LOGGED_FOR)
        if isinstance(called, str) and called in known:
            call = kept.get(called, known[called])
            kept[called] = replace(call, attributes=_joined(call.attributes, chat.attributes))
        else:
            kept.setdefault(chat.id, chat)
    return [kept[chat.id] for chat in chats if chat.id in kept]


def _joined(call: Mapping[str, Json], logged: Mapping[str, Json]) -> dict[str, Json]:
    joined = {**logged, **call}
    for name in _MESSAGES:
        before, after = call.get(name), logged.get(name)
        if isinstance(before, list) and isinstance(after, list):
            joined[name] = [*before, *after]
    return joined


def _nearest_above(chats: Sequence[Span], spans: Sequence[Span]) -> dict[SpanId, SpanId]:
    """For each of `chats` inside another, the nearest one. Parents may run in circles."""
    parents = {
        span.id: None if span.attributes.get(semconv.OPERATION) in _APART else span.parent_id
        for span in spans
    }
    nearest: dict[SpanId, SpanId | None] = {chat.id: chat.id for chat in chats}
    above: dict[SpanId, SpanId] = {}
    for chat in chats:
        path: list[SpanId] = []
        step = chat.parent_id
        while step is not None and step not in nearest:
            nearest[step] = None  # seen: a circle ends here
            path.append(step)
            step = parents.get(step)
        found = None if step is None else nearest[step]
        nearest.update(dict.fromkeys(path, found))
        if found is not None and found != chat.id:
            above[chat.id] = found
    _open_circles(above)
    return above


def _open_circles(above: dict[SpanId, SpanId]) -> None:
    """Take one call out of each circle, which then is the outermost."""
    seen: set[SpanId] = set()
    for chat in list(above):
        path: set[SpanId] = set()
        step = chat
        while step in above and step not in seen:
            seen.add(step)
            path.add(step)
            step = above[step]
        if step in path:
            del above[step]
