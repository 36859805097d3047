"""How many tokens a text has, by a rule that needs no model and gives the same everywhere."""

from typing import Final

from roadworthy.base.codec import Json, encode

CHARACTERS_PER_TOKEN: Final = 4


def estimated_tokens(value: Json) -> int:
    """A token for every four characters, rounded down; of JSON, of its compact form.

    English text has a little over four characters a token with the tokenizers of today, so the
    true number is about this. A tokenizer would make variants differ between machines.
    """
    text = value if isinstance(value, str) else encode(value).decode()
    return len(text) // CHARACTERS_PER_TOKEN
