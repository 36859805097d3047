"""A 200 is no delivery by itself: what came back is read, counted and told."""

import json
from typing import Any, TypeAlias

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

Receiver: TypeAlias = Any  # of conftest.py, which nothing can import
RunAgent: TypeAlias = Any

AGENT = """
    import sys
    import roadworthy

    handle = roadworthy.instrument(sys.argv[1])
    for _ in range(5):
        with roadworthy.session():
            pass
    print(handle.flush(30), handle.dropped)
"""
PROTOBUF = "application/x-protobuf"


def partly(rejected: int, why: str = "") -> ExportTraceServiceResponse:
    answer = ExportTraceServiceResponse()
    answer.partial_success.rejected_spans = rejected
    answer.partial_success.error_message = why
    return answer


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_no_delivery_and_is_told_with_where_it_leads(
    receiver: Receiver, run_agent: RunAgent, status: int
) -> None:
    receiver.status = status
    receiver.headers = {"Location": f"{receiver.url}/login\x1b[31m"}

    done = run_agent(AGENT, receiver.url)

    assert done.stdout == "False 5\n"
    assert f"it answered {status}, a redirect to {receiver.url}/login" in done.stderr
    assert "\x1b" not in done.stderr
    assert set(receiver.paths) == {"/v1/traces"}


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        ("text/html; charset=utf-8", b"<html>Log in</html>", "it answered with text/html"),
        ("", b"<html>", "it answered with what it does not name"),
        (PROTOBUF, b"<html>Log in</html>", "its answer cannot be read"),
        ("application/json", b"<html>", "its answer cannot be read"),
        ("application/json", b'{"partialSuccess": 7}', "its answer cannot be read"),
        (PROTOBUF, b"\0" * (3 << 20), "its answer does not end"),
    ],
)
def test_a_200_of_no_otlp_server_is_no_delivery(
    receiver: Receiver, run_agent: RunAgent, kind: str, body: bytes, told: str
) -> None:
    receiver.headers = {"Content-Type": kind} if kind else {}
    receiver.answer = body

    done = run_agent(AGENT, receiver.url)

    assert done.stdout == "False 5\n"
    assert f"5 spans not delivered to {receiver.url}/v1/traces: {told}" in done.stderr


@pytest.mark.parametrize("is_json", [False, True])
def test_spans_that_the_server_rejects_are_counted_and_told(
    receiver: Receiver, run_agent: RunAgent, *, is_json: bool
) -> None:
    said = {"partialSuccess": {"rejectedSpans": "2", "errorMessage": "too old"}, "more": 1}
    receiver.headers = {"Content-Type": "application/json" if is_json else PROTOBUF}
    receiver.answer = (
        json.dumps(said).encode() if is_json else partly(2, "too old").SerializeToString()
    )

    done = run_agent(AGENT, receiver.url)

    assert done.stdout == "False 2\n"
    assert "2 spans not delivered" in done.stderr
    assert done.stderr.rstrip().endswith("it rejected them: too old")


def test_a_server_cannot_reject_more_than_was_sent(receiver: Receiver, run_agent: RunAgent) -> None:
    receiver.headers = {"Content-Type": PROTOBUF}
    receiver.answer = partly(2**40).SerializeToString()

    assert run_agent(AGENT, receiver.url).stdout == "False 5\n"


@pytest.mark.parametrize(
    ("kind", "body"),
    [(PROTOBUF, b""), ("application/json; charset=utf-8", b"{}"), ("", b"")],
)
def test_what_otlp_servers_answer_is_a_delivery(
    receiver: Receiver, run_agent: RunAgent, kind: str, body: bytes
) -> None:
    receiver.headers = {"Content-Type": kind} if kind else {}
    receiver.answer = body

    done = run_agent(AGENT, receiver.url)

    assert (done.stdout, done.stderr) == ("True 0\n", "")


def test_a_warning_of_the_server_without_rejections_is_a_delivery(
    receiver: Receiver, run_agent: RunAgent
) -> None:
    receiver.headers = {"Content-Type": PROTOBUF}
    receiver.answer = partly(0, "you should send less").SerializeToString()

    assert run_agent(AGENT, receiver.url).stdout == "True 0\n"


def test_a_refusal_is_told_with_its_status(receiver: Receiver, run_agent: RunAgent) -> None:
    receiver.status = 401

    done = run_agent(AGENT, receiver.url)

    assert done.stdout == "False 5\n"
    assert done.stderr.rstrip().endswith("it answered 401")
