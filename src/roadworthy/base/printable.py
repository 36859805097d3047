"""What agents, tools and users wrote, made safe to print on one terminal line."""

import json
import re
import unicodedata

_LAST_BYTE = 0xFF
_HIDDEN_IN_JSON = re.compile(
    r"[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\ue000-\uf8ff\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001-\U000e007f"
    r"\U000f0000-\U0010ffff]"
)
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_NONCHARACTERS = range(0xFDD0, 0xFDF0)
_LAST_OF_PLANE = 0xFFFE  # and the one after it


def printable(text: str, *, limit: int | None = None) -> str:
    r"""Replace control, format and bidi characters by visible escapes; cut at `limit` characters.

    An escape sequence in a tool's reply must reach the terminal as text (`\x1b[2J`), never
    as a command. Line breaks become `⏎`. Half surrogates and noncharacters are escaped too, so
    that any encoding and any XML can hold the result.
    """
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():
        return text
    return "".join(_visible(char) for char in text)


def printable_json(text: str) -> str:
    r"""JSON text that holds the same value, with hidden characters as escapes (`\u202e`)."""
    return _HIDDEN_IN_JSON.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _visible(char: str) -> str:
    if char == "\n":
        return "⏎"
    code = ord(char)
    if unicodedata.category(char) not in _HIDDEN and not _is_noncharacter(code):
        return char
    return f"\\x{code:02x}" if code <= _LAST_BYTE else f"\\u{code:04x}"


def _is_noncharacter(code: int) -> bool:
    """Whether Unicode gives `code` to no character, ever. Source: Unicode 15, section 23.7."""
    return code in _NONCHARACTERS or code & _LAST_OF_PLANE == _LAST_OF_PLANE
