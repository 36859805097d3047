"""Langfuse exports: a trace with its observations, one per file, in a list or on lines.

Observations become spans under their own ids. Of generations inside one another only one is the
model call: the one that can be read best, the inner one when both say the same. A tool's result
is JSON where Langfuse kept JSON; whether the tool returned text that holds JSON is not known.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

import msgspec

from roadworthy.base.codec import Json, canonical
from roadworthy.base.ids import hex_digest, span_id
from roadworthy.ingest import trace_attributes as names
from roadworthy.ingest.head import read_head
from roadworthy.ingest.importer import Imported, Item
from roadworthy.ingest.json_records import json_records
from roadworthy.ingest.langfuse_io import Object, messages_in, opened_io
from roadworthy.ingest.langfuse_observation import Observation, WireObservation
from roadworthy.ingest.langfuse_transcript import asked_first, transcript
from roadworthy.ingest.source import UNREADABLE, SourceError, bad_record, fit
from roadworthy.records import semconv
from roadworthy.records.span import SPAN_ID_DIGITS, TRACE_ID_DIGITS, Span, SpanStatus
from roadworthy.records.trace import Trace, TraceOutcome

SCORES: Final = "langfuse.scores"
_HEX: Final = frozenset("0123456789abcdef")
_MAX_WRAPPERS: Final = 100


class _Score(msgspec.Struct, frozen=True):
    name: str
    value: float | str | bool | None = None
    dataType: str | None = None  # noqa: N815 - their name


class _WireTrace(msgspec.Struct, frozen=True):
    id: str
    name: str | None = None
    version: str | None = None
    release: str | None = None
    sessionId: str | None = None  # noqa: N815 - their name
    userId: str | None = None  # noqa: N815
    environment: str | None = None
    tags: list[str] | None = None
    input: Json = None
    output: Json = None
    metadata: Json = None
    scores: list[Json] | None = None


class Langfuse:
    """Imports exported traces."""

    name: ClassVar[str] = "langfuse"
    about: ClassVar[str] = "Langfuse exports: a trace with its `observations`"

    def recognises(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 - the name says nothing
        """A trace that names its project, with observations, or wrapped as `trace`."""
        seen = read_head(head)
        keys = seen.keys
        if "trace" in keys and (len(keys) == 1 or "observations" in keys):
            return b'"projectId"' in head or b'"observations"' in head
        return "observations" in keys and bool(keys & {"projectId", "htmlPath", "sessionId"})

    def read(self, stream: BinaryIO) -> Iterator[Item]:
        """Read the traces one by one."""
        for position, value in json_records(stream):
            try:
                if isinstance(value, SourceError):
                    raise value
                yield Imported(trace=_trace(value), position=position)
            except UNREADABLE as error:
                yield bad_record(position, error)


def _trace(record: Json) -> Trace:
    described, listed = _halves(record)
    wire = fit(described, _WireTrace)
    observations = sorted(
        (Observation(wire=one) for one in _unique(listed)), key=lambda one: one.start_ns
    )
    _mark_wrappers(observations)
    trace_id = _trace_id(wire.id)
    return Trace(
        id=trace_id,
        spans=_spans(observations, wire, trace_id),
        source=Langfuse.name,
        name=wire.name or "",
        session=wire.sessionId,
        version=wire.version or wire.release or _model(observations),
        outcome=_outcome(wire.scores or []),
        attributes=_attributes(wire),
    )


def _halves(record: Json) -> tuple[Json, list[Json]]:
    """What is said of the trace, and its observations; those beside it are the fuller ones."""
    if not isinstance(record, dict):
        raise SourceError("a Langfuse trace is an object")
    inner = record.get("trace")
    described = inner if isinstance(inner, dict) else record
    listed = record.get("observations", described.get("observations"))
    if not isinstance(listed, list):
        raise SourceError("has no list of observations")
    return described, listed


def _unique(listed: Sequence[Json]) -> Iterator[WireObservation]:
    """Observations, each once; another one under a known id gets an id of its own."""
    seen: dict[str, bytes] = {}
    for index, item in enumerate(listed):
        try:
            wire = fit(item, WireObservation)
        except SourceError as error:
            raise SourceError(error.why, field=f"observations[{index}]") from error
        content = canonical(item)
        if wire.id not in seen:
            seen[wire.id] = content
            yield wire
        elif seen[wire.id] != content:
            yield msgspec.structs.replace(wire, id=span_id(wire.id, index))


def _mark_wrappers(observations: Sequence[Observation]) -> None:
    """Leave one model call among generations that are inside one another."""
    generations = {one.wire.id: one for one in observations if one.is_generation}
    above = {one.wire.id: one.wire.parentObservationId for one in observations}
    inside: defaultdict[str, list[Observation]] = defaultdict(list)
    for one in generations.values():
        parent = one.wire.parentObservationId
        for _ in range(_MAX_WRAPPERS):
            if parent is None or parent in generations:
                break
            parent = above.get(parent)
        if parent in generations and parent != one.wire.id:
            inside[parent].append(one)
    for outer, inner in inside.items():
        if generations[outer].readability > max(one.readability for one in inner):
            for one in inner:
                one.is_wrapper = True
        else:
            generations[outer].is_wrapper = True


def _spans(
    observations: Sequence[Observation], wire: _WireTrace, trace_id: str
) -> tuple[Span, ...]:
    ids = {one.wire.id: _span_id(one.wire.id, trace_id) for one in observations}
    said = transcript(observations) or _asked_and_answered(wire)
    spans = [_span(one, ids, trace_id) for one in observations]
    if not spans:
        raise SourceError("has no observation")
    root = next((at for at, span in enumerate(spans) if span.parent_id is None), 0)
    if said:
        attributes: dict[str, Json] = {**spans[root].attributes, semconv.TRANSCRIPT: [*said]}
        if asked := asked_first(observations):
            attributes[semconv.QUESTION] = asked
        spans[root] = msgspec.structs.replace(spans[root], attributes=attributes)
    return tuple(spans)


def _span(one: Observation, ids: dict[str, str], trace_id: str) -> Span:
    wire = one.wire
    parent = wire.parentObservationId
    is_error = (wire.level or "").upper() == "ERROR"
    return Span(
        id=ids[wire.id],
        name=wire.name or wire.type.lower(),
        start_ns=one.start_ns,
        end_ns=one.end_ns,
        parent_id=None if not parent else ids.get(parent) or _span_id(parent, trace_id),
        kind="client" if one.is_generation else "internal",
        status=SpanStatus.ERROR if is_error else SpanStatus.UNSET,
        status_message=wire.statusMessage if is_error else None,
        attributes=one.span_attributes,
    )


def _asked_and_answered(wire: _WireTrace) -> list[Object]:
    """What the trace itself says, for traces whose observations hold no conversation."""
    return [
        *messages_in(wire.input, role="user", is_plain=True),
        *messages_in(wire.output, role="assistant", is_plain=True),
    ]


def _trace_id(given: str) -> str:
    """Their id where it is one of OpenTelemetry's or a UUID, else a hash of it."""
    digits = given.replace("-", "").lower()
    if len(digits) == TRACE_ID_DIGITS and _HEX.issuperset(digits):
        return digits
    return hex_digest(b"langfuse\0" + given.encode(errors="surrogatepass"))


def _span_id(given: str, trace_id: str) -> str:
    if len(given) == SPAN_ID_DIGITS and _HEX.issuperset(given):
        return given
    return span_id(trace_id, given)


def _model(observations: Sequence[Observation]) -> str | None:
    return next((one.wire.model for one in observations if one.wire.model), None)


def _outcome(scores: Sequence[Json]) -> TraceOutcome | None:
    """The one yes-or-no score, or else the one number; several say different things."""
    read = [fit(score, _Score) for score in scores if isinstance(score, dict) and "name" in score]
    verdicts = [one for one in read if one.dataType == "BOOLEAN" or isinstance(one.value, bool)]
    numbers = [one for one in read if isinstance(one.value, int | float)]
    if len(verdicts) == 1 and isinstance(verdicts[0].value, int | float):
        passed = bool(verdicts[0].value)
        source = f"Langfuse score {verdicts[0].name}"
        return TraceOutcome(success=passed, score=float(passed), source=source)
    if len(numbers) == 1 and isinstance(numbers[0].value, int | float):
        source = f"Langfuse score {numbers[0].name}"
        return TraceOutcome(success=None, score=float(numbers[0].value), source=source)
    return None


def _attributes(wire: _WireTrace) -> dict[str, Json]:
    tags: list[Json] = [*(wire.tags or ())]
    said: dict[str, Json] = {
        names.SOURCE_ID: wire.id,
        "user.id": wire.userId,
        "deployment.environment.name": wire.environment,
        "langfuse.trace.tags": tags or None,
        SCORES: wire.scores or None,
        names.METADATA: opened_io(wire.metadata),
    }
    return names.known(said)
