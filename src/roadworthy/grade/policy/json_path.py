"""Where a value stands in arguments or a result: ``passengers[*].name``, ``prices.keys()``.

Names are joined by dots; ``[0]`` is one item, ``[*]`` every item of a list or every value of a
mapping, ``keys()`` the names of a mapping. The empty path is the whole. Text that holds a JSON
object or list is read as that. A path that leads nowhere gives no values, which is not ``null``.
"""

import re
from functools import lru_cache
from typing import Final, TypeAlias

from roadworthy.base.codec import Json
from roadworthy.records.trajectory import parsed_arguments

Step: TypeAlias = str | int

EVERY: Final = "[*]"
KEYS: Final = "keys()"
_WORD = re.compile(r"(?P<name>[^.\[\]]+)|\[(?P<index>\d{1,6}|\*)\]")
_WHOLE = re.compile(r"(?:[^.\[\]]+|\[(?:\d{1,6}|\*)\])(?:\.[^.\[\]]+|\[(?:\d{1,6}|\*)\])*")
_MOST_VALUES: Final = 10_000


def path_problem(path: str) -> str | None:
    """What is wrong with a path as written; `None` when it can be followed."""
    if not path or _WHOLE.fullmatch(path):
        return None
    return "is no path; write names joined by dots, as in `flights[*].date`"


def values_at(value: Json, path: str) -> list[Json]:
    """Every value at `path`, in order; at most 10,000."""
    found = [parsed_arguments(value)]
    for step in _steps(path):
        found = [inner for outer in found for inner in _inside(outer, step)][:_MOST_VALUES]
    return found


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    for word in _WORD.finditer(path):
        index = word["index"]
        if index is None:
            steps.append(word["name"])
        else:
            steps.append(EVERY if index == "*" else int(index))
    return tuple(steps)


def _inside(value: Json, step: Step) -> list[Json]:
    match value:
        case dict():
            if step == EVERY:
                return list(value.values())
            if step == KEYS:
                return list(value)
            return [value[step]] if isinstance(step, str) and step in value else []
        case list():
            if step == EVERY:
                return value
            return [value[step]] if isinstance(step, int) and step < len(value) else []
        case _:
            return []


def leaves(value: Json) -> list[str]:
    """Every text and number inside `value`, and every name, as text; found without recursion."""
    texts: list[str] = []
    level = [value]
    while level:
        below: list[Json] = []
        for item in level:
            match item:
                case str():
                    texts.append(item)
                case dict():
                    texts += item
                    below += item.values()
                case list():
                    below += item
                case None | bool():
                    pass
                case _:
                    texts.append(str(item))
        level = below
    return texts
