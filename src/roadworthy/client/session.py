"""`roadworthy.session`: one piece of an agent's work, as an ``invoke_agent`` span.

Inside, `@tool` calls and whatever else is traced become its children, and `record_message`
adds to the conversation that the trace shows. Where nothing is traced, all of it does nothing.
"""

import inspect
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from functools import wraps
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar

from opentelemetry import trace

from roadworthy.base.codec import Json, encode
from roadworthy.records import semconv

P = ParamSpec("P")
R = TypeVar("R")

MOST_MESSAGES: Final = 10_000
MOST_CHARACTERS: Final = 2_000_000
"""Of all messages of a session; those after it are left out and counted on the span."""
USER_ID: Final = "user.id"
_TRACER: Final = "roadworthy.session"

_here: ContextVar["Session | None"] = ContextVar("roadworthy_session", default=None)


class Session:
    """A context manager, entered once at a time, and a decorator; made by `session`."""

    def __init__(
        self,
        id: str | None,  # noqa: A002 - what users write
        attributes: Mapping[str, str | bool | int | float],
    ) -> None:
        self.id = id  # once entered, that of the outer session if it has none of its own
        self._asked = id
        self._attributes = dict(attributes)
        self._messages: list[Json] = []
        self._characters = self._left_out = 0
        self._adding = threading.RLock()
        self._span: trace.Span = trace.INVALID_SPAN
        self._current: AbstractContextManager[trace.Span] | None = None
        self._token: Token[Session | None] | None = None

    def __enter__(self) -> Self:
        outer = _here.get()
        self.id = self._asked if self._asked is not None or outer is None else outer.id
        attributes = {semconv.OPERATION: semconv.INVOKE_AGENT, **self._attributes}
        if self.id is not None:
            attributes[semconv.CONVERSATION_ID] = self.id
        self._messages, self._characters, self._left_out = [], 0, 0
        self._span = trace.get_tracer(_TRACER).start_span("invoke_agent", attributes=attributes)
        self._current = trace.use_span(
            self._span, record_exception=False, set_status_on_exception=False
        )
        self._current.__enter__()
        self._token = _here.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            _here.reset(self._token)
            self._token = None
        if self._span.is_recording():
            self._note(error)
        if self._current is not None:
            self._current.__exit__(None, None, None)
            self._current = None
        self._span.end()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Run every call of `function`, sync or async, in a session of its own like this one.

        Raises:
            TypeError: it is a generator, whose work is done after the call.
        """
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f"{function.__qualname__} is a generator; use `with session()` in it")
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self._again():
                    return await function(*args, **kwargs)
        else:

            @wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self._again():
                    return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]  # of the same signature as `function`

    def record(self, role: str, text: str) -> None:
        """Add a message to the conversation."""
        if not self._span.is_recording():
            return
        text = str(text).encode("utf-8", "replace").decode()  # lone surrogates are no text
        with self._adding:
            self._characters += len(text)
            if self._characters > MOST_CHARACTERS or len(self._messages) >= MOST_MESSAGES:
                self._left_out += 1
                return
            part: Json = {"type": "text", "content": text}
            self._messages.append({"role": str(role), "parts": [part]})

    def _again(self) -> "Session":
        return Session(self._asked, self._attributes)

    def _note(self, error: BaseException | None) -> None:
        with self._adding:
            if self._messages:
                self._span.set_attribute(semconv.TRANSCRIPT, _written(self._messages))
            if self._left_out:
                self._span.set_attribute(semconv.MESSAGES_DROPPED, self._left_out)
        if error is not None:
            self._span.set_attribute(semconv.ERROR_TYPE, type(error).__qualname__)
            self._span.set_status(trace.StatusCode.ERROR, _said(error))


def session(
    id: str | None = None,  # noqa: A002 - what users write
    *,
    user: str | None = None,
    version: str | None = None,
    **attributes: str | bool | int | float,  # noqa: PYI041 - says what an attribute may be
) -> Session:
    """One piece of the agent's work; use with `with`, `async with` or as a decorator.

    Args:
        id: of the conversation, the same for all of its turns. A session inside another one
            belongs to the outer conversation unless it says otherwise.
        user: who is served; an id, not a name or an address.
        version: of the agent, where `instrument` was not told, or it differs.
        **attributes: further attributes of the span.
    """
    known = {USER_ID: user, semconv.AGENT_VERSION: version, "service.version": version}
    said = {name: value for name, value in known.items() if value is not None}
    return Session(id, {**attributes, **said})


def record_message(role: str, text: str) -> None:
    """Add a message (``user``, ``assistant``, ``system`` …) to the conversation of the session.

    Outside of any session it does nothing.
    """
    here = _here.get()
    if here is not None:
        here.record(role, text)


def _written(messages: list[Json]) -> str:
    return encode(messages).decode()


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - an agent's exception may fail to describe itself
        return ""
