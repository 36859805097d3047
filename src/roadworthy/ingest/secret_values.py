"""Whether a value can be what its name calls secret: a password, a key, and no word, code or gap.

A name alone says little in what coding agents read and write: ``password=None``,
``token === undefined``, ``YOUR_API_KEY``. People choose passwords, so under such a name nearly
every text counts; machines make keys and tokens, so those have to look made.

Not here: which names there are (`secret_names`), shapes that need no name (`secret_patterns`).
"""

import re
from typing import Final

_GAP: Final = re.compile(
    r"[\W_]*|(?i:x{3,}|\.{2,}|\?+)"  # ****, ..., xxxx
    r"|[<\[{(%$#@].*[>\]})%]|\$\w*|\$[({].*|%\(?\w*\)?s?|:\w+"  # <key>, ${KEY}, {{ key }}, %s
    r"|[A-Z][A-Z]*(?:_[A-Z]+)+"  # YOUR_API_KEY, DB_PASSWORD
    r"|.*(?:\.{3}|…|[xX*•]{4,}|\$\{).*",  # sk-..., sk-xxxxxxxx, ${HOST}:1
    re.DOTALL,
)
_MEANT_TO_BE_FILLED: Final = re.compile(
    r"(?i)(?:^|[\W_])(?:your|insert|enter|replace|placeholder|change_?me|dummy|sample|example"
    r"|fake|todo|here|redacted|masked|hidden|omitted)(?:$|[\W_])|^your[A-Z]"
)
_WORDS_TEXT: Final = (
    "any anything array await bool boolean bytes char const default def disabled dynamic empty"
    " enabled expired export false field final float function hidden import in include incorrect"
    " input int integer invalid is lambda let list local map missing mixed must nan new nil no none"
    " not null number object omit option optional or pass password passwords passwd plain pwd"
    " readonly required return same-origin secret secrets secretstr self static str string text"
    " the this token tokens true undefined unknown unset use username var varchar void was yes"
    " apikey api_key cookie credentials credential auth value argument arguments flag flags"
    " parameter parameters switch prompt env stdin file and for from if to with when which that"
    " authentication authorization bearer basic reset stored changed an as at be by of on it"
    " are can has have may set sent should will"
)
_WORDS: Final = frozenset(_WORDS_TEXT.split())
_KINDS: Final = re.compile(
    r"(?i)(?:u?int|uint|float|bytes|utf|sha|md|aes|rsa|hs|rs|es|ed|base|oauth|http|tls|ssl|i|u|f)"
    r"[-_]?\d{1,5}(?:[-_/](?:bit|hex|\d{1,4}|[cg]cm|cbc))?"
)
_SENTENCE_TEXT: Final = (
    "a an and are at be by can field for from has if in input is it key match must new not of on or"
    " password passwords passphrase please reset secret set should that the this to token use"
    " used user user's username was will with you your enter confirm forgot change"
)
_SENTENCE: Final = frozenset(_SENTENCE_TEXT.split())
_STEM: Final = re.compile(r"(?i)pass|pwd|secret|token|key|cred|auth")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][\w$-]*")
_EXPRESSION: Final = re.compile(
    r"[=!&|>?,;)\]}`]|[-+*/](?:\s|$)"
    r"|(?:[A-Za-z_$@][\w$]*)(?:(?:\.|\?\.|->|::)[A-Za-z_$][\w$]*)+[\W_]*$"  # cfg.db.password
    r"|[A-Za-z_$@][\w$.?:>-]*[(\[]"  # getpass(, os.environ[
    r"|[A-Za-z_$]+<"
)
_PATH: Final = re.compile(
    r"(?:~|\.{1,2}|/(?:home|etc|var|run|usr|Users|tmp|app|opt|root|mnt|srv|dev))/[^\s]*"
    r"|[a-z][\w.-]{0,64}(?:/[\w.-]{1,64}){3,16}"
    r"|[\w./ -]+\.(?:pem|key|crt|json|txt|env|py|js|ts|ya?ml|toml|pub|md)"
)
_PUBLIC: Final = re.compile(r"0x[0-9a-fA-F]{40}|\w{2,12}://.*", re.DOTALL)  # an address of a chain
_ODD: Final = re.compile(r"[a-z][A-Z]|[!@#$%^*+=~]\w|\w[!@#$%^*+=~]")
_NUMBERED: Final = re.compile(r"[A-Za-z_]+[-_]?\d{1,3}")  # a word with a number after it
_SCHEME: Final = re.compile(r"(?i)(?:apikey|basic|bearer|digest|token|negotiate)[ \t]{1,8}")
_LONGEST_JUDGED: Final = 4096
_FEWEST_TELLING: Final = 2
_FEW_DIGITS: Final = 6
_SHORT_KEY: Final = 6
_LONG_WORD: Final = 16
_SHORT_MADE: Final = 8
_SHORT_PASSWORD: Final = 4


def looks_chosen(text: str) -> bool:
    """Whether `text` can be a password, which people choose: no gap, keyword, path or sentence."""
    return not (is_stand_in(text) or is_elsewhere(text) or _is_sentence(text))


def looks_like_key(text: str) -> bool:
    """Whether `text` can be a key under a key's name: odd, or long, and no path."""
    word = _SCHEME.sub("", text[:_LONGEST_JUDGED], count=1)
    if any(map(str.isspace, word)) or is_stand_in(word) or is_elsewhere(word):
        return False
    if _has_digit(word):
        return len(word) >= _SHORT_KEY
    is_name = _IDENTIFIER.fullmatch(word) is not None and _STEM.search(word) is not None
    is_odd = _ODD.search(word) is not None and len(word) >= _SHORT_MADE
    return not is_name and (is_odd or len(word) >= _LONG_WORD)


def looks_random(text: str) -> bool:
    """Whether `text` is made by a machine: one word of digits and letters, or many digits.

    What stands under ``token`` or ``tokens`` may as well be a piece of text or a coin.
    """
    if "=" in text and _COOKIE.match(text[:_LONGEST_JUDGED]):
        return True
    if len(text) < _FEW_DIGITS or any(map(str.isspace, text)):
        return False
    if text.isdecimal():
        return True
    has_letter = any(map(str.isalpha, text))
    is_made = len(text) >= _SHORT_MADE and has_letter and _has_digit(text)
    return (
        is_made and not _NUMBERED.fullmatch(text) and not (is_stand_in(text) or is_elsewhere(text))
    )


_COOKIE: Final = re.compile(r"[\w.-]{1,64}=[^\s;]{6,}(?:;|$)")


def looks_typed(text: str) -> bool:
    """Whether `text`, said in a sentence or without quotes, is unlike a word, a name or code."""
    if len(text) < _SHORT_PASSWORD or is_stand_in(text) or is_code(text):
        return False
    if _IDENTIFIER.fullmatch(text) and _STEM.search(text):
        return False
    return _has_digit(text) or _ODD.search(text) is not None


def is_code(text: str) -> bool:
    """Whether `text`, without quotes, is more likely code than a value: a call, a member."""
    return _EXPRESSION.match(text[:_LONGEST_JUDGED]) is not None


def is_stand_in(text: str) -> bool:
    """Whether `text` stands where a value goes: a gap, a reference, a keyword, a type."""
    if len(text) > _LONGEST_JUDGED:
        return False
    return (
        text.casefold() in _WORDS
        or _GAP.fullmatch(text) is not None
        or _MEANT_TO_BE_FILLED.search(text) is not None
        or _KINDS.fullmatch(text) is not None
        or (_IDENTIFIER.fullmatch(text) is not None and _names_one(text))
    )


def _names_one(text: str) -> bool:
    """Whether an identifier is only the name of a secret (``db-password``, ``accessToken``)."""
    return not _has_digit(text) and _STEM.search(text) is not None and bool(_JOINED.search(text))


_JOINED: Final = re.compile(r"[-_]|[a-z][A-Z]")


def _is_sentence(text: str) -> bool:
    """Whether `text` is said to people, as labels and descriptions are."""
    words = [word.strip(".,:;!?'\"") for word in text.casefold().split()]
    return sum(word in _SENTENCE for word in words) >= _FEWEST_TELLING


def is_elsewhere(text: str) -> bool:
    """Whether `text` says where something is: a path, an address."""
    return _PATH.fullmatch(text) is not None or _PUBLIC.fullmatch(text) is not None


def _has_digit(text: str) -> bool:
    return any(map(str.isdecimal, text))
