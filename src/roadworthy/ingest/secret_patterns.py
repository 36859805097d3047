"""What secrets look like: the one list. Each pattern runs in time linear in the text.

Not here: secrets that a name stands before (`named_secrets`), names of members (`secret_names`),
providers' keys (`provider_keys`), what a pattern is (`secret_pattern`).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from roadworthy.ingest.named_secrets import NAMED
from roadworthy.ingest.provider_keys import (
    KEYS_LIKE_NOTHING_ELSE,
    KEYS_WITH_DASH,
    KEYS_WITH_NEITHER,
    KEYS_WITH_UNDERSCORE,
)
from roadworthy.ingest.secret_pattern import SecretPattern, opens
from roadworthy.ingest.secret_values import is_stand_in

_ISSUED: Final = re.compile(
    r"4[0-9]{12}(?:[0-9]{3})?(?:[0-9]{3})?"  # Visa
    r"|5[0-8][0-9]{14}|2[2-7][0-9]{14}"  # Mastercard, Maestro
    r"|3[47][0-9]{13}"  # American Express
    r"|3[0689][0-9]{12}"  # Diners Club
    r"|(?:35|6[0-7])[0-9]{14}|6[0-7][0-9]{15,17}"  # JCB, Discover, UnionPay, Maestro
)

_ODD: Final = re.compile(r"[a-z][A-Z]|[!@#$%^*+=~]\w")
_PUT_TOGETHER: Final = re.compile(r"[<{\[$%]|\*+$|x+$|\.+$")
_SPELLED_OUT: Final = frozenset(("password", "PASSWORD", "pass", "PASS", "pwd", "token", "TOKEN"))
_LONGER_THAN_WORDS: Final = 20


def _has_digit(text: str) -> bool:
    """Keys are drawn at random and hold digits; words with the same beginning do not."""
    return any(char.isdigit() for char in text)


def _is_key(text: str) -> bool:
    """Whether what follows ``bearer`` is a key: unlike a word, a gap or the name of one."""
    if is_stand_in(text):
        return False
    return len(text) >= _LONGER_THAN_WORDS or _has_digit(text) or _ODD.search(text) is not None


def _is_assigned(text: str) -> bool:
    return "=" in text


def _is_password_of_url(text: str) -> bool:
    """Whether it is one, and neither a gap nor what code puts together."""
    return not _PUT_TOGETHER.match(text) and text not in _SPELLED_OUT


def _is_filled(text: str) -> bool:
    return not is_stand_in(text)


def is_card_number(text: str) -> bool:
    """Whether `text` has an issuer's first digits and length, and the right check digit.

    Source: ISO/IEC 7812-1, annex B (Luhn); one in ten other numbers of that shape passes too.
    """
    digits = [int(char) for char in text if char in "0123456789"]
    number = "".join(map(str, digits))
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return bool(_ISSUED.fullmatch(number)) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


_PEM_NAME: Final = r"(?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----"
_MAILBOX: Final = r"(?<![\w.%+-])(?:(?<=\\)[bfnrt])?(?P<secret>[\w.%+-]+"  # \\njo@… in JSON
_DOMAIN: Final = r"(?:[^\W_](?:[\w-]*)\.)+[^\W\d_]{2,}"


def _one_of(keys: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9])(?P<secret>{'|'.join(keys)})")


PATTERNS: Final = (
    SecretPattern(
        kind="private-key",
        marks="-",
        words=("private key",),
        pattern=re.compile(
            rf"(?P<secret>-----BEGIN {_PEM_NAME}.*?(?:-----END {_PEM_NAME}|\Z))", re.DOTALL
        ),
    ),
    SecretPattern(
        kind="url-password",
        marks="@",
        words=("://",),
        pattern=re.compile(
            r"(?<=://)[^\s/?#@:\"'<>\\]{0,256}:"
            r"(?P<secret>[^\s/@\"'<>\\]{1,512}+(?=@)|(?!\d{1,5}/)[^\s?#@\"'<>\\]{1,512}+)@"
        ),
        confirmed=_is_password_of_url,
    ),
    SecretPattern(
        kind="jwt",
        marks=".",
        words=("eyj",),
        pattern=re.compile(r"(?<![\w-])(?P<secret>eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*)"),
    ),
    SecretPattern(
        kind="api-key",
        marks="_",
        words=("gh", "_live_", "_test_", "whsec_", "hf_", "gsk_", "r8_", "npm_", "ntn_", "rw_"),
        pattern=_one_of(KEYS_WITH_UNDERSCORE),
        confirmed=_has_digit,
    ),
    SecretPattern(
        kind="api-key",
        marks="-",
        words=("sk-", "gl", "xox", "xapp-", "xai-", "pplx-", "pypi-", "sq0", "key-"),
        pattern=_one_of(KEYS_WITH_DASH),
        confirmed=_has_digit,
    ),
    SecretPattern(
        kind="api-key",
        words=("aiza", "ya29.", "dapi", "sg.", "pat"),
        pattern=_one_of(KEYS_WITH_NEITHER),
        confirmed=_has_digit,
    ),
    SecretPattern(
        kind="api-key",
        marks="K",
        words=("sk",),
        pattern=_one_of((r"SK[0-9a-f]{32}",)),  # Twilio
        confirmed=_has_digit,
    ),
    SecretPattern(
        kind="api-key",
        words=("gocspx-", "shp", "_v1_", "hv", "lin_api_", "age-secret-"),
        pattern=_one_of(KEYS_LIKE_NOTHING_ELSE),
    ),
    SecretPattern(
        kind="api-key",
        marks=":",
        words=(":aa",),
        pattern=re.compile(r"(?<!\d)(?P<secret>\d{8,10}:AA[\w-]{30,})"),  # Telegram
    ),
    SecretPattern(
        kind="webhook",
        marks="/",
        words=("hooks.slack.com/", "/api/webhooks/"),
        pattern=re.compile(
            r"(?:hooks\.slack\.com/(?:services|workflows|triggers)/|/api/webhooks/\d{1,24}/)"
            r"(?P<secret>[\w/-]{16,})"
        ),
    ),
    SecretPattern(  # of addresses that open to whoever has them, and of Azure's connections
        kind="signature",
        marks="=",
        words=("accountkey=", "signature=", "sig="),
        pattern=re.compile(
            r"(?:\bAccountKey|\bX-(?:Amz|Goog)-Signature|\bsig)=(?P<secret>[\w%+/=-]{16,})",
            re.IGNORECASE,
        ),
    ),
    SecretPattern(
        kind="aws-key",
        words=("akia", "asia", "abia", "acca"),
        pattern=re.compile(
            r"(?<![A-Za-z0-9])(?P<secret>A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16})(?![A-Za-z0-9])"
        ),
    ),
    SecretPattern(
        kind="bearer-token",
        words=("bearer",),
        pattern=re.compile(r"\bbearer[ \t]{1,8}(?P<secret>[\w.~+/=-]{8,})", re.IGNORECASE),
        confirmed=_is_key,
    ),
    SecretPattern(
        kind="authorization",
        marks=":=",
        words=("authorization",),
        pattern=re.compile(
            r"authorization\\{0,8}[\"']?[ \t]{0,8}[:=][ \t]{0,8}\\{0,8}[\"']?"
            r"(?:basic|digest|token|apikey|bearer)[ \t]{1,8}(?P<secret>[^\s\"'\\,;]{4,})",
            re.IGNORECASE,
        ),
        confirmed=_is_filled,
    ),
    SecretPattern(  # curl -u name:…
        kind="secret",
        marks=":",
        words=("curl",),
        pattern=re.compile(
            r"(?<![\w-])(?:-u|--user|--proxy-user)[ \t=]{0,8}\\{0,8}[\"']?"
            r"[^\s:\"'\\\[]{1,128}:(?P<secret>[^\s\"'\\]+)"
        ),
        confirmed=_is_filled,
    ),
    SecretPattern(  # Cookie: a=…; b=…
        kind="cookie",
        marks=":",
        words=("cookie",),
        pattern=re.compile(
            r"cookie\\{0,8}[\"']?[ \t]{0,8}:[ \t]{0,8}\\{0,8}[\"']?"
            r"(?P<secret>[^\s\"'\\][^\r\n\"'\\]{0,4095})",
            re.IGNORECASE,
        ),
        confirmed=_is_assigned,
    ),
    *NAMED,
    SecretPattern(
        kind="email",
        marks="@",
        pattern=re.compile(rf"{_MAILBOX}@{_DOMAIN})"),
    ),
    SecretPattern(  # as in addresses of pages, and as in JSON
        kind="email",
        marks="%\\",
        words=("%40", "u0040"),
        pattern=re.compile(rf"{_MAILBOX}(?:%40|\\{{1,8}}u0040){_DOMAIN})"),
    ),
    SecretPattern(
        kind="card-number",
        marks="23456",
        pattern=re.compile(
            r"(?<![\d.])(?P<secret>[2-6]\d{3}(?:\.\d{4}){3}"
            r"|[2-6](?:[ \u00a0\u2007\u202f-]?\d){12,18})(?!\d)"
        ),
        confirmed=is_card_number,
    ),
)


class Patterns:
    """Patterns in order, those that ask for the same words side by side looked for at once."""

    def __init__(self, patterns: Sequence[SecretPattern]) -> None:
        """Group `patterns`; built once, then only read."""
        kinds = {pattern.kind for pattern in patterns}
        self.has_names: Final = "secret" in kinds
        self.has_cards: Final = "card-number" in kinds
        self._groups: Final = tuple(
            (*asked, tuple(group))
            for asked, group in groupby(patterns, key=lambda one: (one.words, one.gate))
        )

    def that_may_be_in(self, text: str) -> Iterator[SecretPattern]:
        """Those worth searching `text` for."""
        folded = text.casefold()
        for words, gate, group in self._groups:
            if opens(words, gate, folded):
                for pattern in group:
                    if pattern.marked_in(text):
                        yield pattern


EVERY_PATTERN: Final = Patterns(PATTERNS)
