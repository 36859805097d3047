"""Importing cases that somebody wrote for another tool: Google ADK evalsets.

Each conversation becomes a candidate case: what the user says is its input, the expected tool
calls its trajectory. The expected answer is only suggested, as a comment: ADK compares words
within a threshold, and a person should say what a right answer must hold. Importing again
changes nothing.
"""

from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from roadworthy.app.app import App
from roadworthy.app.import_traces import ImportProblem
from roadworthy.base.codec import Json, encode
from roadworthy.base.errors import BadRequest
from roadworthy.base.ids import slug
from roadworthy.ingest.adk_evalset import SOURCE, AdkCase, is_evalset, read_evalset
from roadworthy.ingest.formats import head_of
from roadworthy.ingest.importer import BadRecord
from roadworthy.ingest.redact import Redactor
from roadworthy.ingest.stream import open_stream
from roadworthy.suite.draft import Draft, write_draft
from roadworthy.suite.suite_folder import CASES

_MAX_TITLE: Final = 80
_SUFFIXES: Final = (".gz", ".json", ".test", ".evalset")


class CaseImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did; the documented shape of ``case import --json``."""

    file: str
    suite: str
    written: tuple[str, ...]
    unchanged: tuple[str, ...]  # there already, just as they would be written
    redacted: dict[str, int]  # kind of secret or personal data → values replaced
    errors: tuple[ImportProblem, ...]


def import_cases(app: App, path: Path, *, suite: str) -> CaseImportReport:
    """Import the cases of an evalset into a suite, which is made if it is new.

    Raises:
        BadRequest: no readable file, no evalset, or no name for a suite.
    """
    if slug(suite) != suite:
        raise BadRequest(f"{suite!r} cannot name a suite", hint=f"try {slug(suite)!r}")
    if not is_evalset(head_of(path)):
        raise BadRequest(
            f"{path}: is no ADK evalset",
            hint="traces are imported with `roadworthy trace import FILE`",
        )
    work = _Import(app.project / "evals" / suite, path)
    with open_stream(path) as stream:
        for found in read_evalset(stream):
            work.take(found)
    return work.report(suite)


class _Import:
    """The cases of one file on their way into a suite's folder."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._folder = folder
        self._path = path
        self._redactor = Redactor()
        self._written: list[str] = []
        self._unchanged: list[str] = []
        self._errors: list[ImportProblem] = []

    def take(self, found: AdkCase | BadRecord) -> None:
        """Write one case, or note why not."""
        if isinstance(found, BadRecord):
            self._refuse(found.position, found.why, found.hint)
            return
        draft = draft_case(found, self._path, self._redactor)
        file = self._folder / CASES / f"{draft.case_id}.yaml"
        try:
            if file.exists() and file.read_bytes() == draft.text.encode():
                self._unchanged.append(draft.case_id)
                return
            write_draft(draft, self._folder)
            self._written.append(draft.case_id)
        except BadRequest as error:
            self._refuse(found.position, error.message, error.hint)

    def report(self, suite: str) -> CaseImportReport:
        """What was done."""
        return CaseImportReport(
            file=str(self._path),
            suite=suite,
            written=tuple(self._written),
            unchanged=tuple(self._unchanged),
            redacted=dict(self._redactor.marks),
            errors=tuple(self._errors),
        )

    def _refuse(self, position: str, why: str, hint: str | None) -> None:
        self._errors.append(
            ImportProblem(file=str(self._path), position=position, why=why, hint=hint)
        )


def draft_case(case: AdkCase, path: Path, redactor: Redactor) -> Draft:
    """`case` as a candidate; everything that it says goes through `redactor`.

    All of it is looked at first: what a tool's arguments name as secret is hidden in prose, too.
    """
    redactor.learn(_material(case))
    said = [redactor.text(turn.said) for turn in case.turns if turn.said.strip()]
    messages: list[Json] = [{"role": "user", "content": text} for text in said]
    content: dict[str, Json] = {
        "title": _title(said[0]),
        "kind": "candidate",
        "input": said[0] if len(said) == 1 else messages,
    }
    trajectory = _trajectory(case, redactor)
    if trajectory is not None:
        content["expect"] = {"trajectory": trajectory}
    tags: list[Json] = [SOURCE]
    content["tags"] = tags
    notes = {"": _opening(case, path, redactor), "expect": _on_answers(case, redactor)}
    if left_out := sorted({what for turn in case.turns for what in turn.left_out}):
        notes["input"] = [f"Left out of the messages: {', '.join(left_out)}."]
    return Draft(case_id=_id(case, path), case=content, comments=notes)


def _material(case: AdkCase) -> Json:
    """All that a draft of `case` may quote."""
    said: list[Json] = [turn.said for turn in case.turns]
    answers: list[Json] = [turn.answer for turn in case.turns]
    calls: list[Json] = [
        [call.tool, call.arguments] for turn in case.turns for call in turn.calls or ()
    ]
    return [said, answers, calls, dict(case.state)]


def _id(case: AdkCase, path: Path) -> str:
    """The case's own name, which may be a path, or else the file's."""
    name = PurePosixPath(case.name or path.name).name
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return slug(name)


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_TITLE else line[: _MAX_TITLE - 1].rstrip() + "…"


def _trajectory(case: AdkCase, redactor: Redactor) -> dict[str, Json] | None:
    """ADK asks for just these calls in this order; where turns are silent, others may come."""
    stated = [turn.calls for turn in case.turns if turn.calls is not None]
    calls = [call for made in stated for call in made]
    is_whole = len(stated) == len(case.turns)
    if not calls and not is_whole:
        return None
    expected: list[Json] = []
    for call in calls:
        hidden = redactor.redact(call.arguments)
        one: dict[str, Json] = {"tool": redactor.text(call.tool) or "unnamed"}
        if isinstance(hidden, dict) and hidden:
            one["arguments"] = {name: _literal(value) for name, value in hidden.items()}
        expected.append(one)
    return {"mode": "strict" if is_whole else "subsequence", "calls": expected}


def _literal(value: Json) -> Json:
    """`value` as a constraint that means just this value, even where it looks like an operator."""
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$"):
        return {"$one_of": [value]}
    return value


def _opening(case: AdkCase, path: Path, redactor: Redactor) -> list[str]:
    source = path.name if case.position == "file" else f"{path.name} {case.position}"
    notes = [
        f"Imported from an ADK evalset: {redactor.text(source)}.",
        "While its kind is candidate it gates nothing: read it, say what is right, verify it.",
    ]
    if case.app:
        notes.append(f"Written for the app {redactor.text(case.app)}.")
    if case.state:
        names = ", ".join(redactor.text(name) for name in case.state)
        notes.append(f"Its session began with state that is not part of this case: {names}.")
    return notes


def _on_answers(case: AdkCase, redactor: Redactor) -> list[str]:
    """The expected answer to the last turn as a grader to take up; those before cannot be seen."""
    notes: list[str] = []
    if (answer := case.turns[-1].answer) is not None:
        quoted = encode(redactor.text(answer)).decode()
        notes += [
            "The evalset expects an answer like this one. To check for it:",
            "output:",
            f"  - similarity: {{text: {quoted}, at_least: 0.8}}",
        ]
    if earlier := sum(turn.answer is not None for turn in case.turns[:-1]):
        answers = "1 earlier turn" if earlier == 1 else f"{earlier} earlier turns"
        notes.append(f"Expected answers to {answers} are left out: only the last one is graded.")
    return notes
