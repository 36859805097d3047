"""Protobuf whose texts are not all UTF-8, which some senders write and the parser refuses.

The same messages are described once more with bytes in the place of text: what is wrong in one
text then costs the wrong bytes and not the request.
"""

from functools import cache
from typing import Any


def parse_repaired(kind: Any, body: bytes) -> Any:
    """`body` as `kind`, with U+FFFD for bytes that are no text; `None` if it is no such message."""
    from google.protobuf.message import (  # noqa: PLC0415 - slow to import
        DecodeError,
    )

    try:
        raw = _raw_kind(kind.DESCRIPTOR.full_name).FromString(body)
        _mend(raw, kind.DESCRIPTOR)
        return kind.FromString(raw.SerializeToString())
    except (DecodeError, RecursionError):
        return None


@cache
def _raw_kind(full_name: str) -> Any:
    """The class of that name in a pool of its own, where every text is bytes."""
    from google.protobuf import (  # noqa: PLC0415 - slow to import
        descriptor_pb2,
        descriptor_pool,
        message_factory,
    )

    pool = descriptor_pool.DescriptorPool()
    known = descriptor_pool.Default().FindMessageTypeByName(full_name)
    for file in _files(known.file):
        described = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(described)
        for message in described.message_type:
            _without_text(message)
        pool.Add(described)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(full_name))


def _files(file: Any) -> list[Any]:
    """`file` after everything that it imports."""
    found: dict[str, Any] = {}
    for imported in file.dependencies:
        found.update({one.name: one for one in _files(imported)})
    return [*found.values(), file]


def _without_text(message: Any) -> None:
    for field in message.field:
        if field.type == field.TYPE_STRING:
            field.type = field.TYPE_BYTES
    for inner in message.nested_type:
        _without_text(inner)


def _mend(raw: Any, described: Any) -> None:
    """Replace what is no UTF-8 in the fields that are text in `described`."""
    for field, value in raw.ListFields():
        meant = described.fields_by_number[field.number]
        if field.type == field.TYPE_MESSAGE:
            for inner in value if field.is_repeated else (value,):
                _mend(inner, meant.message_type)
        elif meant.type == meant.TYPE_STRING:
            if field.is_repeated:
                value[:] = [_utf8(text) for text in value]
            else:
                setattr(raw, field.name, _utf8(value))


def _utf8(text: bytes) -> bytes:
    return text.decode("utf-8", "replace").encode()
