"""Operators that make the context long, from what was really said and replied in production."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Final

import msgspec

from roadworthy.base.codec import Json, encode
from roadworthy.records.recording import RecordedCall
from roadworthy.suite.messy.additions import before
from roadworthy.suite.messy.result_form import as_mapping, free_name
from roadworthy.suite.messy.sentences import COMPETING
from roadworthy.suite.messy.tokens import estimated_tokens
from roadworthy.suite.messy.variant import Exchange, Material, Means, Messy, NotApplicable

LEAST_TURNS: Final = 40
"""Messages that `long-history` adds at least."""
LEAST_TOKENS: Final = 8_000
"""Size that `long-results` gives a result, by `estimated_tokens`."""

_EARLIER: Final = "earlier_records"  # the field that holds what was added to a result
_NO_TRACES: Final = "import traces with `roadworthy trace import FILE`, or send some"


def long_history(case: Messy, means: Means) -> Messy:
    """At least 40 messages of stored conversations before what the user says now."""
    count = round(means.by_intensity(LEAST_TURNS // 2, LEAST_TURNS, 2 * LEAST_TURNS))
    past = list(_past(means.material, count, means.rng))
    if len(past) < count:
        have = f"stored traces hold {len(past)} exchanges of user and agent, {count} are needed"
        raise NotApplicable(have, hint=_NO_TRACES)
    return _after(case, _messages(past))


def long_results(case: Messy, means: Means) -> Messy:
    """Recorded results padded to 8,000 tokens with what tools replied elsewhere."""
    if case.recording is None:
        raise NotApplicable("it has no recording whose results could grow")
    replies = [text for text in means.material.replies if text.strip()]
    if not replies:
        raise NotApplicable("stored traces hold no replies of tools", hint=_NO_TRACES)
    calls = case.recording.calls
    able = [place for place, call in enumerate(calls) if _can_grow(call)]
    if not able:
        raise NotApplicable("its recording holds no result that could grow")
    count = round(means.by_intensity(1, (len(able) + 1) // 2, len(able)))
    chosen = set(able[:count])
    longer = tuple(
        msgspec.structs.replace(call, result=_grown(call.result, replies, means.rng))
        if place in chosen
        else call
        for place, call in enumerate(calls)
    )
    return replace(case, recording=msgspec.structs.replace(case.recording, calls=longer))


def competing_instructions(case: Messy, means: Means) -> Messy:
    """An instruction of the user early on, real conversation, its end right before the request."""
    order, answer, end = means.rng.choice(COMPETING)
    count = round(means.by_intensity(2, 10, 20))
    past = [Exchange(order, answer), *_past(means.material, count, means.rng)]
    case = case.rewording(lambda text: before(text, end), only_last=True)
    return _after(case, _messages(past))


def _past(material: Material, count: int, rng: Random) -> Iterator[Exchange]:
    """`count` exchanges, or all there are, of conversations in random order, each as it went."""
    conversations = rng.sample(material.conversations, len(material.conversations))
    for conversation in conversations:
        for exchange in conversation:
            if count <= 0:
                return
            count -= 1
            yield exchange


def _messages(past: Sequence[Exchange]) -> list[Json]:
    return [
        {"role": role, "content": text}
        for exchange in past
        for role, text in (("user", exchange.asked), ("assistant", exchange.answered))
    ]


def _after(case: Messy, past: list[Json]) -> Messy:
    """`case` with `past` before its conversation, behind what the system says first."""
    match case.input:
        case str() as said:
            return case.having(input=[*past, {"role": "user", "content": said}])
        case list() as messages:
            return case.having(input=_joined(messages, past))
        case {"messages": [*messages]} if all(isinstance(one, dict) for one in messages):
            assert isinstance(case.input, dict)
            return case.having(input={**case.input, "messages": _joined(messages, past)})
        case _:
            raise NotApplicable("its input is JSON without `messages`, so it has no history")


def _joined(messages: list[Json], past: list[Json]) -> list[Json]:
    first = 0
    while first < len(messages) and _is_system(messages[first]):
        first += 1
    return [*messages[:first], *past, *messages[first:]]


def _is_system(message: Json) -> bool:
    return isinstance(message, dict) and message.get("role") == "system"


def _can_grow(call: RecordedCall) -> bool:
    return call.error is None and isinstance(call.result, str | dict | list)


def _grown(result: Json, replies: Sequence[str], rng: Random) -> Json:
    """`result` with more beside it, nothing in it changed, of at least `LEAST_TOKENS`.

    A mapping, also one that is written as text, gets one more field; a list one more item; other
    text goes on behind an empty line.
    """
    if isinstance(result, str):
        inner = as_mapping(result)
        if inner is not None:
            return encode(_grown(inner, replies, rng)).decode()
    more: list[Json] = []
    missing = LEAST_TOKENS - estimated_tokens(result)
    while missing > 0:
        for reply in rng.sample(replies, len(replies)):
            more.append(reply)
            missing -= max(1, estimated_tokens(reply))
            if missing <= 0:
                break
    match result:
        case dict():
            return {**result, free_name(_EARLIER, result): more} if more else result
        case list():
            return [*result, {_EARLIER: more}] if more else result
        case _:
            return "\n\n".join([str(result), *map(str, more)])
