"""Graders by name: those that ship, and those that installed packages offer.

A policy check is a grader called ``policy.<check>``. After a colon a name may carry a label,
``policy.requires:cancel-only-when-allowed``: it tells readings apart and means nothing here.

A package offers graders under the entry-point group ``roadworthy.graders``; they are looked
for only when a name is asked for that no built-in grader has.
"""

from functools import cache
from typing import TYPE_CHECKING, Final

from roadworthy.base.codec import Json
from roadworthy.base.printable import printable
from roadworthy.base.registry import Registry, nearest
from roadworthy.grade.bleu import Bleu
from roadworthy.grade.completed import Completed
from roadworthy.grade.compose.all_any import AllOf, AnyOf
from roadworthy.grade.compose.negation import Not
from roadworthy.grade.compose.weighted import Weighted
from roadworthy.grade.contains import Contains, NotContains
from roadworthy.grade.end_state import EndState
from roadworthy.grade.exact import Exact
from roadworthy.grade.failure_handling.grader import FailureHandling
from roadworthy.grade.grader import Grader
from roadworthy.grade.json_schema import JsonSchema
from roadworthy.grade.judge.rubric_grader import Pairwise, RubricGrader
from roadworthy.grade.language import Language
from roadworthy.grade.limits import Limits
from roadworthy.grade.loop import Loop
from roadworthy.grade.number import Number
from roadworthy.grade.option_fields import as_written, options_within
from roadworthy.grade.options import build_grader, full_options
from roadworthy.grade.policy.checks import CHECKS
from roadworthy.grade.recorded_outcome import RecordedOutcome
from roadworthy.grade.refusal import Refusal
from roadworthy.grade.regex import Regex
from roadworthy.grade.repeated_write import RepeatedWrite
from roadworthy.grade.similarity import Similarity
from roadworthy.grade.tool_errors import ToolErrors
from roadworthy.grade.trajectory import ExpectedTrajectory
from roadworthy.records.grader_spec import BadOptions, CheckGrader, GraderSpec, OptionProblem

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP: Final = "roadworthy.graders"

_SHIPPED: tuple[type[Grader], ...] = (
    Exact,
    Contains,
    NotContains,
    Regex,
    Number,
    Similarity,
    Bleu,
    Language,
    Refusal,
    JsonSchema,
    Not,
    AllOf,
    AnyOf,
    Weighted,
    ExpectedTrajectory,
    Limits,
    Loop,
    RepeatedWrite,
    ToolErrors,
    EndState,
    FailureHandling,
    RubricGrader,
    Pairwise,
    Completed,
    RecordedOutcome,
)
BUILT_IN: Final[Registry[type[Grader]]] = Registry("grader")
for _kind in _SHIPPED:
    BUILT_IN.add(_kind.name, _kind)


def check_grader(name: str, raw: Json, *, inner: CheckGrader | None = None) -> dict[str, Json]:
    """Check a grader's name and its options as written; returns the options in full form.

    Graders inside its options are checked and completed by `inner`, or as this one is.

    Raises:
        BadOptions: with everything that is wrong; `place` is relative to the options.
    """
    return asked_for(name, raw, inner=inner)[1]


def asked_for(
    name: str, raw: Json, *, inner: CheckGrader | None = None
) -> tuple[Grader, dict[str, Json]]:
    """The grader with options as written, and these in full form; see `check_grader`."""
    kind = find_grader(name)
    options = full_options(kind, raw)
    try:
        grader = build_grader(kind, options, inner=inner)
    except BadOptions as error:
        raise BadOptions(as_written(error.problems, kind, raw, options)) from None
    return grader, options | options_within(grader)


def build(spec: GraderSpec) -> Grader:
    """The grader that `spec` asks for. Raises `BadOptions` with everything that is wrong."""
    return build_grader(find_grader(spec.grader), spec.options)


def grader_names() -> list[str]:
    """Every name that can be asked for: what ships, then what packages offer beside it."""
    return [*dict.fromkeys([*BUILT_IN, *CHECKS, *_offered()])]


def find_grader(name: str) -> type[Grader]:
    """The class behind a name.

    Raises:
        BadOptions: nothing answers to the name, or what an installed package offers under it
            cannot be loaded.
    """
    name = name.partition(":")[0]
    for shipped in (BUILT_IN, CHECKS):
        if name in shipped:
            return shipped.get(name)
    offered = _offered()
    if name not in offered:
        hint = nearest(name, [*BUILT_IN, *CHECKS, *offered])
        message = f"no grader called {printable(name, limit=60)!r}"
        raise BadOptions([OptionProblem(place="", message=message, hint=hint)])
    return _load(offered[name])


@cache
def _offered() -> "dict[str, EntryPoint]":
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow, and seldom needed

    return {entry.name: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}


def _load(entry: "EntryPoint") -> type[Grader]:
    try:
        kind = entry.load()
    except Exception as error:
        message = f"grader {entry.name!r} ({entry.value}) cannot be loaded: {error!r}"
        problem = OptionProblem(place="", message=printable(message, limit=300))
        raise BadOptions([problem]) from error
    if not (isinstance(kind, type) and all(hasattr(kind, part) for part in _GRADER_PARTS)):
        message = f"grader {entry.name!r} ({entry.value}) is no class with name, version and grade"
        hint = "put @as_grader(version=1) over a function" if callable(kind) else None
        raise BadOptions([OptionProblem(place="", message=message, hint=hint)])
    return kind


_GRADER_PARTS: Final = ("name", "version", "grade")
