"""Records to the JSON bytes that are kept, with a refusal that names the record.

JSON text is UTF-8 and knows neither NaN nor infinity: a lone surrogate is refused, a float
that is not finite is kept as `null`.
"""

from roadworthy.base.codec import decode, encode
from roadworthy.base.errors import InvalidRecord

UNWRITABLE = (UnicodeEncodeError, RecursionError, TypeError, OverflowError, ValueError)
"""What the encoder raises for values that JSON cannot hold."""


def encoded(record: object, what: str) -> bytes:
    """Encode `record`; `what` names it in the error, e.g. ``trial 2 of case refund``.

    Raises:
        InvalidRecord: something in it cannot be written as JSON.
    """
    try:
        return encode(record)
    except UNWRITABLE as error:
        raise unwritable(what, error) from error


def encoded_readably(record: object, what: str) -> bytes:
    """Encode a record and see that it can be read back: one that cannot would hide its neighbours.

    Raises:
        InvalidRecord: it cannot be written as JSON, or breaks its own rules.
    """
    data = encoded(record, what)
    try:
        decode(type(record), data)
    except InvalidRecord as error:
        raise InvalidRecord(
            f"{what} cannot be stored: it could not be read back",
            hint="clean the value at its source",
        ) from error
    return data


def unwritable(what: str, error: Exception) -> InvalidRecord:
    """The error for a record that `encode` refused, without quoting what is in it."""
    match error:
        case UnicodeEncodeError():
            why = "it holds text with half a surrogate pair, which is not valid Unicode"
        case RecursionError():
            why = "it is nested too deeply"
        case _:
            why = "it holds a value that JSON cannot express"
    return InvalidRecord(f"{what} cannot be stored: {why}", hint="clean the value at its source")
