"""Which names say that what they name is secret, and how far what they say reaches.

Not here: whether the value can be a secret at all (`secret_values`), what secrets look like
wherever they stand (`secret_patterns`).
"""

import re
from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.ingest.secret_values import looks_chosen, looks_like_key, looks_random

_PASSWORDS: Final = (
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passphrases",
    "passcode",
    "passcodes",
)
_KEYS: Final = (
    *("authorization", "apikey", "apikeys", "accesskey", "accesskeys", "privatekey", "privatekeys"),
    *(
        "secretkey",
        "secretkeys",
        "secretkeybase",
        "signingkey",
        "encryptionkey",
        "clientsecret",
        "appsecret",
    ),
    *("consumersecret", "sharedsecret", "webhooksecret", "signingsecret", "jwtsecret"),
    *("accesstoken", "apitoken", "authtoken", "bearertoken", "bottoken", "csrftoken"),
    *("deploytoken", "githubtoken", "gitlabtoken", "idtoken", "npmtoken", "oauthtoken"),
    *("refreshtoken", "resettoken", "securitytoken", "sessiontoken", "xsrftoken"),
)
_VAGUE: Final = ("token", "secret", "secrets", "credential", "credentials", "cookie", "cookies")
_HARMLESS: Final = (
    *("pagetoken", "nexttoken", "continuationtoken", "synctoken"),  # places in a list
    *("maxtoken", "pertoken", "firsttoken", "lasttoken"),  # amounts
    *("bostoken", "eostoken", "padtoken", "unktoken", "septoken", "masktoken", "stoptoken"),
)
_DESCRIBES: Final = ("type", "kind", "scheme", "scope", "scopes", "username", "user", "provider")
_EXPIRES: Final = ("expires", "expiry", "expiration", "issued", "created", "updated")
_ENCODED: Final = re.compile(r"%(?:5f|2d|2e|20)", re.IGNORECASE)
_NOT_A_LETTER: Final = re.compile(r"[^a-z]+")
_LONGEST_NAME: Final = 128
_BESIDE_PIECES: Final = frozenset(
    ("logprob", "logprobs", "log_prob", "top_logprobs", "token_id", "decoded_token", "tokenId")
)
_SCHEMA_TYPES: Final = frozenset(
    ("string", "number", "integer", "boolean", "object", "array", "null")
)
_SCHEMA_BEGINS: Final = ("type", "$ref", "anyOf", "oneOf", "allOf", "enum")
_SCHEMA_TEXT: Final = (
    "$ref $defs $id $schema additionalProperties allOf anyOf const default definitions"
    " dependentRequired deprecated description enum example examples exclusiveMaximum"
    " exclusiveMinimum format items maxItems maxLength maximum minItems minLength minimum"
    " multipleOf not nullable oneOf pattern patternProperties prefixItems properties"
    " propertyNames readOnly required strict title type uniqueItems writeOnly"
)
_SCHEMA_WORDS: Final = frozenset(_SCHEMA_TEXT.split())
_SCHEMA_VALUES: Final = ("default", "example", "examples", "const")


class Secrecy(IntEnum):
    """What the names above a value say of it; a value has to look the part, too."""

    NONE = 0
    PIECE = 1  # ``tokens``, and below a vague name: keys to doors, or pieces of text
    VAGUE = 2  # right under ``token``, ``secret``, ``auth``
    BELOW_KEY = 3
    KEY = 4  # right under ``api_key``, ``access_token``
    BELOW_PASSWORD = 5  # within a mapping with a password's name, which may hold counts as well
    PASSWORD = 6  # right under a password's name

    def hides(self, value: Json) -> bool:
        """Whether `value`, which is neither mapping nor list, goes whole."""
        if isinstance(value, str):
            return self is not Secrecy.NONE and _LOOKS[self](value)
        if isinstance(value, bool) or not isinstance(value, int):
            return False
        return abs(value) >= _LEAST_NUMBER.get(self, abs(value) + 1)

    def within(self) -> "Secrecy":
        """What is left of it for the members of a mapping."""
        return Secrecy(self - 1) if self in _LEAST_NUMBER else self


_LOOKS: Final[Mapping[Secrecy, Callable[[str], bool]]] = {
    Secrecy.PIECE: looks_random,
    Secrecy.VAGUE: looks_random,
    Secrecy.BELOW_KEY: looks_like_key,
    Secrecy.KEY: looks_like_key,
    Secrecy.BELOW_PASSWORD: looks_chosen,
    Secrecy.PASSWORD: looks_chosen,
}
_LEAST_NUMBER: Final = {Secrecy.VAGUE: 10**6, Secrecy.KEY: 10**6, Secrecy.PASSWORD: 1000}
"""Below it, a number right under a secret's name is a count, a flag or a piece of text."""


def names_a_secret(key: str) -> bool:
    """Whether a member called `key` (``apiKey``, ``X-Auth-Token``, ``DB_PASSWORD``) is secret.

    Tokens that count pieces of text or mark a page of a list are none.
    """
    return secrecy_of(key) >= Secrecy.VAGUE


@lru_cache(maxsize=4096)
def secrecy_of(key: str) -> Secrecy:
    """What a member's own name says of its value."""
    letters = _letters(key[-_LONGEST_NAME:])
    if letters.endswith(_PASSWORDS) or letters == "pwd":
        return Secrecy.PASSWORD
    if letters.endswith(_HARMLESS):
        return Secrecy.NONE
    if letters.endswith(_KEYS):
        return Secrecy.KEY
    if letters.endswith(_VAGUE) or letters == "auth":
        return Secrecy.VAGUE
    return Secrecy.PIECE if letters.endswith("tokens") else Secrecy.NONE


def secrecy_below(above: Secrecy, key: str) -> Secrecy:
    """What holds for the member `key` of a mapping of which `above` holds."""
    own = secrecy_of(key)
    if above is Secrecy.NONE:
        return own
    letters = _letters(key)
    if own < Secrecy.VAGUE and (letters in _DESCRIBES or letters.startswith(_EXPIRES)):
        return Secrecy.NONE
    return max(own, above.within())


def secrecy_in(members: Mapping[str, Json], key: str, above: Secrecy = Secrecy.NONE) -> Secrecy:
    """What holds for the member `key` of `members`, whose other members may say more.

    A token with its probability is a piece of text. In a JSON Schema a name is that of a field,
    and only a default or an example could be a secret.
    """
    if above is not Secrecy.NONE and is_schema(members):
        return above if key in _SCHEMA_VALUES else Secrecy.NONE
    if key == "value" and above < Secrecy.VAGUE:
        above = max(above, _secrecy_of_pair(members))
        if above is not Secrecy.NONE:
            return above
    secrecy = secrecy_below(above, key)
    if Secrecy.NONE < secrecy <= Secrecy.VAGUE and not _BESIDE_PIECES.isdisjoint(members):
        return Secrecy.NONE
    return secrecy


def is_schema(members: Mapping[str, Json]) -> bool:
    """Whether `members` is a node of a JSON Schema: its words, and no others."""
    if not any(word in members for word in _SCHEMA_BEGINS) or not _SCHEMA_WORDS.issuperset(members):
        return False
    kind = members.get("type", "string")
    kinds = kind if isinstance(kind, list) else [kind]
    return all(isinstance(one, str) and one in _SCHEMA_TYPES for one in kinds)


def secret_pair(members: Mapping[str, Json]) -> bool:
    """Whether `members` is like ``{"name": "Authorization", "value": …}``."""
    return _secrecy_of_pair(members) >= Secrecy.VAGUE


def _secrecy_of_pair(members: Mapping[str, Json]) -> Secrecy:
    if "value" not in members:
        return Secrecy.NONE
    name = members.get("name", members.get("key"))
    is_name = isinstance(name, str) and len(name) <= _LONGEST_NAME
    return secrecy_of(name) if is_name and isinstance(name, str) else Secrecy.NONE


def _letters(key: str) -> str:
    plain = _ENCODED.sub("", key) if "%" in key else key
    return _NOT_A_LETTER.sub("", plain.lower()).removesuffix("value")
