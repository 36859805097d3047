"""What is odd about messy variants: no parent, a parent that was changed since."""

from collections.abc import Iterator, Mapping

from roadworthy.base.codec import Json
from roadworthy.base.errors import Problem
from roadworthy.base.registry import nearest
from roadworthy.records.case import Kind
from roadworthy.suite.messy.lineage import parent_digest
from roadworthy.suite.read_case import ReadCase
from roadworthy.suite.suite_folder import CASES, SuiteFolder

_PARENT = ("parent",)


def parent_warnings(read: SuiteFolder) -> Iterator[Problem]:
    """Variants whose parent is missing, itself a variant, or not what it was."""
    cases = {case.case.id: case for case in read.cases}
    for case in read.cases:
        if case.file.parent is not None and case.file.kind is not Kind.RETIRED:
            yield from _of_variant(case, case.file.parent, cases, read)
        elif case.file.variant is not None and case.file.parent is None:
            message = "says how a variant was made, but not of which case"
            yield case.document.problem(("variant",), message, hint="add `parent`")


def _of_variant(
    case: ReadCase, name: str, cases: Mapping[str, ReadCase], read: SuiteFolder
) -> Iterator[Problem]:
    parent = cases.get(name)
    if parent is None:
        if not _is_unreadable(read, name):
            message = f"a variant of {name[:60]!r}, which this suite does not have"
            yield case.document.problem(_PARENT, message, hint=nearest(name, list(cases)))
        return
    if parent.file.parent is not None:
        message = f"a variant of {name}, which is itself a variant"
        yield case.document.problem(_PARENT, message, hint=f"say {parent.file.parent}")
        return
    variant = case.file.variant
    if variant is not None and variant.of != parent_digest(_fields(parent), parent.case.recording):
        message = f"stale: {name} was changed since this variant was made of it"
        hint = f"make it again: roadworthy case messy {name} --ops {','.join(variant.ops)}"
        yield case.document.problem(_PARENT, message, hint=hint)


def _is_unreadable(read: SuiteFolder, name: str) -> bool:
    """Whether there is a file of this name that has problems of its own, which are told."""
    path = read.folder / CASES / f"{name}.yaml"
    return any(problem.file == path for problem in read.problems)


def _fields(case: ReadCase) -> Mapping[str, Json]:
    return case.document.value if isinstance(case.document.value, dict) else {}
