"""Whether a name and the value beside it in a text are a secret, by how they are written.

Texts hold code, commands, settings and prose. The same word is a password in a command and a
variable in a call, so every way of writing asks for as much as it takes to be sure.

Each function takes a match with the groups ``name`` and ``secret``, and the whole name.
"""

import re
from typing import Final

from roadworthy.ingest.secret_names import Secrecy, secrecy_of
from roadworthy.ingest.secret_values import (
    is_code,
    looks_chosen,
    looks_like_key,
    looks_random,
    looks_typed,
)

_OF_A_PIECE: Final = re.compile(
    r"\s{0,8},\s{0,8}\\{0,8}[\"'](?:logprob|log_prob|top_logprobs|token_id|bytes\\{0,8}[\"']\s{0,4}:)"
)
_BETWEEN_QUOTES: Final = re.compile(r"\s|[\"'][\s+,;)]|[,;)\]}]|[^\r\n]*\s\Z")
"""What stands after a closing quote that was taken for an opening one."""
_BEGINS_LINE: Final = re.compile(r"(?:^|[\r\n]|\\n)[ \t]{0,64}(?:- )?[\"']?[\w.-]{0,64}\Z")
_AFTER_PAIR: Final = re.compile(r"\w=[^\s,()=]{1,128}[ ;][\w-]{0,64}\Z")
_ENDS_COMMAND: Final = re.compile(r"[ \t]{0,8}(?:[\r\n\\\"'`|;&<>)]|-|\Z)")
_PLAIN: Final = re.compile(r"[a-z]+")
_FEWEST_LETTERS: Final = 6
_BEFORE: Final = 300


def in_quotes(found: re.Match[str], name: str) -> bool:
    """``password="…"``, ``"password": "…"``."""
    secrecy = secrecy_of(name)
    if _BETWEEN_QUOTES.match(found["secret"]):
        return False
    if secrecy <= Secrecy.VAGUE and _OF_A_PIECE.match(found.string, found.end()):
        return False
    return secrecy.hides(found["secret"])


def as_number(found: re.Match[str], name: str) -> bool:
    """``"password": 12345678``."""
    return secrecy_of(name).hides(int(found["secret"]))


def assigned(found: re.Match[str], name: str) -> bool:
    """``password=…`` in code, commands, settings and addresses."""
    value, secrecy = found["secret"], secrecy_of(name)
    if secrecy is not Secrecy.PASSWORD or looks_typed(value):
        return _unquoted(value, secrecy)
    is_tight = found.string[found.end("name") : found.start("secret")] == "="
    return is_tight and _is_outside_code(found, name) and not is_code(value) and looks_chosen(value)


def ends_line(found: re.Match[str], name: str) -> bool:
    """``password: …`` as the last word of its line; a word is one in a file of settings only."""
    value, secrecy = found["secret"], secrecy_of(name)
    if secrecy is not Secrecy.PASSWORD or looks_typed(value):
        return _unquoted(value, secrecy)
    is_setting = _BEGINS_LINE.search(_before(found)) is not None
    return is_setting and _is_long_word(value) and looks_chosen(value)


def goes_on(found: re.Match[str], name: str) -> bool:
    """``password:…`` with more after it, or ``my password is …``."""
    return _unquoted(found["secret"], secrecy_of(name))


def as_option(found: re.Match[str], name: str) -> bool:
    """``--password …``; a word counts where the command ends or another option follows."""
    value, secrecy = found["secret"], secrecy_of(name)
    if found["open"]:
        return secrecy.hides(value)
    if _unquoted(value, secrecy):
        return True
    is_last = _ENDS_COMMAND.match(found.string, found.end()) is not None
    return secrecy is Secrecy.PASSWORD and is_last and _is_long_word(value) and looks_chosen(value)


def in_element(found: re.Match[str], name: str) -> bool:
    """``<password>…</password>``."""
    return secrecy_of(name).hides(found["secret"].rstrip())


def _unquoted(value: str, secrecy: Secrecy) -> bool:
    match secrecy:
        case Secrecy.PASSWORD:
            return looks_typed(value)
        case Secrecy.KEY:
            return looks_like_key(value) and not is_code(value)
        case Secrecy.VAGUE:
            return looks_random(value) and not is_code(value)
        case _:
            return False


def _is_long_word(value: str) -> bool:
    return len(value) >= _FEWEST_LETTERS and _PLAIN.fullmatch(value) is not None


def _is_outside_code(found: re.Match[str], name: str) -> bool:
    """``PASSWORD=word`` in a shell, ``&password=word`` in an address, ``user=a password=word``."""
    if name.isupper():
        return True
    before = _before(found).removesuffix(name[: len(name) - len(found["name"])])
    return before.endswith(("?", "&", ";")) or _AFTER_PAIR.search(_before(found)) is not None


def _before(found: re.Match[str]) -> str:
    return found.string[max(0, found.start("name") - _BEFORE) : found.start("name")]
