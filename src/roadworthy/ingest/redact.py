"""Takes secrets and e-mail addresses out of what is written to files that people commit.

One `Redactor` gives equal values equal placeholders, so that a recorded call still matches the
same call elsewhere. E-mail addresses keep the form of an address, for tools that check it.
What has been redacted is left alone: redacting twice changes nothing. What was learned to be
secret in one place, by its name perhaps, is replaced in all others, prose too.

This is a net, not a proof. It knows common shapes of secrets; names, postal addresses and
secrets without a shape pass through.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import Any, Final

from roadworthy.base.codec import Json
from roadworthy.ingest.disguises import is_disguised, undisguised
from roadworthy.ingest.known_secrets import KnownSecrets
from roadworthy.ingest.secret_names import Secrecy, secrecy_in, secrecy_of, secret_pair
from roadworthy.ingest.secret_pattern import SecretPattern
from roadworthy.ingest.secret_patterns import EVERY_PATTERN, Patterns, is_card_number

_PLACEHOLDER: Final = re.compile(
    r"\[redacted:[a-z-]{1,20}:[0-9]{1,9}\]|redacted-[0-9]{1,9}@example\.invalid"
)
_SCHEME: Final = r"(?i:(?:apikey|basic|bearer|digest|token)[ \t]{1,8})?"
_ONLY_PLACEHOLDER: Final = re.compile(rf"{_SCHEME}(?:{_PLACEHOLDER.pattern})")
_FOUND_BY_SHAPE: Final = ("card-number", "email")
_LONGEST_NAME: Final = 40
_ENDS_IN_NAME: Final = re.compile(r"[\w-]*\Z")
_ROUNDS: Final = 10
_NO_NUMBER_OF_ANYTHING: Final = 10**64


_OPENS_JSON: Final = re.compile(r"\s{0,64}[{\[]")
_IN_JSON: Final = re.compile(
    r"(?:pass|pwd|secret|token|credential|key|auth|cookie)[\w-]{0,16}\\{0,8}\"\s{0,8}[:,]"
    r"|\"value\\{0,8}\"\s{0,8}:",
    re.IGNORECASE,
)
"""What JSON holds that has secrets which only its structure tells."""


class Redactor:
    """Redacts JSON values and texts, consistently over its lifetime. Never raises."""

    def __init__(
        self,
        patterns: Patterns = EVERY_PATTERN,
        number: Callable[[str], int] | None = None,
    ) -> None:
        """Take out what `patterns` describe; values are numbered by `number`, else as they come."""
        self._patterns = patterns
        self._number = number
        self._placeholders: dict[str, tuple[str, str]] = {}  # value → its kind, what stands for it
        self._count: dict[str, int] = {}
        self._kinds: dict[str, str] = {}  # placeholder → kind
        self._used: dict[str, str] = {}  # the same, of those that were put somewhere
        self._taken: set[str] = set()
        self._known: KnownSecrets | None = None

    @property
    def marks(self) -> dict[str, int]:
        """Kinds that were redacted, by name, with the number of different values of each."""
        return dict(sorted(Counter(self._used.values()).items()))

    def learn(self, value: Json) -> None:
        """Look at all of `value` first, so that what is secret in one place is so everywhere.

        Learned values of some length are replaced wherever they stand as words. Placeholders in
        `value` are not given to others. What is only learned is not counted in `marks`.
        """
        used = dict(self._used)
        for text in _texts_of(value):
            self._taken.update(_PLACEHOLDER.findall(text))
        self.redact(value)
        self._used = used
        self._known = KnownSecrets()
        for same, (kind, placeholder) in self._placeholders.items():
            if kind not in _FOUND_BY_SHAPE:
                self._known.add(same, placeholder)

    def text(self, text: str) -> str:
        """`text` with placeholders for what looks secret.

        A replacement can lay bare a boundary at which another pattern fits; rounds go on until
        nothing changes.
        """
        if self._known:
            text = self._without_known(self._known, text, alone=True)
        for _ in range(_ROUNDS):
            redacted = self._round(text)
            if self._known:
                redacted = self._without_known(self._known, redacted, alone=False)
            if redacted == text:
                break
            text = redacted
        return text

    def redact(self, value: Json, *, secrecy: Secrecy = Secrecy.NONE) -> Json:
        """`value` with all of its texts redacted, keys too; the given value is left as it is.

        What is named like a secret loses its texts whole, however deep they are, and its numbers,
        where they look the part (`secret_values`).
        Members stay apart, whatever becomes of their keys. Walks without recursion.

        Args:
            value: what to redact.
            secrecy: what its name says of it.
        """
        holder: list[Any] = [value]
        todo: list[tuple[Any, Any, Secrecy]] = [(holder, 0, secrecy)]
        while todo:
            container, place, above = todo.pop()
            item = container[place]
            if isinstance(item, dict):
                container[place], below = self._members(item, above)
                todo.extend((container[place], *member) for member in reversed(below))
            elif isinstance(item, list):
                container[place] = list(item)
                todo.extend((container[place], at, above) for at in reversed(range(len(item))))
            else:
                container[place] = self._scalar(item, above)
        result: Json = holder[0]
        return result

    def whole(self, text: str) -> str:
        """All of a text that its name calls secret, by its own kind if it has one."""
        redacted = self.text(text)
        if not text or _ONLY_PLACEHOLDER.fullmatch(redacted):
            return redacted
        return self._placeholder("secret", text)

    def _members(
        self, members: dict[str, Json], above: Secrecy
    ) -> tuple[dict[str, Json], list[tuple[str, Secrecy]]]:
        """The members under their redacted keys, and what is known of each value."""
        redacted: dict[str, Json] = {}
        below: list[tuple[str, Secrecy]] = []
        for key, value in members.items():
            kept = self.text(key)
            if kept != key:
                kept = distinct_key(kept, members.keys() | redacted.keys())
            redacted[kept] = value
            below.append((kept, secrecy_in(members, key, above)))
        return redacted, below

    def _scalar(self, value: Json, secrecy: Secrecy) -> Json:
        if isinstance(value, str):
            return self.whole(value) if secrecy.hides(value) else self.text(value)
        if not isinstance(value, int) or isinstance(value, bool):
            return value
        if abs(value) >= _NO_NUMBER_OF_ANYTHING:
            return value
        digits = str(value)
        if self._patterns.has_cards and value > 0 and is_card_number(digits):
            return self._placeholder("card-number", digits)
        if secrecy.hides(value) or (self._known and self._known.stand_in(digits)):
            return self._placeholder("secret", digits)
        return value

    def _round(self, text: str) -> str:
        if is_disguised(text):
            text = self._without_disguised(text)
        for secret in self._patterns.that_may_be_in(text):
            text = self._replace(secret, text)
        return self._in_json(text) if self._patterns.has_names else text

    def _without_disguised(self, text: str) -> str:
        """`text` without secrets whose letters are in disguise; all else keeps its own."""
        plain, places = undisguised(text)
        found = sorted(
            (
                places[match.start("secret")],
                places[match.end("secret") - 1] + 1,
                secret.kind,
                match["secret"],
            )
            for secret in self._patterns.that_may_be_in(plain)
            if secret.told_by is None
            for match in secret.pattern.finditer(plain)
            if match["secret"] and secret.confirmed(match["secret"])
        )
        kept: list[str] = []
        done = 0
        for start, end, kind, value in found:
            if start >= done and text[start:end] != value:
                kept += (text[done:start], self._placeholder(kind, value))
                done = end
        return "".join((*kept, text[done:]))

    def _in_json(self, text: str) -> str:
        """`text` without the secrets that its structure tells, if it is JSON."""
        if not _OPENS_JSON.match(text) or not _IN_JSON.search(text):
            return text
        try:
            value = json.loads(text)
            if not _names_secrets(value):
                return text
            before, after = (
                json.dumps(one, ensure_ascii=False) for one in (value, self.redact(value))
            )
        except (ValueError, RecursionError):
            return text
        return text if after == before else after

    def _replace(self, secret: SecretPattern, text: str) -> str:
        def put(found: re.Match[str]) -> str:
            value = found["secret"]
            if value is None or _PLACEHOLDER.fullmatch(value) or not secret.confirmed(value):
                return found[0]
            if secret.told_by is not None and not secret.told_by(found, _name(found)):
                return found[0]
            start, end = (at - found.start() for at in found.span("secret"))
            quote = found["quote"] if secret.unquoted else ""
            stand_in = f"{quote}{self._placeholder(secret.kind, value)}{quote}"
            return found[0][:start] + stand_in + found[0][end:]

        pattern = _sparing(secret.pattern) if "redacted" in text else secret.pattern
        return pattern.sub(put, text)

    def _without_known(self, known: KnownSecrets, text: str, *, alone: bool) -> str:
        replaced = known.replace(text, _PLACEHOLDER, alone=alone)
        if replaced != text:
            for placeholder in _PLACEHOLDER.findall(replaced):
                self._use(placeholder)
        return replaced

    def _use(self, placeholder: str) -> None:
        kind = self._kinds.get(placeholder)
        if kind is not None:
            self._used[placeholder] = kind

    def _placeholder(self, kind: str, value: str) -> str:
        same = _same(kind, value)
        known = self._placeholders.get(same)
        if known is None:
            known = (kind, self._new_placeholder(kind, same))
            self._placeholders[same] = known
            self._kinds[known[1]] = kind
        self._used[known[1]] = known[0]
        return known[1]

    def _new_placeholder(self, kind: str, same: str) -> str:
        while True:
            self._count[kind] = self._count.get(kind, 0) + 1
            number = self._number(same) if self._number else self._count[kind]
            form = "redacted-{1}@example.invalid" if kind == "email" else "[redacted:{0}:{1}]"
            placeholder = form.format(kind, number)
            if self._number or placeholder not in self._taken:
                return placeholder


def distinct_key(key: str, taken: Collection[str]) -> str:
    """`key`, with a number where it is taken."""
    kept, number = key, 1
    while kept in taken:
        number += 1
        kept = f"{key} ({number})"
    return kept


def _texts_of(value: Json) -> Iterator[str]:
    """All texts within, keys too."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from item
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)


def _names_secrets(value: Json) -> bool:
    """Whether a name within says that something is secret, JSON within JSON included."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            if secret_pair(item) or any(map(secrecy_of, item)):
                return True
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
        elif isinstance(item, str) and _OPENS_JSON.match(item) and _IN_JSON.search(item):
            return True
    return False


def _same(kind: str, value: str) -> str:
    """What all forms of one value have in common."""
    if kind == "card-number":
        return re.sub(r"\D", "", value)
    if kind == "email":
        return re.sub(r"%40|\\+u0040", "@", value).casefold()
    if "\\" in value:
        return re.sub(r"\\+([\"'\\/])", r"\1", value)
    return value


def _name(found: re.Match[str]) -> str:
    """All of the name that the group ``name`` ends."""
    before = found.string[max(0, found.start("name") - _LONGEST_NAME) : found.start("name")]
    start = _ENDS_IN_NAME.search(before)
    return (start[0] if start else "") + found["name"]


@cache
def _sparing(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """`pattern`, or a placeholder, which has no group ``secret``."""
    return re.compile(rf"{_PLACEHOLDER.pattern}|{pattern.pattern}", pattern.flags)
