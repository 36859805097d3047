"""A plain function as a grader: its keyword arguments are the options, its docstring the docs."""

import dataclasses
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, Final, Literal, ParamSpec, Protocol, TypeAlias

from roadworthy.grade.grader import Grader
from roadworthy.grade.output_text import unanswered
from roadworthy.grade.plain_grade import plain_grade
from roadworthy.records.reading import Cause, Reading, Unmeasured
from roadworthy.records.trial import Trial

Finding: TypeAlias = Reading | bool
"""What the function returns: a reading, or only whether the trial passes."""

Needs: TypeAlias = Literal["output", "trace"]

P = ParamSpec("P")
Function: TypeAlias = Callable[Concatenate[Trial, P], Finding | Awaitable[Finding]]

_BY_PLACE: Final = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NO_SPANS: Final = Unmeasured(cause=Cause.NO_TRACE, why="the trial left no spans to read")


class GraderKind(Protocol[P]):
    """A class of graders that is made with the function's own options."""

    name: str
    version: int

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Grader:
        """The grader with these options."""
        ...


def as_grader(
    *, version: int, needs: Needs | None = None, shorthand: str | None = None
) -> Callable[[Function[P]], GraderKind[P]]:
    """Make a grader of a function that takes a trial and, by keyword, options with types.

    It is called after the function, or told apart by the entry point's name. A function that
    returns only whether the trial passes gets the first line of its docstring as the reason.

    Args:
        version: goes up when the same trial could now read differently.
        needs: leave a trial unmeasured, and the function alone, when the agent was stopped
            before it gave an ``output``, or when it left no ``trace``.
        shorthand: the option that a bare value fills.

    Raises:
        TypeError: the function takes what no option can be: arguments without a type, that are
            not given by keyword, or that gather others.
    """

    def made(function: Function[P]) -> GraderKind[P]:
        namespace: dict[str, Any] = {
            "name": function.__name__,
            "version": version,
            "grade": _grade(function, needs),
            "__doc__": inspect.getdoc(function),
        }
        if shorthand is not None:
            namespace["shorthand"] = shorthand
        kind: Any = dataclasses.make_dataclass(
            function.__name__, _options(function), namespace=namespace, frozen=True, kw_only=True
        )
        kind.__module__ = function.__module__
        if shorthand is not None and shorthand not in {
            one.name for one in dataclasses.fields(kind)
        }:
            raise TypeError(f"{function.__name__} has no option {shorthand!r} for a bare value")
        return kind  # type: ignore[no-any-return]  # a dataclass made at run time has no static type

    return made


def _grade(function: Callable[..., Finding | Awaitable[Finding]], needs: Needs | None) -> Any:
    options = [*inspect.signature(function).parameters][1:]

    async def grade(self: Any, trial: Trial) -> Reading:
        """Ask the function."""
        if (missing := _missing(trial, needs)) is not None:
            return missing
        found = function(trial, **{name: getattr(self, name) for name in options})
        if inspect.isawaitable(found):
            found = await found
        if isinstance(found, bool):
            return plain_grade(
                found, f"{'holds' if found else 'does not hold'}: {_claim(function)}"
            )
        return found  # what is no reading either is the caller's to refuse

    return grade


def _missing(trial: Trial, needs: Needs | None) -> Unmeasured | None:
    if needs == "output":
        return unanswered(trial)
    return _NO_SPANS if needs == "trace" and trial.trace is None else None


def _claim(function: Callable[..., object]) -> str:
    said = (inspect.getdoc(function) or function.__name__).splitlines()[0]
    return said.rstrip(".")


def _options(function: Callable[..., object]) -> list[tuple[str, Any, Any]]:
    given = [*inspect.signature(function).parameters.values()]
    if not given or given[0].kind not in _BY_PLACE:
        raise TypeError(f"{function.__name__} takes no trial as its first argument")
    return [_option(function.__name__, one) for one in given[1:]]


def _option(function: str, one: inspect.Parameter) -> tuple[str, Any, Any]:
    if one.kind is not one.KEYWORD_ONLY:
        raise TypeError(f"{function}: write {one.name!r} after a *, as an option is named")
    if one.annotation is one.empty:
        raise TypeError(f"{function}: option {one.name!r} has no type")
    if one.name in ("name", "version", "grade", "shorthand"):
        raise TypeError(f"{function}: {one.name!r} is a grader's own, and no option")
    if one.default is one.empty:
        return one.name, one.annotation, dataclasses.field()
    return one.name, one.annotation, dataclasses.field(default=one.default)
