"""Whether a text mentions a value: as words of their own, whatever the case of letters."""

import re

from roadworthy.base.codec import Json
from roadworthy.grade.output_text import text_of


def mentions(text: str, value: Json) -> bool:
    """Whether `value` stands in `text`, and not as a part of a longer word or number.

    ``40`` is in "refund 40 USD" and in "$40.", not in "140" or "40.5"; ``40.0`` counts as ``40``.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    wanted = text_of(value).strip()
    if not wanted or wanted.casefold() not in text.casefold():
        return False
    pattern = rf"(?<!\w){re.escape(wanted)}(?!\w|[.,]\d)"
    return re.search(pattern, text, re.IGNORECASE) is not None
