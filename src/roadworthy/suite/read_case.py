"""Reading one case file: the record, or everything that is wrong with it and its recording."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from roadworthy.base.codec import Json, canonical, to_builtins
from roadworthy.base.errors import BadFile, Problem
from roadworthy.base.ids import hex_digest
from roadworthy.base.printable import printable
from roadworthy.base.registry import nearest
from roadworthy.records.case import Case, Divergent, Kind
from roadworthy.records.grader_spec import CheckGrader, GraderSpec
from roadworthy.records.probe_spec import ProbeSpec
from roadworthy.records.quarantine import Quarantine
from roadworthy.records.recording import Recording
from roadworthy.suite.case_file import CaseFile
from roadworthy.suite.case_id import bad_id
from roadworthy.suite.check_file import check_file
from roadworthy.suite.end_state import read_end_state
from roadworthy.suite.graders import asked_in, specs, with_completed
from roadworthy.suite.policy import read_policy, rules_in
from roadworthy.suite.policy_item import policy_specs
from roadworthy.suite.recording_file import read_recording
from roadworthy.suite.suite_file import SuiteFile
from roadworthy.suite.yaml_file import YamlFile, read_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteDefaults:
    """What a case takes from its suite; `file` is `None` when the suite's is unreadable."""

    folder: Path
    file: SuiteFile | None
    graders: Sequence[GraderSpec] = ()
    probes: tuple[ProbeSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCase:
    """A good case beside the file it came from."""

    document: YamlFile
    file: CaseFile
    case: Case


def read_case(
    path: Path, suite: SuiteDefaults, check: CheckGrader
) -> tuple[ReadCase | None, list[Problem]]:
    """Read `path` as a case of `suite`; the case is `None` when there is any problem."""
    problems = list(bad_id(path, path.stem, "file"))
    try:
        document = read_yaml(path)
    except BadFile as error:
        return None, [*problems, *error.problems]
    file, found = check_file(CaseFile, document)
    problems += found
    graders, found = specs(asked_in(document, problems), document, check)
    problems += [*found, *_unknown_tier(suite, document)]
    recording, found = _recording(suite.folder, document)
    problems += found
    looks = read_end_state(
        document,
        check,
        hosts=None if suite.file is None else suite.file.end_state_hosts,
        taken=[probe.name for probe in suite.probes],
    )
    policy = read_policy(document, check, known=rules_in(suite.graders))
    problems += [*looks.problems, *policy.problems]
    if problems or file is None:
        return None, problems
    probes = (*suite.probes, *looks.probes)
    own = [*graders, *policy.rules, *looks.graders]
    asked = with_completed(policy_specs(suite.graders, own, policy.relaxed, file.facts))
    case = _case(path.stem, file, suite, graders=asked, recording=recording, probes=probes)
    return ReadCase(document=document, file=file, case=case), []


def _text_at(document: YamlFile, key: str) -> str | None:
    value = document.value.get(key) if isinstance(document.value, dict) else None
    return value if isinstance(value, str) and value else None


def _unknown_tier(suite: SuiteDefaults, document: YamlFile) -> Iterable[Problem]:
    named = _text_at(document, "tier")
    if named is None or suite.file is None:
        return
    tiers = [tier.name for tier in suite.file.all_tiers]
    if named not in tiers:
        message = f"the suite has no tier called {printable(named, limit=60)!r}"
        yield document.problem(("tier",), message, hint=nearest(named, tiers))


def _recording(folder: Path, document: YamlFile) -> tuple[Recording | None, list[Problem]]:
    named = _text_at(document, "recording")
    if named is None:
        return None, []
    path, why = inside(folder, named)
    hint = "recordings live in the suite's folder: recordings/<id>.jsonl"
    if path is None:
        return None, [document.problem(("recording",), why, hint=hint)]
    if not path.is_file():
        message = f"there is no file {printable(named, limit=100)} in the suite's folder"
        return None, [document.problem(("recording",), message)]
    try:
        return read_recording(path), []
    except BadFile as error:
        return None, list(error.problems)


def inside(folder: Path, relative: str) -> tuple[Path | None, str]:
    """`relative` within `folder`, or `None` and why not; links are followed before judging."""
    try:
        path = (folder / relative).resolve()
    except (OSError, ValueError, RuntimeError):  # NUL, a loop of links
        return None, "not a path"
    if not path.is_relative_to(folder.resolve()):
        return None, "leads out of the suite's folder"
    return path, ""


def _case(
    name: str,
    file: CaseFile,
    suite: SuiteDefaults,
    *,
    graders: tuple[GraderSpec, ...],
    recording: Recording | None,
    probes: tuple[ProbeSpec, ...],
) -> Case:
    given: Json = file.model_dump(mode="json", include={"input"})["input"]
    on_divergence = file.on_divergence or (suite.file or SuiteFile()).on_divergence
    if recording is not None and file.origin is not None:
        recording = msgspec.structs.replace(recording, trace_id=file.origin.trace)
    digest = case_digest(given, graders, recording, on_divergence, probes)
    return Case(
        id=name,
        digest=digest,
        input=given,
        kind=file.kind,
        tier=file.tier,
        title=file.title,
        graders=graders,
        recording=recording,
        probes=probes,
        on_divergence=on_divergence,
        timeout_s=file.timeout_s,
        repeats=file.repeats,
        category=file.category,
        difficulty=file.difficulty,
        tags=tuple(file.tags),
        parent=file.parent or "",
        proved=file.proof is not None and file.proof.case in {"", digest},
        quarantine=_quarantine(file),
    )


def _quarantine(file: CaseFile) -> Quarantine | None:
    if file.kind is not Kind.QUARANTINED:
        return None
    entry = file.quarantine
    if entry is None:  # set aside by hand
        return Quarantine()
    return Quarantine(owner=entry.owner, until=entry.until, why=entry.why)


def case_digest(
    given: Json,
    graders: Iterable[GraderSpec],
    recording: Recording | None,
    on_divergence: Divergent,
    probes: Sequence[ProbeSpec] = (),
) -> str:
    """32 hex digits over what is asked and expected, and over nothing else.

    Of a recorded call, what was asked and what came back count; when and where it was seen
    do not. Of a probe, where and at what it looks counts, and how long it may take does not.
    """
    expected = sorted(
        canonical([one.grader, one.options, one.required]).decode() for one in graders
    )
    replies = None
    if recording is not None:
        replies = [[c.boundary, c.tool, c.arguments, c.result, c.error] for c in recording.calls]
    parts: list[object] = [given, expected, replies, on_divergence]
    if probes:  # a case without any keeps the digest that it had before there were probes
        parts.append(
            sorted(canonical([one.name, to_builtins(one.look)]).decode() for one in probes)
        )
    return hex_digest(canonical(parts))
