"""A model to judge with, on this machine: OpenAI's chat completions, answering as a test says.

    with JudgeServer(lambda request: verdict(correct="5")) as server:
        …  # point judges.NAME.base_url at server.url
        assert len(server.requests) == 1

The script is a function of the request, called in the order in which requests come in. It can
answer well, badly, late, not at all, or with anything that a server can send.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, TypeAlias

from roadworthy.base.codec import Json

TOKENS = (1000, 100)
"""Tokens in and out that an answer says it used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRequest:
    """What a judge was asked."""

    number: int  # from 0, over all requests
    model: str
    system: str
    user: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]  # names in lower case

    @property
    def material(self) -> dict[str, Any]:
        """What was to be judged."""
        found: dict[str, Any] = json.loads(self.user.splitlines()[1])
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeReply:
    """What the server sends. `hangs`: it says nothing until the server is closed."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False


Script: TypeAlias = Callable[[JudgeRequest], JudgeReply]


def verdict(
    *, reason: str = "because", quotes: tuple[str, ...] = (), **answers: str | int
) -> JudgeReply:
    """A verdict as it was asked for: criterion by criterion, with one reason for all."""
    criteria = {
        name: {"reason": reason, "quotes": list(quotes), "answer": answer}
        for name, answer in answers.items()
    }
    return says(json.dumps({"criteria": criteria}))


def says(
    text: str | None, *, refusal: str | None = None, tokens: tuple[int, int] | None = TOKENS
) -> JudgeReply:
    """A completion with this text; `tokens` of `None` leaves the usage out."""
    message: dict[str, Json] = {"role": "assistant", "content": text}
    if refusal is not None:
        message["refusal"] = refusal
    said: dict[str, Json] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "judge",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    if tokens is not None:
        sent, got = tokens
        said["usage"] = {
            "prompt_tokens": sent,
            "completion_tokens": got,
            "total_tokens": sent + got,
        }
    return JudgeReply(body=json.dumps(said).encode())


def refuses() -> JudgeReply:
    """The provider's own word that the model declined."""
    return says(None, refusal="I cannot help with that.")


def fails(status: int, *, retry_after: str | None = None, code: str = "failed") -> JudgeReply:
    """An error as OpenAI sends it."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    error = {"error": {"message": "no", "type": "error", "code": code}}
    return JudgeReply(status=status, body=json.dumps(error).encode(), headers=headers)


def hangs() -> JudgeReply:
    """No answer, for as long as anyone waits."""
    return JudgeReply(hangs=True)


class JudgeServer:
    """Serves a script on loopback while it is open."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self.requests: list[JudgeRequest] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.judge = self
        self._thread = threading.Thread(target=self._serve, name="judge server", daemon=True)

    @property
    def url(self) -> str:
        """For `judges.NAME.base_url`."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.01)

    def reply_to(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> JudgeReply:
        """The script's answer to a request, which is kept in `requests`."""
        with self._lock:
            request = JudgeRequest(
                number=len(self.requests),
                model=str(body.get("model")),
                system=_said(body, "system") or _said(body, "developer"),
                user=_said(body, "user"),
                body=body,
                headers=headers,
            )
            self.requests.append(request)
            reply = self.script(request)
        if reply.hangs:
            self._closing.wait()
        return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    judge: JudgeServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that has stopped waiting is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        body = json.loads(self.rfile.read(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.judge.reply_to(body, headers)
        if reply.hangs:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep tests quiet."""


def _said(body: Mapping[str, Any], role: str) -> str:
    texts = [one["content"] for one in body.get("messages", []) if one.get("role") == role]
    return "\n".join(str(text) for text in texts)
