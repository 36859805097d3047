"""Secrets that a name stands before, in code, commands, settings, addresses and prose.

Not here: names (`secret_names`), whether a value can be one (`named_values`).
"""

import re
from typing import Final

from roadworthy.ingest.named_values import (
    as_number,
    as_option,
    assigned,
    ends_line,
    goes_on,
    in_element,
    in_quotes,
)
from roadworthy.ingest.secret_pattern import SecretPattern

_KEY_NAMES: Final = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|secret|token|credentials?"
    r"|(?:api|access|private|secret|signing|encryption)(?:[_ -]|%5f|%2d|%20)?key)"
    r"(?:[_-]?(?:value|base))?"
)
_BARE: Final = r"[^\s\"'\\&,;<>]*[^\s\"'\\&,;<>.!?)]"  # without the full stop of its sentence
_KEY_GATE: Final = re.compile(
    rf"{_KEY_NAMES}(?:\\{{0,8}}[\"'])?\]?[ \t]{{0,8}}(?:[:=>]|is\b|was\b)|--[a-z-]{{1,80}}[ \t]"
)
_KEY_WORDS: Final = ("pass", "pwd", "secret", "token", "credential", "key")

NAMED: Final = (
    SecretPattern(  # password="…", "password": "…", also with escaped quotes
        kind="secret",
        marks="\"'",
        words=_KEY_WORDS,
        gate=_KEY_GATE,
        told_by=in_quotes,
        pattern=re.compile(
            rf"(?P<name>{_KEY_NAMES})(?:\\{{0,8}}[\"'])?\]?[ \t]{{0,8}}"
            r"(?::[ \t]{0,8}str[ \t]{0,8}=|:|={1,3}>?)[ \t]{0,8}(?:[bfru]{1,2}(?=[\"']))?"
            r"(?P<quote>\\{0,8}[\"'])"
            r"(?P<secret>(?:(?!(?P=quote))(?:\\.|[^\r\n\\])){1,4096})(?P=quote)",
            re.IGNORECASE,
        ),
    ),
    SecretPattern(  # "password": 12345678
        kind="secret",
        marks="\"'",
        words=_KEY_WORDS,
        gate=_KEY_GATE,
        told_by=as_number,
        pattern=re.compile(
            rf"(?P<name>{_KEY_NAMES})(?P<quote>\\{{0,8}}[\"'])[ \t]{{0,8}}:[ \t]{{0,8}}"
            r"(?P<secret>\d{4,64})(?![\w.])",
            re.IGNORECASE,
        ),
        unquoted=True,
    ),
    SecretPattern(  # password=…
        kind="secret",
        marks="=",
        words=_KEY_WORDS,
        gate=_KEY_GATE,
        told_by=assigned,
        pattern=re.compile(
            rf"(?P<name>{_KEY_NAMES})[ \t]{{0,8}}=[ \t]{{0,8}}(?P<secret>{_BARE})",
            re.IGNORECASE,
        ),
    ),
    SecretPattern(  # password: … as the last word of its line
        kind="secret",
        marks=":",
        words=_KEY_WORDS,
        gate=_KEY_GATE,
        told_by=ends_line,
        pattern=re.compile(
            rf"(?P<name>{_KEY_NAMES}):[ \t]{{1,8}}(?P<secret>[^\s\"'\\&,;<>]+)[ \t]{{0,8}}\r?$",
            re.IGNORECASE | re.MULTILINE,
        ),
    ),
    SecretPattern(  # password:… and more after it
        kind="secret",
        marks=":",
        words=_KEY_WORDS,
        gate=_KEY_GATE,
        told_by=goes_on,
        pattern=re.compile(
            rf"(?P<name>{_KEY_NAMES}):[ \t]{{0,8}}(?P<secret>{_BARE})", re.IGNORECASE
        ),
    ),
    SecretPattern(  # my password is …
        kind="secret",
        words=_KEY_WORDS,
        gate=_KEY_GATE,
        told_by=goes_on,
        pattern=re.compile(
            rf"(?P<name>{_KEY_NAMES})[ \t]{{1,8}}(?:is|was)(?:[ \t]{{0,8}}:)?[ \t]{{1,8}}"
            rf"\\{{0,8}}[\"'`]?(?P<secret>{_BARE})",
            re.IGNORECASE,
        ),
    ),
    SecretPattern(  # --password …
        kind="secret",
        marks="-",
        words=_KEY_WORDS,
        gate=_KEY_GATE,
        told_by=as_option,
        pattern=re.compile(
            rf"(?<![\w-])--(?P<name>(?:[a-z]{{1,16}}-){{0,3}}(?:{_KEY_NAMES}))[ \t]{{1,8}}"
            r"(?P<open>\\{0,8}[\"'])?"
            r"(?P<secret>(?(open)(?:(?!(?P=open))[^\r\n]){1,1024}"
            r"|[^\s\"'\\&,;<>-][^\s\"'\\&;<>]*))",
            re.IGNORECASE,
        ),
    ),
    SecretPattern(  # <password>…</password>
        kind="secret",
        marks="<",
        words=_KEY_WORDS,
        gate=_KEY_GATE,
        told_by=in_element,
        pattern=re.compile(
            rf"(?P<name>{_KEY_NAMES})>\s{{0,8}}(?P<secret>[^<>\s][^<>]{{0,1023}}+)</",
            re.IGNORECASE,
        ),
    ),
)
