"""Addresses of searches, kept short and honest.

A form sends every field, filled in or not: what is empty is taken out, so that the address can
be read and shared. And what no search knows is told instead of ignored.
"""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from litestar import Request
from litestar.response import Redirect

from roadworthy.server.text import brief, query

_MOST_TOLD: Final = 5
_LONGEST: Final = 60


def without_empties(request: Request[Any, Any, Any]) -> Redirect | None:
    """Where the same is asked with fewer words; `None` when no parameter is empty."""
    asked = [*request.query_params.multi_items()]
    kept = [(name, value) for name, value in asked if value.strip()]
    if len(kept) == len(asked):
        return None
    return Redirect(query(request.url.path, dict(kept)), status_code=303)


def unknown_filters(params: Mapping[str, str], known: Collection[str]) -> Iterator[str]:
    """A sentence for each parameter that is no filter of the view, the first few of them."""
    strangers = [name for name in params if name not in known]
    for name in strangers[:_MOST_TOLD]:
        near = get_close_matches(name, known, n=1)
        meant = f" Did you mean “{near[0]}”?" if near else ""
        yield f"There is no filter “{brief(name, _LONGEST)}” here; it was left out.{meant}"
    if len(strangers) > _MOST_TOLD:
        yield f"{len(strangers) - _MOST_TOLD} more that are no filters were left out."


def unknown_choice(label: str, value: str | None, known: Collection[str]) -> Iterator[str]:
    """A sentence when `value` is given and is none of those that can be chosen."""
    if value and value not in known:
        said = brief(value, _LONGEST)
        yield f"“{said}” is no {label}; it was left out. Known: {', '.join(known)}."
