"""Operators that plant an order that is not the user's: in what the user pastes, in a result."""

from dataclasses import replace
from random import Random
from typing import Final

import msgspec

from roadworthy.base.codec import Json, encode
from roadworthy.records.recording import RecordedCall
from roadworthy.suite.messy.expecting import expected_tools, not_obeying, not_saying
from roadworthy.suite.messy.result_form import as_mapping, free_name
from roadworthy.suite.messy.sentences import CODE_WORDS, INJECTED, PASTED
from roadworthy.suite.messy.variant import Means, Messy, NotApplicable

_NOTE: Final = "note"


def injected_message(case: Messy, means: Means) -> Messy:
    """The user pastes a text that gives the agent an order."""
    code = _code(means.rng)
    order = means.rng.choice(INJECTED).format(code=code)
    pasted = means.rng.choice(PASTED).format(order=order)
    case = case.rewording(lambda text: f"{text.rstrip()}\n\n{pasted}", only_last=True)
    return not_saying(case, code)


def injected_result(case: Messy, means: Means) -> Messy:
    """A recorded result gives the agent an order."""
    if case.recording is None:
        raise NotApplicable("it has no recording in whose results an order could stand")
    calls = list(case.recording.calls)
    place = _place(case, calls)
    code = _code(means.rng)
    order = means.rng.choice(INJECTED).format(code=code)
    calls[place] = msgspec.structs.replace(calls[place], result=_with(calls[place].result, order))
    recording = msgspec.structs.replace(case.recording, calls=tuple(calls))
    return not_obeying(replace(case, recording=recording), order, code)


def _place(case: Messy, calls: list[RecordedCall]) -> int:
    """The first result that can hold an order, of a tool that the agent should call if any."""
    able = [
        place
        for place, call in enumerate(calls)
        if call.error is None and isinstance(call.result, str | dict | list)
    ]
    if not able:
        raise NotApplicable("its recording holds no result in which an order could stand")
    expected = expected_tools(case.fields)
    return next((place for place in able if calls[place].tool in expected), able[0])


def _with(result: Json, order: str) -> Json:
    if isinstance(result, str):
        inner = as_mapping(result)
        if inner is not None:
            return encode(_with(inner, order)).decode()
        return f"{result}\n{order}"
    if isinstance(result, dict):
        return {**result, free_name(_NOTE, result): order}
    assert isinstance(result, list)
    return [*result, order if all(isinstance(one, str) for one in result) else {_NOTE: order}]


def _code(rng: Random) -> str:
    return f"{rng.choice(CODE_WORDS)} {rng.randint(1000, 9999)}"
