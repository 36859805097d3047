"""Conversations as scripts, and the reading of one check on one of them."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from roadworthy.base.codec import Json
from roadworthy.grade.policy.apply import apply
from roadworthy.grade.registry import check_grader
from roadworthy.ingest.chat import Chat, chat_spans
from roadworthy.ingest.turn import Call, Turn
from roadworthy.records.grader_spec import GraderSpec
from roadworthy.records.reading import Reading
from roadworthy.records.trace import Trace
from roadworthy.records.trial import Trial
from roadworthy.testing import a_trial

Line: TypeAlias = tuple[Any, ...]
"""("user", text) · ("agent", text) · (tool, arguments, result) · (tool, arguments, None, error)"""


def turns(script: tuple[Line, ...]) -> list[Turn]:
    made: list[Turn] = []
    for number, line in enumerate(script):
        if len(line) == 2:
            role = "assistant" if line[0] == "agent" else line[0]
            made.append(Turn(role=role, content=line[1]))
            continue
        tool, arguments, result, *failed = line
        call = Call(tool=tool, arguments=arguments, id=f"call-{number}")
        made.append(Turn(role="assistant", calls=(call,)))
        error = failed[0] if failed else None
        made.append(
            Turn(
                role="tool",
                content=result if error is None else error,
                is_reply=True,
                reply_to=call.id,
                error=error,
            )
        )
    return made


def told_trial(*script: Line, **said: Json) -> Trial:
    """A trial of this conversation; `said` is what the trace says of itself."""
    conversation = turns(script)
    trace = Trace(
        id="a" * 32,
        spans=chat_spans(Chat(trace_id="a" * 32, turns=tuple(conversation))),
        source="test",
        timed=False,
        attributes=said,
    )
    blank = a_trial(calls=None, output=trace.trajectory.final_answer)
    return Trial(
        run=blank.run,
        case=blank.case,
        case_digest=blank.case_digest,
        repeat=0,
        ending=blank.ending,
        started_at=blank.started_at,
        duration_s=blank.duration_s,
        output=blank.output,
        trace_id=trace.id,
        trace=trace,
    )


def read_check(check: str, options: Json, trial: Trial, **facts: Json) -> Reading:
    name = f"policy.{check}"
    full = check_grader(name, options)
    if facts:
        full = {**full, "facts": facts}
    (entry,) = asyncio.run(apply([GraderSpec(grader=name, options=full)], trial))
    return entry.reading


@pytest.fixture
def told() -> Callable[..., Trial]:
    return told_trial


@pytest.fixture
def read() -> Callable[..., Reading]:
    return read_check
