"""SWE-agent trajectories (``.traj``): the history of its chat, and what each action gave.

Newer files make real tool calls. Older ones put a command into the message and get its output
as the next user message; these become calls of ``bash`` with the command, and its reply, as
newer versions of the same agent write it. Whether a submission solved the issue is decided
elsewhere: these traces have no outcome.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

import msgspec

from roadworthy.base.codec import Json, canonical
from roadworthy.base.ids import hex_digest
from roadworthy.ingest import trace_attributes as names
from roadworthy.ingest.chat import Chat, chat_spans
from roadworthy.ingest.head import read_head
from roadworthy.ingest.importer import Imported, Item
from roadworthy.ingest.json_records import json_records
from roadworthy.ingest.source import fit, read_each
from roadworthy.ingest.turn import Call, Turn, WireCall, WireMessage, WireUsage, read_turn
from roadworthy.records.trace import Trace
from roadworthy.records.usage import Usage

SUBMISSION: Final = "roadworthy.submission"
"""What the agent handed in: a patch, or a flag."""
ENVIRONMENT: Final = "roadworthy.environment"
_COMMAND_TOOL: Final = "bash"


class _Message(msgspec.Struct, frozen=True):
    role: str
    content: Json = None
    agent: str | None = None
    action: str | None = None
    is_demo: bool | None = None
    tool_calls: list[WireCall] | None = None
    tool_call_ids: list[str] | None = None


class _Step(msgspec.Struct, frozen=True):
    action: str | None = None
    observation: str | None = None


class _Stats(msgspec.Struct, frozen=True):
    tokens_sent: int | None = None
    tokens_received: int | None = None
    instance_cost: float | None = None


class _Info(msgspec.Struct, frozen=True):
    exit_status: str | None = None
    submission: str | None = None
    model_stats: _Stats = _Stats()


class _Problem(msgspec.Struct, frozen=True):
    id: str | None = None


class _Model(msgspec.Struct, frozen=True):
    name: str | None = None


class _Agent(msgspec.Struct, frozen=True):
    model: _Model | None = None


class _Config(msgspec.Struct, frozen=True):
    problem_statement: _Problem | None = None
    agent: _Agent | None = None


class _Run(msgspec.Struct, frozen=True):
    history: list[_Message]
    trajectory: list[_Step] = []
    info: _Info = _Info()
    environment: str | None = None
    replay_config: _Config | str | None = None


class SweAgent:
    """Imports trajectories of SWE-agent."""

    name: ClassVar[str] = "swe-agent"
    about: ClassVar[str] = "SWE-agent trajectories (.traj): `history` and `trajectory`"

    def recognises(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name says nothing
        """Steps with an action and what was observed, or a history whose messages name agents."""
        values = read_head(head).values
        step, message = values.get("trajectory"), values.get("history")
        if "trajectory" in values and (isinstance(step, dict) or step is None):
            return step is None or {"action", "observation"} <= step.keys()
        return isinstance(message, dict) and {"agent", "role"} <= message.keys()

    def read(self, stream: BinaryIO) -> Iterator[Item]:
        """Read the one trajectory that a file holds, or one per line."""
        return read_each(json_records(stream), _imported)


def _imported(value: Json, position: str) -> Imported:
    run = fit(value, _Run)
    config = run.replay_config if isinstance(run.replay_config, _Config) else _Config()
    task = (config.problem_statement or _Problem()).id
    model = ((config.agent or _Agent()).model or _Model()).name
    trace_id = hex_digest(canonical(value))
    usage = _usage(run.info.model_stats)
    chat = Chat(trace_id=trace_id, turns=tuple(_turns(run)), model=_real_model(model), usage=usage)
    trace = Trace(
        id=trace_id,
        spans=chat_spans(chat),
        source=SweAgent.name,
        name=task or "",
        version=chat.model,
        timed=False,
        stop=run.info.exit_status or None,
        attributes=names.known(
            {
                names.TASK_ID: task,
                ENVIRONMENT: run.environment,
                SUBMISSION: run.info.submission,
            }
        ),
    )
    return Imported(trace=trace, position=position, case=task)


def _real_model(name: str | None) -> str | None:
    """A replayed or typed-in trajectory names no model that wrote it."""
    return None if name in ("replay", "human", "instant_empty_submit") else name


def _turns(run: _Run) -> Iterator[Turn]:
    """The history; a command's output answers it, and the last one may stand in its step only."""
    steps = iter(run.trajectory)
    pending: _Step | None = None  # the step of a command that has no reply yet
    for index, message in enumerate(run.history):
        is_answer = pending is not None and message.role in ("user", "tool")
        if pending is not None and not is_answer:
            yield from _late_reply(pending)
        pending = None
        if is_answer and not message.tool_call_ids:
            yield Turn(role="tool", content=message.content, is_reply=True)
            continue
        turn = _turn(message, index)
        yield turn
        if turn.calls:
            pending = next(steps, _Step())
    if pending is not None:
        yield from _late_reply(pending)


def _late_reply(step: _Step) -> Iterator[Turn]:
    if step.observation is not None:
        yield Turn(role="tool", content=step.observation, is_reply=True)


def _turn(message: _Message, index: int) -> Turn:
    """One message. A demonstration is part of the instructions, not what the user wants."""
    field = f"history[{index}]"
    said = read_turn(
        WireMessage(
            role="system" if message.is_demo else message.role,
            content=message.content,
            tool_calls=message.tool_calls,
            tool_call_id=_first(message.tool_call_ids),
        ),
        field=field,
    )
    if said.calls or message.role != "assistant" or not (message.action or "").strip():
        return said
    call = Call(tool=_COMMAND_TOOL, arguments={"command": (message.action or "").strip()})
    return msgspec.structs.replace(said, calls=(call,))


def _first(ids: Sequence[str] | None) -> str | None:
    return ids[0] if ids else None


def _usage(stats: _Stats) -> Usage:
    """Counts of the whole run; a replay, which asked no model, counts zeros."""
    if not stats.tokens_sent and not stats.instance_cost:
        return Usage()
    wire = WireUsage(input_tokens=stats.tokens_sent, output_tokens=stats.tokens_received)
    return wire.usage(stats.instance_cost or None)
