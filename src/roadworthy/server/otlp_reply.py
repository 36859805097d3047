"""Answers as OTLP/HTTP wants them: in the form that was sent, errors as `google.rpc.Status`."""

from enum import StrEnum
from typing import Final

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # it has no stubs
from litestar import Response
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from roadworthy.app.ingest_spans import Decoded
from roadworthy.base.printable import printable
from roadworthy.server.backlog import RETRY_AFTER_S

MOST_WHY: Final = 1000
RPC_CODES: Final = {
    400: 3,  # INVALID_ARGUMENT
    401: 16,  # UNAUTHENTICATED
    403: 7,  # PERMISSION_DENIED
    408: 4,  # DEADLINE_EXCEEDED
    413: 3,
    415: 3,
    421: 3,
    429: 8,  # RESOURCE_EXHAUSTED
    500: 13,  # INTERNAL
    503: 14,  # UNAVAILABLE
}
_RETRY: Final = frozenset((429, 503))


class Form(StrEnum):
    """The two forms of OTLP/HTTP, by content type."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


def form_of(content_type: str) -> Form | None:
    """The form that a Content-Type header names; parameters do not matter."""
    name = content_type.partition(";")[0].strip().lower()
    return next((form for form in Form if form.value == name), None)


def stored_traces(decoded: Decoded, form: Form) -> Response[bytes]:
    """200 for spans that are durable; says how many were rejected and why."""
    return _response(traces_answer(decoded), form, 200)


def stored_logs(decoded: Decoded, form: Form) -> Response[bytes]:
    """200 for log records; says how many were rejected and why."""
    return _response(logs_answer(decoded), form, 200)


def traces_answer(decoded: Decoded) -> ExportTraceServiceResponse:
    """The message for spans that are durable."""
    answer = ExportTraceServiceResponse()
    if decoded.rejected or decoded.why:
        answer.partial_success.rejected_spans = decoded.rejected
        answer.partial_success.error_message = printable(decoded.why, limit=MOST_WHY)
    return answer


def logs_answer(decoded: Decoded) -> ExportLogsServiceResponse:
    """The message for log records."""
    answer = ExportLogsServiceResponse()
    if decoded.rejected or decoded.why:
        answer.partial_success.rejected_log_records = decoded.rejected
        answer.partial_success.error_message = printable(decoded.why, limit=MOST_WHY)
    return answer


def failed(status: int, message: str, form: Form | None) -> Response[bytes]:
    """An error; JSON to those who sent neither form."""
    answer = Status(code=RPC_CODES.get(status, 2), message=printable(message, limit=MOST_WHY))
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status in _RETRY else {}
    return _response(answer, form or Form.JSON, status, headers)


def _response(
    message: Message, form: Form, status: int, headers: dict[str, str] | None = None
) -> Response[bytes]:
    if form is Form.PROTOBUF:
        data = message.SerializeToString()
    else:
        data = MessageToJson(message, indent=None).encode()
    return Response(data, status_code=status, media_type=form.value, headers=headers or {})
