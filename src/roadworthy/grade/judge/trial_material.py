"""What a trial shows a judge, or why there is nothing to show."""

from dataclasses import dataclass

from roadworthy.base.codec import Json
from roadworthy.grade.agent_path import NO_TRACE, gap_in, path_of
from roadworthy.grade.judge.material import Document, Material, lacking
from roadworthy.grade.output_text import text_of, unanswered
from roadworthy.grade.plain_grade import plain_grade
from roadworthy.records import semconv
from roadworthy.records.reading import Cause, Reading, Unmeasured
from roadworthy.records.rubric import Flaw, Reference, Rubric
from roadworthy.records.trajectory import Message, Trajectory
from roadworthy.records.trial import Trial

_OF_THE_PATH = {Reference.DOCUMENTS, Reference.TRANSCRIPT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is known of an item from elsewhere than its trial."""

    input: Json = None
    expected: Json = None
    policy: str | None = None
    other: Json = None


def trial_material(trial: Trial, rubric: Rubric, given: Given) -> Material | Reading:
    """The material, or the reading that stands without asking any judge.

    An empty answer fails a rubric that counts vacuous answers against the agent; others have
    nothing to judge. A path that may have lost spans shows no documents: a statement that
    seems unsupported could rest on what is missing.
    """
    if (silence := unanswered(trial)) is not None:
        return silence
    if not text_of(trial.output).strip():
        return _empty(rubric)
    path = path_of(trial)
    if _OF_THE_PATH & {*rubric.references} and (gap := _gap(trial)) is not None:
        return gap
    material = Material(
        output=trial.output,
        input=given.input if given.input is not None else _first_question(path),
        expected=given.expected,
        documents=None if path is None or gap_in(trial) else _documents(trial, path),
        transcript=None if path is None else tuple(_message(one) for one in path.messages),
        policy=given.policy,
        other=given.other,
    )
    if missing := lacking(rubric, material):
        names = ", ".join(missing)
        return Unmeasured(cause=Cause.NO_TRACE, why=f"there is no {names} to show to a judge")
    return material


def _empty(rubric: Rubric) -> Reading:
    if Flaw.VACUOUS in rubric.penalties:
        return plain_grade(False, "the agent gave no answer")
    return Unmeasured(cause=Cause.NO_OUTPUT, why="the agent gave no answer to judge")


def _gap(trial: Trial) -> Unmeasured | None:
    return NO_TRACE if path_of(trial) is None else gap_in(trial)


def _first_question(path: Trajectory | None) -> Json:
    messages = () if path is None else path.messages
    return next((one.text for one in messages if one.role == "user" and one.text), None)


def _message(message: Message) -> Json:
    named: dict[str, Json] = {} if message.name is None else {"name": message.name}
    return {"role": message.role, **named, "parts": list(message.parts)}


def _documents(trial: Trial, path: Trajectory) -> tuple[Document, ...]:
    """Results of the agent's tools, then what its retrievals found."""
    results = [
        Document(
            content=call.result if call.error is None else {"error": call.error},
            source=call.tool,
            span=call.span,
        )
        for call in path.agent_calls
    ]
    spans = () if trial.trace is None else trial.trace.spans
    found = [
        Document(
            content=span.attributes[semconv.RETRIEVAL_DOCUMENTS], source=span.name, span=span.id
        )
        for span in spans
        if span.attributes.get(semconv.RETRIEVAL_DOCUMENTS) is not None
    ]
    return (*results, *found)
