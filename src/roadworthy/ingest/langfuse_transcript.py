"""The conversation of a Langfuse trace, which no observation need hold as a whole.

Some frameworks hand each model call everything said so far; others record only what is new, or
keep the conversation on the agent's own step. The longest record that holds an answer for every
model call is taken; where there is none, the conversation is put together from what the model
calls saw and said and the tools returned, in the order of time. Calls whose reply stands in no
message get the one that their tool's observation holds.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Sequence

from roadworthy.base.codec import canonical
from roadworthy.ingest.langfuse_io import Object, parts_of
from roadworthy.ingest.langfuse_observation import Observation
from roadworthy.ingest.vocabulary.parts import reply_part


def transcript(observations: Sequence[Observation]) -> list[Object]:
    """Every message in order; `observations` are in the order in which they began."""
    chats = [seen for seen in observations if seen.step == "chat"]
    wanted = sum(_answers(chat.answered) for chat in chats)
    told = [(seen, _record(seen)) for seen in observations]
    whole = [(seen, record) for seen, record in told if record and _answers(record) >= wanted]
    if whole:
        best = max(whole, key=lambda one: (len(one[1]), one[0].step == "chat", one[0].start_ns))
        messages = best[1]
    else:
        messages = _woven(observations)
    return _with_replies(messages, [seen for seen in observations if seen.step == "tool"])


def asked_first(observations: Sequence[Observation]) -> str:
    """What the user asked, as the outermost steps were asked it; empty where none says.

    Frameworks put words of their own before it, some of them under the user's role.
    """
    outermost = (seen for seen in observations if seen.wire.parentObservationId is None)
    asked = (message for seen in outermost for message in seen.asked)
    texts = (
        part.get("content")
        for message in asked
        if message.get("role") == "user"
        for part in parts_of(message)
        if part.get("type") == "text"
    )
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


def _answers(messages: Sequence[Object]) -> int:
    return sum(message.get("role") == "assistant" for message in messages)


def _record(seen: Observation) -> list[Object]:
    """What went in, then what came out; a state that came out may hold what went in."""
    asked, answered = seen.asked, seen.answered
    if asked and [_key(m) for m in answered[: len(asked)]] == [_key(m) for m in asked]:
        return answered
    return [*asked, *answered]


def _woven(observations: Sequence[Observation]) -> list[Object]:
    """What each step adds. A message that was said before is not said again."""
    messages: list[Object] = []
    seen: set[bytes] = set()
    for step in sorted(observations, key=_rank):
        is_chat = step.step == "chat"
        if is_chat or step.wire.parentObservationId is None:
            asked = [m for m in step.asked if not is_chat or m.get("role") != "tool"]
            new = [message for message in asked if _key(message) not in seen]
            new += step.answered if is_chat else []
            messages += new
            seen.update(_key(message) for message in new)
    return messages


def _rank(step: Observation) -> tuple[bool, int]:
    """What the whole was asked comes first; clocks of parent and child may differ a little."""
    return step.wire.parentObservationId is not None, step.start_ns


def _key(message: Object) -> bytes:
    """Equal for the same thing said by the same side."""
    said = [
        [part.get("type"), part.get("content"), part.get("name"), part.get("id")]
        for part in parts_of(message)
    ]
    return canonical([message.get("role"), said])


def _with_replies(messages: Sequence[Object], tools: Sequence[Observation]) -> list[Object]:
    """`messages` with a reply behind every call that a tool's observation answers."""
    replied = Counter(
        str(part.get("id"))
        for message in messages
        for part in parts_of(message)
        if part.get("type") == "tool_call_response"
    )
    waiting = _Waiting(tools)
    whole: list[Object] = []
    held: list[Object] = []  # replies to put in before the next message that is no reply
    for message in messages:
        if message.get("role") != "tool":
            whole += held
            held = []
        whole.append(message)
        for call in parts_of(message):
            if call.get("type") != "tool_call":
                continue
            made = waiting.take(call)
            name = str(call.get("id") or call.get("name"))
            if replied[name]:
                replied[name] -= 1
            elif made is not None:
                reply = reply_part(call.get("id") or made.call_id, made.result)
                held.append({"role": "tool", "parts": [reply]})
    return [*whole, *held]


class _Waiting:
    """Tools' observations that no call has been found for yet; each is taken once."""

    def __init__(self, tools: Sequence[Observation]) -> None:
        self._by_id: defaultdict[str, deque[Observation]] = defaultdict(deque)
        self._by_name: defaultdict[str, deque[Observation]] = defaultdict(deque)
        self._unnumbered: defaultdict[str, deque[Observation]] = defaultdict(deque)
        self._taken: set[int] = set()
        for seen in tools:
            self._by_name[seen.tool].append(seen)
            if seen.call_id:
                self._by_id[seen.call_id].append(seen)
            else:
                self._unnumbered[seen.tool].append(seen)

    def take(self, call: Object) -> Observation | None:
        """The observation of `call`, by its id or else the oldest of its tool.

        Where both have an id, only that decides.
        """
        name, call_id = str(call.get("name")), call.get("id")
        if not isinstance(call_id, str) or not call_id:
            return self._oldest(self._by_name[name])
        return self._oldest(self._by_id[call_id]) or self._oldest(self._unnumbered[name])

    def _oldest(self, queue: deque[Observation]) -> Observation | None:
        while queue:
            seen = queue.popleft()
            if id(seen) not in self._taken:
                self._taken.add(id(seen))
                return seen
        return None
