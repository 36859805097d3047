"""What an agent met on its path that calls for judgement."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from roadworthy.base.codec import Json
from roadworthy.grade.bounded_search import found
from roadworthy.grade.failure_handling.conflicts import conflicts
from roadworthy.grade.failure_handling.story import Said, Story
from roadworthy.grade.write_verbs import writes
from roadworthy.records.failure_response import Trigger
from roadworthy.records.stop import is_abnormal_stop
from roadworthy.records.trajectory import ToolCall, parsed_arguments

_LIMIT: Final = re.compile(
    r"\b(?:rate.?limit\w*|quota|budget|too many (?:requests|calls|attempts|retries)|429|"
    r"(?:limit|maximum) (?:\w+ ){0,3}(?:reached|exceeded|used up)|"
    r"(?:exceed(?:s|ed|ing)?) (?:\w+ ){0,3}(?:limit|maximum|quota|budget))\b",
    re.IGNORECASE,
)
_DENIED: Final = re.compile(
    r"\b(?:not (?:allowed|permitted|authori[sz]ed)|un(?:authori[sz]ed|allowed)|forbidden|"
    r"permission denied|access denied|denied by|against (?:\w+ )?policy|"
    r"policy violation|403|401)\b",
    re.IGNORECASE,
)
_NONE_FOUND: Final = re.compile(
    r"\s*(?:no (?:\w+ ){0,3}(?:found|results?|matches|match|records?|entries)|none|nothing found|"
    r"(?:\w+ ){0,3}not found|0 results?|empty|\[\]|\{\}|null)\s*[.!]?\s*",
    re.IGNORECASE,
)
_STOPS_AT_LIMIT: Final = ("max", "limit", "length", "budget", "too_many", "timeout")
_SHORT: Final = 200


class Met(NamedTuple):
    """One trigger: its kind, its place among the steps, and the call that shows it."""

    kind: Trigger
    at: int
    call: ToolCall | None  # None: what the user asked, or how the trial stopped
    why: str


def find_triggers(
    story: Story,
    kinds: Sequence[Trigger],
    *,
    tools: Sequence[str] | None,
    requests: Sequence[str],
    stop: str | None,
) -> list[Met]:
    """Triggers of these kinds in the order in which they were met, at most one at each step.

    An error is taken for the most particular kind asked for: a limit, a refusal, or an error.
    """
    found_at: dict[int, Met] = {}
    for kind in (kind for kind in _FINDERS if kind in kinds):
        for met in _FINDERS[kind](story, requests, stop):
            if met.call is None or tools is None or met.call.tool in tools:
                found_at.setdefault(met.at, met)
    return [found_at[at] for at in sorted(found_at)]


def is_empty(result: Json) -> bool:
    """Whether a result says that nothing was found. Nothing at all is not known to say so."""
    value = parsed_arguments(result)
    match value:
        case None | bool() | int() | float():
            return False
        case str():
            return len(value) <= _SHORT and _NONE_FOUND.fullmatch(value or "empty") is not None
        case list():
            return not value
        case dict():
            return not value or _holds_nothing(value)


def _holds_nothing(value: Mapping[str, Json]) -> bool:
    """An envelope around an empty list: ``{"results": [], "total": 0}``."""
    lists = [inner for inner in value.values() if isinstance(inner, list)]
    others = [inner for inner in value.values() if not isinstance(inner, list)]
    return bool(lists) and not any(lists) and all(inner in (0, None, False, "") for inner in others)


def _limits(story: Story, _requests: Sequence[str], stop: str | None) -> Iterator[Met]:
    for at, call in story.calls:
        if call.error is not None and _LIMIT.search(call.error[:_SHORT]):
            yield Met(Trigger.LIMIT, at, call, f"{call.tool} met a limit")
    if stop is not None and is_abnormal_stop(stop):
        word = stop.lower().replace(" ", "_").replace("-", "_")
        if any(sign in word for sign in _STOPS_AT_LIMIT):
            yield Met(Trigger.LIMIT, len(story.steps) - 1, None, f"the trial stopped at {stop}")


def _refusals(story: Story, requests: Sequence[str], _stop: str | None) -> Iterator[Met]:
    for at, step in enumerate(story.steps):
        if isinstance(step, ToolCall):
            if step.error is not None and _DENIED.search(step.error[:_SHORT]):
                yield Met(Trigger.OUT_OF_POLICY, at, step, f"{step.tool} was refused")
        elif _asks_for_it(step, requests):
            yield Met(Trigger.OUT_OF_POLICY, at, None, "the user asked for what is out of policy")


def _asks_for_it(step: Said, requests: Sequence[str]) -> bool:
    return step.role == "user" and any(found(pattern, step.text) for pattern in requests)


def _errors(story: Story, _requests: Sequence[str], _stop: str | None) -> Iterator[Met]:
    for at, call in story.calls:
        if call.error is not None:
            yield Met(Trigger.TOOL_ERROR, at, call, f"{call.tool} failed")


def _empty(story: Story, _requests: Sequence[str], _stop: str | None) -> Iterator[Met]:
    for at, call in story.calls:
        if call.error is None and not writes(call, None) and is_empty(call.result):
            yield Met(Trigger.EMPTY_RETRIEVAL, at, call, f"{call.tool} found nothing")


def _conflicting(story: Story, _requests: Sequence[str], _stop: str | None) -> Iterator[Met]:
    for at, call, why in conflicts(story):
        yield Met(Trigger.CONFLICTING_RETRIEVAL, at, call, why)


_Finder = Callable[[Story, Sequence[str], str | None], Iterator[Met]]
_FINDERS: Final[dict[Trigger, _Finder]] = {
    Trigger.LIMIT: _limits,
    Trigger.OUT_OF_POLICY: _refusals,
    Trigger.TOOL_ERROR: _errors,
    Trigger.EMPTY_RETRIEVAL: _empty,
    Trigger.CONFLICTING_RETRIEVAL: _conflicting,
}
