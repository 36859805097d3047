"""Where in a case's input the user speaks, whatever form the input has."""

from collections.abc import Callable, Iterator
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.suite.place import Place

_PROSE_KEYS: Final = frozenset(
    {"message", "text", "query", "question", "prompt", "content", "input", "request", "body"}
)
_LEAST_WORDS: Final = 3  # of a text that is prose, whatever its key


def said_in(given: Json) -> list[Place]:
    """Places of what the user says, in order: the text itself, messages of the user, prose in JSON.

    Text in JSON is prose under a key that says so, or from three words on; beside a `role` it
    counts only where that is `user`.
    """
    if isinstance(given, str):
        return [()] if _has_words(given) else []
    return list(_prose(given, (), said=False))


def text_at(given: Json, place: Place) -> str:
    """The text at a place that `said_in` gave."""
    for step in place:
        if isinstance(given, dict):
            given = given[str(step)]
        else:
            assert isinstance(given, list)
            assert isinstance(step, int)
            given = given[step]
    assert isinstance(given, str)
    return given


def changed_at(given: Json, place: Place, change: Callable[[str], str]) -> Json:
    """`given` with the text at `place` changed; everything else is the same object."""
    if not place:
        assert isinstance(given, str)
        return change(given)
    step, rest = place[0], place[1:]
    if isinstance(given, list):
        return [changed_at(one, rest, change) if n == step else one for n, one in enumerate(given)]
    assert isinstance(given, dict)
    return {
        key: changed_at(one, rest, change) if key == step else one for key, one in given.items()
    }


def _prose(value: Json, place: Place, *, said: bool) -> Iterator[Place]:
    match value:
        case str():
            if _has_words(value) and (said or len(value.split()) >= _LEAST_WORDS):
                yield place
        case list():
            for number, inner in enumerate(value):
                yield from _prose(inner, (*place, number), said=said)
        case dict():
            if value.get("role", "user") != "user":
                return
            for key, inner in value.items():
                if key != "role":
                    yield from _prose(inner, (*place, key), said=key.lower() in _PROSE_KEYS)


def _has_words(text: str) -> bool:
    return any(char.isalpha() for char in text)
